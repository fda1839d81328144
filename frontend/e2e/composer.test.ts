import { expect, test } from "vitest";
import { begin, card, say, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page, session } from "./fixture";
import { imported } from "./imported";
import { keepsPromise } from "./promise";
import { inSandbox } from "./sandbox";

const box = () => page.getByTestId("composer").getByRole("textbox");
const turns = () => page.getByTestId("turn-user");

/** How often the model was asked for an answer to a message with these words. */
async function askedFor(words: string): Promise<number> {
  const answer = await page.request.get(`${environment.modelUrl}/requests`);
  const requests = (await answer.json()) as { messages: { role: string; content: unknown }[] }[];
  const last = requests.map(({ messages }) => messages.findLast(({ role }) => role === "user"));
  return last.filter((message) => JSON.stringify(message?.content ?? "").includes(words)).length;
}

test("FE-50 Enter that belongs to an input method does not send", async () => {
  await begin(page, "Give me a hello, please: hello");
  await waitForRun(page, "done");
  await box().fill("かな");
  const taken = await box().evaluate((element) =>
    [{ isComposing: true }, { keyCode: 229 }].map((how) => {
      const event = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...how });
      return !element.dispatchEvent(event);
    }),
  );
  expect(taken).toEqual([false, false]);
  expect(await box().inputValue()).toBe("かな");
  expect(await turns().count()).toBe(1);
  await box().fill("");
});

test("FE-52 three queued messages are there after a stop, and are sent only when the person says so", async () => {
  const words = `wait-${Date.now()}`;
  await begin(page, `Now sleep for long. ${words}`);
  await card(page, "run_terminal_command").and(page.locator("[data-status=running]")).waitFor();
  for (const n of [1, 2, 3]) {
    await say(page, `hello ${words}-${n}`);
    await page.getByTestId("queue").getByText(`hello ${words}-${n}`).waitFor();
  }
  await page.getByTestId("stop").click();
  await waitForRun(page, "stopped");
  const lines = page.getByTestId("queue").getByRole("listitem");
  expect(await lines.count()).toBe(3);
  await page.reload();
  await lines.nth(2).waitFor();
  expect(await askedFor(`hello ${words}`)).toBe(0);
  await lines.first().getByRole("button", { name: "Send now" }).click();
  await page.getByTestId("timeline").getByText(`hello ${words}-1`).waitFor();
  await expect.poll(() => askedFor(`hello ${words}-1`)).toBe(1);
});

test("FE-53 a stop is confirmed soon, and after that the model is asked nothing more", async () => {
  const words = `halt-${Date.now()}`;
  let runs = 0;
  await keepsPromise("FE-53 stopped", 2_000, async () => {
    runs += 1;
    await begin(page, `Now sleep for long. ${words}`);
    await card(page, "run_terminal_command").and(page.locator("[data-status=running]")).waitFor();
    expect(await askedFor(words)).toBe(runs);
    const began = Date.now();
    await page.getByTestId("stop").click();
    await waitForRun(page, "stopped");
    return Date.now() - began;
  });
  // Another run from its beginning to its end leaves time for what must not come.
  await say(page, "hello again");
  await page.getByTestId("timeline").getByText("Hello from the script.").waitFor();
  await waitForRun(page, "done");
  expect(await askedFor(words)).toBe(runs);
});

test("FE-54 a double click on Send sends one message", async () => {
  await begin(page, "Give me a hello, please: hello");
  await waitForRun(page, "done");
  await box().fill("hello twice");
  await page.getByTestId("send").dblclick();
  await turns().filter({ hasText: "hello twice" }).waitFor();
  await waitForRun(page, "done");
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const outline = await page.request.get(`${environment.url}/api/v1/conversations/${id}/outline`);
  const said = ((await outline.json()) as { text: string }[]).map(({ text }) => text);
  expect(said).toEqual(["Give me a hello, please: hello", "hello twice"]);
});

test("with the other choice Enter starts a line, and Ctrl+Enter sends", async () => {
  const id = await imported(page, "Keys", [{ user: "One." }, { text: "Two." }]);
  await page.goto(`${environment.url}/settings`);
  await page.getByLabel("A message is sent with").selectOption("modEnter");
  await page.goto(`${environment.url}/c/${id}`);
  await box().fill("hello");
  await box().press("Enter");
  await box().pressSequentially("there");
  await expect.poll(() => box().inputValue()).toBe("hello\nthere");
  await box().press("Control+Enter");
  await page.getByTestId("timeline").getByText("Hello from the script.").waitFor();
  await page.goto(`${environment.url}/settings`);
  await page.getByLabel("A message is sent with").selectOption("enter");
});

