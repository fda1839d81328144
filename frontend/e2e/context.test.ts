import { expect, test } from "vitest";
import { picture } from "./browser";
import { begin, say, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";

const composer = () => page.getByTestId("composer").getByRole("textbox");

/** What the model was sent with its newest request that holds these words. */
async function sent(words: string): Promise<{ role: string; content: unknown }[]> {
  const answer = await page.request.get(`${environment.modelUrl}/requests`);
  const requests = (await answer.json()) as { messages: { role: string; content: unknown }[] }[];
  return requests.findLast((request) => JSON.stringify(request).includes(words))?.messages ?? [];
}

async function openTab(): Promise<void> {
  await page.goto(`${page.url().split("?")[0]}?panel=context`);
  await page.locator("[data-testid=panel-context][data-state=ready]").waitFor();
}

test("FE-72 after an edit exactly one whole copy of the file is listed, and closed when the person says so", async () => {
  await begin(page, "Please keep one copy of it.");
  await waitForRun(page, "done");
  await openTab();
  const file = page.locator("[data-testid=context-file][data-path='context/kept.txt']");
  await file.waitFor();
  await expect.poll(() => file.count()).toBe(1);
  await expect.poll(() => file.getAttribute("data-state")).toBe("full");
  await expect.poll(() => file.innerText()).toContain("2 lines");
  await picture(page, "context-tab");

  await file.getByRole("button", { name: "Close context/kept.txt for the model" }).click();
  await page.getByTestId("panel-context").getByText("The model has no files open.").waitFor();
});

test("a file is pinned by the keyboard, is so after a reload, and is unpinned and closed like any other", async () => {
  await begin(page, "Please keep one copy of it.");
  await waitForRun(page, "done");
  await openTab();
  const file = page.locator("[data-testid=context-file][data-path='context/kept.txt']");
  const pinned = page.locator("[data-testid=context-file][data-pinned=true]");
  const pin = file.getByRole("button", { name: "Pin context/kept.txt for the model" });
  await file.waitFor();
  await expect.poll(() => pin.getAttribute("aria-pressed")).toBe("false");
  await pin.press("Enter");
  await pinned.waitFor();
  await expect.poll(() => pin.getAttribute("aria-pressed")).toBe("true");
  expect(await pin.evaluate((button) => button === document.activeElement)).toBe(true);
  await expect.poll(() => file.innerText()).toContain("pinned");
  await picture(page, "context-pinned");
  await page.reload();
  await pinned.waitFor();

  await pin.press("Enter");
  await pinned.waitFor({ state: "detached" });
  await pin.press("Enter");
  await pinned.waitFor();
  await file.getByRole("button", { name: "Close context/kept.txt for the model" }).click();
  await page.getByTestId("panel-context").getByText("The model has no files open.").waitFor();
});

test("what the model sees next is what it is sent with the next message", async () => {
  await begin(page, "Please keep one copy of it, and then say what I see.");
  await waitForRun(page, "done");
  await openTab();
  const tab = page.getByTestId("panel-context");
  await tab.getByText("What the model sees next").click();
  const preview = page.getByTestId("context-preview");
  await preview.getByLabel("Search in it").fill("gamma");
  // The edit's call and the file as it is now.
  await preview.getByText(/^\d+ messages? of \d+$/).waitFor();
  const rows = preview.getByTestId("context-message");
  await expect.poll(() => rows.count()).toBeGreaterThan(0);
  await rows.last().locator("summary").click();
  const shown = await rows.last().locator("pre").innerText();
  expect(shown).toContain("2\tgamma");
  await picture(page, "context-preview");

  await say(page, "Now say what I see.");
  await waitForRun(page, "done");
  await page.getByTestId("part-text").getByText("This was seen.").waitFor();
  const messages = await sent("Now say what I see.");
  const texts = messages.map(({ content }) => (typeof content === "string" ? content.trim() : ""));
  expect(texts).toContain(shown.trim());
});

test("FE-58 the meter tells what the provider reported, to the token", async () => {
  await begin(page, "Please keep one copy of it.");
  await waitForRun(page, "done");
  await page.getByTestId("context-meter").click();
  const meter = page.getByRole("dialog");
  // The last call: 3000 tokens in and 30 out.
  await meter.getByText(/^3,030/).waitFor();
  // All three: 6000 in, of which 4000 came from the cache, and 60 out.
  const text = await meter.innerText();
  for (const figure of ["2,000", "4,000", "67 %", "60"]) expect(text).toContain(figure);
  await meter.getByTestId("turn-bars").waitFor();
  await picture(page, "context-meter");
  await meter.getByTestId("meter-files").click();
  await page.locator("[data-testid=context-file][data-path='context/kept.txt']").waitFor();
  await page.getByTestId("turn-cost").getByText("This turn: 6.1k tokens").waitFor();
});

test("FE-51 a draft is there after another conversation and a reload, in another browser, and gone when it was sent", async () => {
  await begin(page, "A first hello.");
  await waitForRun(page, "done");
  const first = page.url();
  const saved = page.waitForResponse(
    (answer) =>
      answer.request().postData()?.includes('"text":"half a thought, hello"') === true && answer.ok(),
  );
  await composer().fill("half a thought, hello");
  await saved;
  await begin(page, "A second hello.");
  await waitForRun(page, "done");
  expect(await composer().inputValue()).toBe("");
  await page.goto(first);
  await expect.poll(() => composer().inputValue()).toBe("half a thought, hello");
  await page.reload();
  await expect.poll(() => composer().inputValue()).toBe("half a thought, hello");

  // A browser that knows nothing of it.
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await expect.poll(() => composer().inputValue()).toBe("half a thought, hello");

  const cleared = page.waitForResponse(
    (answer) =>
      /\/conversations\/.*\/draft$/.test(answer.url()) &&
      answer.request().postData()?.includes('"text":""') === true,
  );
  await composer().press("Enter");
  await cleared;
  await waitForRun(page, "done");
  await page.evaluate(() => localStorage.clear());
  const asked = page.waitForResponse((answer) => answer.url().endsWith("/draft"));
  await page.reload();
  expect(await (await asked).json()).toMatchObject({ text: "" });
  expect(await composer().inputValue()).toBe("");
});
