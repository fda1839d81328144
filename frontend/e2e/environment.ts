/** What the Rust side tells these cases about the instance that it has started. */

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these cases through ./test`);
  return value;
}

export const environment = {
  /** Address of the UI, without a trailing slash. */
  url: variable("SLIPWAY_URL"),
  /** A login link that works once. */
  login: variable("SLIPWAY_LOGIN"),
  /** Address of the stand-alone desktop page. */
  desktopUrl: variable("SLIPWAY_DESKTOP_URL"),
  /** The sandbox's container, where a case does something there by itself. */
  sandbox: process.env.SLIPWAY_SANDBOX_CONTAINER ?? "",
  /** The gateway's container, where a case ends it. */
  control: process.env.SLIPWAY_CONTROL_CONTAINER ?? "",
  /** Where the scripted model tells what it was asked: `GET /requests`. */
  modelUrl: process.env.SLIPWAY_MODEL_URL ?? "",
  /** The scripted model as a provider: its address as the gateway reaches it, and its key. */
  providerUrl: process.env.SLIPWAY_PROVIDER_URL ?? "",
  providerKey: process.env.SLIPWAY_PROVIDER_KEY ?? "",
  /** The browser to drive. */
  chromium: process.env.CHROMIUM ?? "/usr/bin/chromium",
  /** Where pictures of failed cases go. */
  pictures: process.env.SLIPWAY_E2E_PICTURES ?? "",
};
