import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { newPage } from "./browser";
import { browser, stage } from "./fixture";

let page: Page;

beforeEach(async () => {
  page = await newPage(browser);
});

const textbox = () => page.getByTestId("composer").getByRole("textbox");
const missing = () => page.getByTestId("missing-part");

async function open(path: string): Promise<void> {
  await page.goto(stage.url + path);
  await textbox().waitFor();
}

test("a pane that could not be loaded is loaded when it is asked for again, and nothing typed is lost", async () => {
  stage.lost = /changes-pane/;
  await open("/c/conv_demo?panel=changes");
  await missing().waitFor();
  await textbox().fill("typed during the outage");
  await missing().getByRole("button", { name: "Try again" }).click();
  await missing().getByText("This could not be loaded.").waitFor();
  stage.lost = null;
  await missing().getByRole("button", { name: "Try again" }).click();
  await page.getByTestId("panel-changes").waitFor();
  const inPanel = () => page.evaluate(() => document.activeElement?.closest("aside") !== null);
  await expect.poll(inPanel).toBe(true);
  expect(await textbox().inputValue()).toBe("typed during the outage");
});

test("what was missed in an outage comes by itself when Slipway answers again", async () => {
  await open("/c/conv_demo?panel=files");
  await page.getByRole("treeitem").first().waitFor();
  stage.lost = /assets/;
  stage.vanish();
  await page.getByRole("tab", { name: "Changes" }).click();
  await missing().waitFor();
  stage.lost = null;
  stage.refused.delete("/events");
  await page.getByTestId("panel-changes").waitFor();
});

test("a page that could not be loaded leaves the one before in its place until it can, and does not load it anew", async () => {
  await open("/c/conv_demo?panel=none");
  await page.evaluate(() => Object.assign(window, { before: true }));
  stage.lost = /settings-/;
  await page.getByRole("link", { name: "Settings" }).click();
  await missing().waitFor();
  stage.lost = null;
  await missing().getByRole("button", { name: "Try again" }).click();
  await page.getByTestId("settings").waitFor();
  expect(await page.evaluate(() => "before" in window), "the page was not loaded anew").toBe(true);
});

test("what opens over the page says over it that it could not be loaded, and gives the focus back", async () => {
  await open("/c/conv_demo?panel=none");
  stage.lost = /assets\/palette-/;
  await page.getByTestId("timeline").focus();
  await page.keyboard.press("Control+k");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("This could not be loaded.").waitFor();
  const focused = (inside: string) =>
    page.evaluate((selector) => document.activeElement?.closest(selector) !== null, inside);
  expect(await focused("dialog")).toBe(true);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await focused("[data-testid=timeline]")).toBe(true);
  stage.lost = null;
  await page.keyboard.press("Control+k");
  await page.getByTestId("palette").waitFor();
});

test("styles that could not be loaded come with the part that wanted them", async () => {
  stage.lost = /shell-view[^/]*\.css/;
  await open("/c/conv_demo?panel=terminal");
  await page.getByRole("tab", { name: "Server" }).click();
  await missing().waitFor();
  stage.lost = null;
  await missing().getByRole("button", { name: "Try again" }).click();
  await page.getByTestId("shell").waitFor();
  const styled = () => page.locator(".xterm-helpers").evaluate((at) => getComputedStyle(at).position);
  expect(await styled()).toBe("absolute");
});

test("after an update a page of the version before is loaded anew, unless something was typed in it", async () => {
  await open("/c/conv_demo?panel=none");
  await page.evaluate(() => Object.assign(window, { before: true }));
  stage.renewed = true;
  stage.lost = /assets\/palette-/;
  await textbox().fill("Half a");
  await page.getByTestId("timeline").focus();
  await page.keyboard.press("Control+k");
  await page.getByText("Slipway was updated").waitFor();
  await page.getByRole("button", { name: "Reload" }).waitFor();
  expect(await page.evaluate(() => "before" in window)).toBe(true);
});
