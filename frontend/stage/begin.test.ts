import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { violations } from "./axe";
import { newPage, pageInRealTime } from "./browser";
import { browser, stage } from "./fixture";
import { NOW } from "./pieces";

let page: Page;

beforeEach(async () => {
  page = await newPage(browser);
});

const composer = () => page.getByTestId("composer");
const alert = () => page.getByRole("alert");

/** One of the many files that the page's own script imports. */
const IMPORTED = (() => {
  const html = readFileSync(join(import.meta.dirname, "../dist/index.html"), "utf8");
  const entry = /src="\/(assets\/index-[^"]+)"/.exec(html)?.[1] ?? "";
  const script = readFileSync(join(import.meta.dirname, "../dist", entry), "utf8");
  return new RegExp(/from"\.\/([\w-]+\.js)"/.exec(script)?.[1] ?? "none");
})();

test.each([
  ["its script", /assets\/index-/],
  ["a file that this imports", IMPORTED],
  ["its styles", /assets\/.*\.css/],
])("a page that begins without %s says so, and is there once it can be had", async (_what, lost) => {
  stage.lost = lost;
  await page.goto(`${stage.url}/c/conv_demo`);
  await alert().getByText("a part of this page did not come").waitFor();
  stage.lost = null;
  await alert().waitFor({ state: "detached" });
  await composer().waitFor();
  const shown = () => composer().evaluate((element) => getComputedStyle(element).paddingLeft);
  await expect.poll(shown, { message: "with its styles" }).not.toBe("0px");
});

/** From here on time stands still in the page but for what `pass` lets pass: nothing is tried while it is looked at. */
async function holdTime(): Promise<void> {
  page = await pageInRealTime(browser);
  await page.clock.install({ time: NOW });
  await page.clock.pauseAt(NOW + 60_000);
}

const pass = (seconds: number) => page.clock.runFor(seconds * 1_000);

test("it is tried again more and more seldom, at once when asked for, and in the language that was chosen", async () => {
  await holdTime();
  await page.addInitScript(() => localStorage.setItem("slipway.language", "de"));
  stage.lost = /assets\/index-/;
  await page.goto(stage.url);
  const again = alert().getByRole("button", { name: "Erneut versuchen" });
  for (const seconds of [1, 2]) {
    await alert().getByText(`Neuer Versuch in ${seconds} s.`).waitFor();
    await again.click();
  }
  for (const seconds of [5, 10, 30, 30]) {
    await alert().getByText(`Neuer Versuch in ${seconds} s.`).waitFor();
    const loaded = page.waitForEvent("load");
    await pass(seconds);
    await loaded;
  }
  await alert().waitFor();
  // What looks for faults needs time that passes; offline no attempt takes the page away from it.
  await page.context().setOffline(true);
  await page.clock.resume();
  expect(await violations(page)).toEqual([]);
  stage.lost = null;
  await page.context().setOffline(false);
  await again.click();
  await composer().waitFor();
  // That it began ends the counting.
  stage.lost = /assets\/index-/;
  await page.reload();
  await alert().getByText("Neuer Versuch in 1 s.").waitFor();
});

test("while nobody answers the words stay, and the page is there when somebody does", async () => {
  await holdTime();
  stage.lost = /assets\/index-/;
  await page.goto(stage.url);
  await alert().getByText("in 1 s.").waitFor();
  await page.context().setOffline(true);
  await pass(1);
  await alert().getByText("in 2 s.").waitFor();
  await pass(2);
  await alert().getByText("in 5 s.").waitFor();
  stage.lost = null;
  await page.context().setOffline(false);
  await pass(5);
  await composer().waitFor();
});

test("without JavaScript the page says what it needs", async () => {
  page = await pageInRealTime(browser, { javaScriptEnabled: false });
  await page.goto(stage.url);
  expect(await page.locator("noscript").boundingBox()).not.toBeNull();
});
