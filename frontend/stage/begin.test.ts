import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { violations } from "./axe";
import { newPage, pageInRealTime } from "./browser";
import { browser, stage } from "./fixture";

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
  expect(await shown(), "with its styles").not.toBe("0px");
});

test("it is tried again more and more seldom, at once when asked for, and in the language that was chosen", async () => {
  await page.addInitScript(() => localStorage.setItem("slipway.language", "de"));
  stage.lost = /assets\/index-/;
  await page.goto(stage.url);
  for (const seconds of [1, 2, 5]) {
    await alert().getByText(`Neuer Versuch in ${seconds} s.`).waitFor();
    await alert().getByRole("button", { name: "Erneut versuchen" }).click();
  }
  await alert().getByText("Neuer Versuch in 10 s.").waitFor();
  expect(await violations(page)).toEqual([]);
  stage.lost = null;
  await alert().getByRole("button", { name: "Erneut versuchen" }).click();
  await composer().waitFor();
  // That it began ends the counting.
  stage.lost = /assets\/index-/;
  await page.reload();
  await alert().getByText("Neuer Versuch in 1 s.").waitFor();
});

test("while nobody answers the words stay, and the page is there when somebody does", async () => {
  page = await pageInRealTime(browser);
  stage.lost = /assets\/index-/;
  await page.goto(stage.url);
  await alert().waitFor();
  await page.context().setOffline(true);
  await alert().getByText("in 5 s.").waitFor();
  stage.lost = null;
  await page.context().setOffline(false);
  await composer().waitFor();
});

test("without JavaScript the page says what it needs", async () => {
  page = await pageInRealTime(browser, { javaScriptEnabled: false });
  await page.goto(stage.url);
  expect(await page.locator("noscript").boundingBox()).not.toBeNull();
});
