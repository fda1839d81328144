import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { picture } from "./browser";
import { environment } from "./environment";
import { page } from "./fixture";

const docker = (...order: string[]) => execFileSync("docker", [...order, environment.sandbox]);

const step = (name: string, state?: string) =>
  page.locator(`[data-testid=setup-step][data-step=${name}]${state ? `[data-state=${state}]` : ""}`);

const sandbox = (attached: boolean) => page.locator(`[data-testid=setup-sandbox][data-attached=${attached}]`);

test("the set-up is opened again from the settings, and shows how far everything is", async () => {
  await page.goto(`${environment.url}/settings#about`);
  await page.getByRole("link", { name: "Set-up" }).click();
  await page.waitForURL(/\/setup$/);
  for (const name of ["account", "model"]) await step(name, "done").waitFor();
  await sandbox(true).waitFor();
  await step("account", "done")
    .getByText(/Only this machine/)
    .waitFor();

  // What is done is folded up.
  const about = step("account").locator("details");
  expect(await about.count()).toBe(0);
  await page.getByRole("button", { name: /^Who may use it/ }).focus();
  await page.keyboard.press("Enter");
  await about.first().waitFor();
  await page.keyboard.press("Enter");
  await about.first().waitFor({ state: "detached" });
  await picture(page, "setup");

  await page.getByRole("button", { name: "Start working" }).click();
  await page.getByTestId("composer").waitFor();
});

test("FE-92 while the sandbox is away step 1 explains it and notices by itself when it is back", async () => {
  await page.goto(`${environment.url}/setup`);
  await sandbox(true).waitFor();
  // A page that was loaded anew would not have it.
  await page.evaluate(() => document.body.setAttribute("data-kept", ""));
  try {
    docker("stop");
    await sandbox(false).waitFor();
    const away = step("environment", "problem");
    await away.waitFor();
    await away.getByText(/slipway logs/).waitFor();
    const words = await away.innerText();
    for (const part of [
      "not attached",
      "its connection is gone",
      "whether Docker runs",
      "Port of this page",
      "Disk of the data",
    ])
      expect(words).toContain(part);
    await picture(page, "setup-away");
  } finally {
    docker("start");
    await sandbox(true).waitFor({ timeout: 60_000 });
  }
  await page.getByText("its connection is gone").waitFor({ state: "detached" });
  expect(await page.locator("body[data-kept]").count()).toBe(1);
});
