import { expect, test } from "vitest";
import { picture } from "./browser";
import { begin, card, waitForRun } from "./conversation";
import { showDesktop } from "./desktop";
import { page, session } from "./fixture";
import { inSandbox } from "./sandbox";

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
  await expect.poll(() => message().inputValue()).toBe("for the agent");
  await desktop.and(page.locator("[data-driver=agent]")).waitFor();

  // What the desktop shows goes with the next message.
  await desktop.getByRole("button", { name: "Attach a picture of it to the message" }).click();
  await page.locator("[data-testid=attachments] [data-state=done]", { hasText: "desktop" }).waitFor();
  await picture(page, "desktop-attached");
  await message().fill("");
  session.allow(/409/);
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
  // What is looked at is in the page's address.
  await page.waitForURL(/port=5199.*path=%2Fother\.html/);
  await page.reload();
  await frame.getByRole("heading", { name: "Another page" }).waitFor();
  // Other cases may have left servers, too.
  await page.getByRole("tab", { name: /\d+ ports?/ }).waitFor();
  await picture(page, "preview");
  // The page in the frame is of another origin, which has nothing of this one.
  const cookies = await frame.locator("body").evaluate(() => document.cookie);
  expect(cookies).not.toContain("slipway");

  await preview.getByRole("combobox", { name: "Width" }).selectOption("phone");
  await expect.poll(() => preview.getByTestId("preview-frame").evaluate((one) => one.clientWidth)).toBe(390);
  await preview.getByRole("combobox", { name: "Width" }).selectOption("full");
  endServer();
  await preview.getByText("Nothing listens on port 5199 any more.").waitFor();
  session.allow(/favicon/);
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
});

test("tabs are as they were left when one comes back to them, and tell how many of theirs there are", async () => {
  // It is a change only where it was not there before.
  inSandbox("rm -rf /workspace/seen");
  await begin(page, "Please write one more file.");
  await waitForRun(page, "done");
  inSandbox("cd /workspace && mkdir -p kept && echo first > kept/a.txt && chmod -R a+rwX kept");
  const panel = page.getByRole("complementary", { name: "Side panel" });
  const tab = (name: string) => panel.getByRole("tab", { name });
  await page.goto(`${page.url().split("?")[0]}?panel=files&file=kept/a.txt`);
  const code = page.getByTestId("code");
  await code.getByText("first").click();
  await page.keyboard.press("End");
  await page.keyboard.type(" and more");
  await page.getByTestId("save-file").waitFor();
  await tab("Desktop").click();
  const desktop = page.getByTestId("panel-desktop");
  await desktop.and(page.locator("[data-state=connected]")).waitFor();
  await desktop.locator("canvas").evaluate((canvas) => canvas.setAttribute("data-known", "yes"));
  await tab("Changes").click();
  await page.getByTestId("panel-changes").waitFor();
  expect(await desktop.isVisible()).toBe(false);
  // Of what does not show, nothing goes on but the desktop's connection, for a while.
  expect(await page.getByTestId("panel-files").isVisible()).toBe(false);
  await tab("Changes").getByTestId("count").waitFor();
  await expect.poll(() => tab("Changes").getByTestId("count").innerText()).toMatch(/^1/);

  await tab("Desktop").click();
  await desktop.locator("canvas[data-known=yes]").waitFor();
  expect(await desktop.getAttribute("data-state")).toBe("connected");
  await tab("Files").click();
  await code.getByText("first and more").waitFor();
  await page.getByTestId("save-file").click();
  await expect.poll(() => inSandbox("cat /workspace/kept/a.txt")).toBe("first and more");

  await page.setViewportSize({ width: 390, height: 844 });
  await tab("Changes").click();
  await page.getByTestId("panel-changes").waitFor();
  await picture(page, "panel-phone");
  inSandbox("rm -r /workspace/kept");
});

test("the agent rests while the person drives, over a reload too, and goes on when told to or when control is given back", async () => {
  inSandbox("rm -f /workspace/gate-1 /workspace/gate-2");
  await begin(page, "Please pass the gates.");
  const running = (nth: number) =>
    card(page, "run_terminal_command", nth).and(page.locator("[data-status=running]")).waitFor();
  await running(0);
  await showDesktop(page);
  const desktop = page.getByTestId("panel-desktop");
  const drive = async () => {
    await desktop.and(page.locator("[data-state=connected]")).waitFor();
    await desktop.getByRole("button", { name: "Take control" }).click();
    await desktop.and(page.locator("[data-driver=you]")).waitFor();
    await desktop.getByTestId("pause-while-driving").click();
    await waitForRun(page, "pausing");
  };
  await drive();
  inSandbox("touch /workspace/gate-1");
  await waitForRun(page, "paused");
  await page.getByTestId("sidebar").getByRole("img", { name: "Paused" }).waitFor();
  await picture(page, "paused");

  await page.reload();
  await waitForRun(page, "paused");
  await page.getByTestId("resume").click();
  await running(1);
  await showDesktop(page);
  // The page that has driven is gone.
  await desktop.getByRole("button", { name: "Give back" }).click();
  await desktop.and(page.locator("[data-driver=agent]")).waitFor();
  await drive();
  inSandbox("touch /workspace/gate-2");
  await waitForRun(page, "paused");
  await desktop.getByRole("button", { name: "Give back" }).click();
  await page.getByText("Both gates are passed.").waitFor();
  await waitForRun(page, "done");
});