test("while a run goes on, the arrow up in an empty message changes the last one that waits", async () => {
  await begin(page, "Now sleep for long.");
  await card(page, "run_terminal_command").and(page.locator("[data-status=running]")).waitFor();
  await say(page, "hello, wait");
  const queue = page.getByTestId("queue");
  await queue.getByText("hello, wait").waitFor();
  await box().press("ArrowUp");
  const words = queue.getByRole("textbox");
  await words.fill("hello, wait longer");
  await words.press("Enter");
  await words.waitFor({ state: "detached" });
  await queue.getByText("hello, wait longer").waitFor();
  await box().focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await waitForRun(page, "stopped");
});

test("a stop that does not come about offers a harder way after a while", async () => {
  await begin(page, "Now sleep for long.");
  await card(page, "run_terminal_command").and(page.locator("[data-status=running]")).waitFor();
  // The gateway never hears of the stop.
  await page.route("**/stop", (route) => route.fulfill({ status: 202 }));
  await page.getByTestId("stop").click();
  await page.getByTestId("stop").getByText("Stopping…").waitFor();
  await page.getByTestId("force-stop").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/kills every process/).waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.unroute("**/stop");
  const id = new URL(page.url()).pathname.split("/").at(-1);
  await page.request.post(`${environment.url}/api/v1/conversations/${id}/stop`);
  await waitForRun(page, "stopped");
});

test("a message that is refused keeps its words, and is sent again when the person says so", async () => {
  await begin(page, "Give me a hello, please: hello");
  await waitForRun(page, "done");
  await page.route("**/messages", (route) =>
    route.fulfill({
      status: 507,
      contentType: "application/problem+json",
      body: JSON.stringify({ code: "storage_full", title: "The disk is full", status: 507 }),
    }),
  );
  await say(page, "hello once more");
  const unsent = turns().filter({ hasText: "hello once more" });
  await unsent.getByRole("button", { name: "Try again" }).waitFor();
  await page.unroute("**/messages");
  await unsent.getByRole("button", { name: "Try again" }).click();
  await page.getByTestId("timeline").getByText("Hello from the script.").nth(1).waitFor();
  await waitForRun(page, "done");
  session.allow(/507/);
});

test("without a model of one's own the way to add one is there, and what was written stays", async () => {
  await page.route("**/api/v1/providers", async (route) => {
    const answer = await route.fetch();
    const list = (await answer.json()) as { providers: { scripted: boolean }[] };
    const providers = list.providers.filter(({ scripted }) => scripted);
    await route.fulfill({ response: answer, json: { ...list, providers } });
  });
  await page.goto(`${environment.url}/`);
  await box().fill("What I want.");
  await page.getByTestId("add-model").getByRole("link").click();
  await page.waitForURL(/\/setup$/);
  await page.goBack();
  await expect.poll(() => box().inputValue()).toBe("What I want.");
  await box().fill("");
});

test("a file anywhere below is mentioned by some letters of its path, and a directory leads to what is in it", async () => {
  inSandbox("mkdir -p /workspace/lights/coast && echo on > /workspace/lights/coast/beacon-9.txt");
  await page.goto(`${environment.url}/`);
  // While the list is open the field is a combobox.
  const field = page.getByTestId("composer").locator("textarea");
  const offered = (path: string) =>
    page.getByTestId("suggestions").getByRole("option", { name: path, exact: true });
  await field.pressSequentially("look at @beacon9");
  await offered("lights/coast/beacon-9.txt").waitFor();
  await field.press("Enter");
  await expect.poll(() => field.inputValue()).toBe("look at @lights/coast/beacon-9.txt ");
  await field.pressSequentially("and @lights");
  await offered("lights/").waitFor();
  await field.press("Enter");
  await offered("lights/coast/").click();
  await offered("lights/coast/beacon-9.txt").click();
  await expect.poll(() => field.inputValue()).toMatch(/ and @lights\/coast\/beacon-9\.txt $/);
  await field.fill("");
  inSandbox("rm -r /workspace/lights");
});
