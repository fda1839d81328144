import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { picture, Session } from "./browser";
import { begin, waitForRun } from "./conversation";
import { showDesktop } from "./desktop";
import { inSandbox } from "./sandbox";

let session: Session;
let page: Page;

beforeAll(async () => {
  session = await Session.start();
});

afterAll(() => session.end());

beforeEach(async () => {
  session.faults.length = 0;
  page = await session.page();
});

afterEach(async ({ task }) => {
  await session.tellIfFailed(task);
  await page.close();
});

/** Ends the server that the agent has started, if it has. */
const endServer = () =>
  inSandbox("cd /workspace && test ! -e served/pid || { kill $(cat served/pid); rm served/pid; }");

const message = () => page.getByTestId("composer").getByRole("textbox");

test("FE-70 after Ctrl+Alt+Shift what is typed goes to the message, and so does a picture of the desktop", async () => {
  await begin(page, "Give me a hello, please: hello");
  await waitForRun(page, "done");
  await showDesktop(page);
  const desktop = page.getByTestId("panel-desktop");
  await desktop.and(page.locator("[data-state=connected]")).waitFor();
  await desktop.getByRole("button", { name: "Take control" }).click();
  await desktop.and(page.locator("[data-driver=you]")).waitFor();
  await desktop.locator("canvas").click();
  await page.keyboard.type("x");
  expect(await message().inputValue()).toBe("");
  await page.keyboard.press("Control+Alt+Shift");
  await page.keyboard.type("for the agent");
  expect(await message().inputValue()).toBe("for the agent");
  await desktop.and(page.locator("[data-driver=agent]")).waitFor();

  // What the desktop shows goes with the next message.
  await desktop.getByRole("button", { name: "Attach a picture of it to the message" }).click();
  await page.locator("[data-testid=attachments] [data-state=done]", { hasText: "desktop" }).waitFor();
  await picture(page, "desktop-attached");
  await message().fill("");
  expect(session.faults.filter((fault) => !fault.includes("409"))).toEqual([]);
});

test("what a program of the agent serves is shown in a frame of its own, by path, and that it is gone is said", async () => {
  endServer();
  await begin(page, "Please serve a page.");
  await waitForRun(page, "done");
  await page.goto(`${page.url().split("?")[0]}?panel=ports`);
  const preview = page.getByTestId("panel-ports");
  await preview.getByRole("button", { name: "5199" }).click();
  const frame = preview.frameLocator("[data-testid=preview-frame]");
  await frame.getByRole("heading", { name: "Served by the agent" }).waitFor();
  await preview.locator("[data-testid=preview-frame][data-loaded=true]").waitFor();
  await preview.getByRole("textbox", { name: "Path" }).fill("/other.html");
  await preview.getByRole("textbox", { name: "Path" }).press("Enter");
  await frame.getByRole("heading", { name: "Another page" }).waitFor();
  await picture(page, "preview");
  // The page in the frame is of another origin, which has nothing of this one.
  const cookies = await frame.locator("body").evaluate(() => document.cookie);
  expect(cookies).not.toContain("slipway");

  await preview.getByRole("combobox", { name: "Width" }).selectOption("phone");
  expect(await preview.getByTestId("preview-frame").evaluate((one) => one.clientWidth)).toBe(390);
  await preview.getByRole("combobox", { name: "Width" }).selectOption("full");
  endServer();
  await preview.getByText("Nothing listens on port 5199 any more.").waitFor();
  expect(session.faults.filter((fault) => !fault.includes("favicon"))).toEqual([]);
});

test("tab, width and file of the panel are kept, a second click on the open tab closes it", async () => {
  await begin(page, "Give me a hello, please: hello");
  await waitForRun(page, "done");
  const address = page.url().split("?")[0] ?? "";
  await page.goto(`${address}?panel=context`);
  const panel = page.getByRole("complementary", { name: "Side panel" });
  await panel.waitFor();
  const edge = panel.getByRole("separator");
  const before = Number(await edge.getAttribute("aria-valuenow"));
  await edge.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await panel.getByRole("tab", { name: "Files" }).click();
  await page.getByTestId("panel-files").waitFor();
  // Without a word in the address the tab that was open last is open.
  await page.goto(address);
  await page.getByTestId("panel-files").waitFor();
  expect(Number(await edge.getAttribute("aria-valuenow"))).toBe(before + 64);
  await panel.getByRole("tab", { name: "Context" }).click();
  await panel.getByRole("tab", { name: "Context", selected: true }).waitFor();
  await panel.getByRole("tab", { name: "Context" }).click();
  await panel.waitFor({ state: "detached" });
  await page.waitForURL(/[?&]panel=none/);

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("navigation", { name: "Side panel" }).getByRole("button", { name: "Changes" }).click();
  await page.getByTestId("panel-changes").waitFor();
  await page.getByRole("navigation", { name: "Side panel" }).getByRole("button", { name: "Chat" }).click();
  await message().waitFor();
  expect(session.faults).toEqual([]);
});
