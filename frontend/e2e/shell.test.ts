import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { picture } from "./browser";
import { begin, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";
import { imported } from "./imported";
import { inSandbox } from "./sandbox";

const headers = { origin: environment.url };
const api = `${environment.url}/api/v1`;
const rows = () => page.getByTestId("conversation-row");
const idOf = (of: Page) => new URL(of.url()).pathname.slice("/c/".length);

/** Says the first message of a conversation in other words; gives the id of the branch. */
async function branch(id: string, text: string): Promise<string> {
  const { messages } = await (await page.request.get(`${api}/conversations/${id}`)).json();
  const made = await page.request.post(`${api}/conversations/${id}/messages/${messages[0].id}/branch`, {
    headers,
    data: { client_id: `${id}-${text}`.slice(-64), text },
  });
  expect(made.ok(), await made.text()).toBe(true);
  return ((await made.json()) as { conversation: { id: string } }).conversation.id;
}

test("branches are below what they come from, hidden until they are wanted, with the keyboard too", async () => {
  await begin(page, "hello from the root of all branches");
  await waitForRun(page, "done");
  const root = idOf(page);
  const twig = await branch(root, "hello from a branch");
  const row = (id: string) => rows().filter({ has: page.locator(`a[href*="${id}"]`) });
  const toggle = row(root).getByTestId("branch-toggle");
  await toggle.waitFor();
  // It was under way for a moment, and then stands where it belongs.
  await row(twig).waitFor({ state: "detached" });
  await toggle.click();
  await row(twig).waitFor();
  await expect.poll(() => row(twig).getAttribute("data-depth")).toBe("1");
  await expect.poll(() => toggle.getAttribute("aria-expanded")).toBe("true");
  await picture(page, "branches");
  await row(root).getByRole("link").focus();
  await page.keyboard.press("ArrowLeft");
  await row(twig).waitFor({ state: "detached" });
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await expect
    .poll(() =>
      row(twig)
        .getByRole("link")
        .evaluate((link) => link === document.activeElement),
    )
    .toBe(true);
  // Who looks at a branch sees it in the list without a click.
  await page.goto(`${environment.url}/c/${twig}`);
  await row(twig).waitFor();
});

test("a row tells what its conversation has cost while somebody points at it", async () => {
  await begin(page, "hello, how much is it?");
  await waitForRun(page, "done");
  const row = rows().filter({ has: page.locator(`a[href*="${idOf(page)}"]`) });
  await page.mouse.move(700, 400);
  expect(await page.getByTestId("row-cost").count()).toBe(0);
  await row.hover();
  await row
    .getByTestId("row-cost")
    .getByText(/\$|tokens/)
    .waitFor();
  await page.mouse.move(700, 400);
  await page.getByTestId("row-cost").waitFor({ state: "detached" });
});

test("the palette finds files of the workspace and parts of the settings beside actions and conversations", async () => {
  inSandbox("mkdir -p /workspace/harbour && echo 'fn moor() {}' > /workspace/harbour/mooring.rs");
  await begin(page, "hello, mooring please");
  await waitForRun(page, "done");
  const palette = page.getByTestId("palette");
  const option = (text: string) => palette.getByRole("option").filter({ hasText: text });
  await page.keyboard.press("Control+k");
  await palette.getByRole("combobox").fill("mooring");
  await option("mooring.rs").waitFor();
  await option("hello, mooring please").first().waitFor();
  await picture(page, "palette-files");
  await option("mooring.rs").click();
  await page.getByTestId("panel-files").getByText("fn moor() {}").waitFor();

  await page.keyboard.press("Control+k");
  await palette.getByRole("combobox").fill("notifica");
  await option("Notifications").click();
  await page.waitForURL(/\/settings#notifications$/);
  const heading = page.getByRole("heading", { name: "Notifications" });
  await expect.poll(async () => (await heading.boundingBox())?.y ?? -1).toBeGreaterThan(0);
  await expect.poll(async () => (await heading.boundingBox())?.y ?? 9_999).toBeLessThan(900);
});

/** Has a conversation work that the page does not look at. */
async function elsewhere(title: string, text: string): Promise<string> {
  const made = await page.request.post(`${api}/conversations`, { headers, data: { title } });
  const { id } = (await made.json()) as { id: string };
  await page.getByTestId("sidebar").locator(`a[href*="${id}"]`).waitFor();
  const data = { client_id: id, text, mode: "queue", attachments: [] };
  expect((await page.request.post(`${api}/conversations/${id}/messages`, { headers, data })).status()).toBe(
    202,
  );
  return id;
}

test("what happens elsewhere is kept in a list until it is read, over a reload too", async () => {
  const title = `Told once ${Date.now()}`;
  await page.goto(`${environment.url}/settings`);
  const id = await elsewhere(title, "hello, tell me later");
  const bell = page.getByTestId("notices").first();
  await expect.poll(() => bell.getAttribute("aria-label")).toMatch(/new notice/);
  await page.reload();
  await bell.click();
  const line = page.getByTestId("notice-line").filter({ hasText: title });
  await line.and(page.locator("[data-read=false]")).waitFor();
  await picture(page, "notices");
  await line.getByRole("link").click();
  await page.waitForURL(`**/c/${id}`);
  await waitForRun(page, "done");
  // The message takes the focus when the conversation is there, which would close the list.
  const box = page.getByTestId("composer").getByRole("textbox");
  await expect.poll(() => box.evaluate((area) => area === document.activeElement)).toBe(true);
  await bell.click();
  await line.and(page.locator("[data-read=true]")).waitFor();
  await page.getByTestId("notice-list").getByRole("button", { name: "Clear" }).click();
  await page.getByText("Nothing yet.").waitFor();
  await page.keyboard.press("Escape");
});

test("on a phone a finger goes from pane to pane, but not over what scrolls sideways", async () => {
  const wide = `| ${Array.from({ length: 30 }, (_, n) => `column ${n}`).join(" | ")} |`;
  const rule = `|${"---|".repeat(30)}`;
  const id = await imported(page, "A wide table", [
    { user: "A table." },
    { text: `${wide}\n${rule}\n${wide}` },
  ]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${environment.url}/c/${id}?panel=none`);
  await page.getByTestId("part-text").locator("table").waitFor();
  const finger = await page.context().newCDPSession(page);
  const swipe = async (from: number, to: number, y: number) => {
    const at = (x: number) => [{ x, y }];
    await finger.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(from) });
    await finger.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at((from + to) / 2) });
    await finger.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(to) });
    await finger.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
  const panel = () => new URL(page.url()).searchParams.get("panel");
  const table = await page.getByTestId("part-text").locator("table").boundingBox();
  await swipe(330, 60, (table?.y ?? 0) + 10);
  expect(panel()).toBe("none");
  await swipe(330, 60, 500);
  await expect.poll(panel).toBe("changes");
  await swipe(60, 330, 500);
  await expect.poll(panel).toBe("none");
  // There is nothing before the conversation.
  await swipe(60, 330, 500);
  expect(panel()).toBe("none");
});

test("a conversation goes on in a new one, with a handover to look through first", async () => {
  await begin(page, "hello, this is the task");
  await waitForRun(page, "done");
  const old = idOf(page);
  await page.getByRole("button", { name: "More about this conversation" }).click();
  await page.getByRole("menuitem", { name: "Continue in new conversation" }).click();
  await page.waitForURL((url) => url.pathname.startsWith("/c/") && !url.pathname.endsWith(old));
  const box = page.getByTestId("composer").getByRole("textbox");
  await expect.poll(() => box.inputValue()).toContain(`/c/${old})`);
  const text = await box.inputValue();
  expect(text).toContain("hello, this is the task");
  expect(text).toContain("Hello from the script.");
  // Nothing is sent until the person has looked at it.
  expect(await page.getByTestId("turn-user").count()).toBe(0);
  await box.press("Enter");
  await waitForRun(page, "done");
  // Each of the two leads to the other, also after a reload.
  const made = idOf(page);
  await page.reload();
  await page.getByTestId("notice-link").click();
  await page.waitForURL((url) => url.pathname.endsWith(old));
  await page.getByTestId("notice-link").click();
  await page.waitForURL((url) => url.pathname.endsWith(made));
});
