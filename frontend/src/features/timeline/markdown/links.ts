/** What an address may begin with; all others could run code or leave the browser. */
const SAFE = /^(https?|ircs?|mailto|xmpp|tel)$/i;

/** The address, if following it does no harm; relative ones are. */
export function safeAddress(address: string): string {
  const scheme = /^([^/?#:]*):/.exec(address)?.[1];
  return scheme === undefined || SAFE.test(scheme) ? address : "";
}

/** The host that an absolute address leads to. */
export function hostOf(address: string | undefined): string | undefined {
  try {
    return address ? new URL(address).host : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an image comes from this origin or from its address itself. */
export function isOwnImage(src: string): boolean {
  if (src.startsWith("data:image/")) return true;
  try {
    return safeAddress(src) !== "" && new URL(src, location.href).origin === location.origin;
  } catch {
    return false;
  }
}
