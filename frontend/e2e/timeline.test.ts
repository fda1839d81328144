import { expect, test } from "vitest";
import { picture } from "./browser";
import { say, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";
import { imported, manyMessages } from "./imported";

const timeline = () => page.getByTestId("timeline");
const scrollTop = () => timeline().evaluate((element) => element.scrollTop);
const fromEnd = () =>
  timeline().evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
const rows = () => timeline().locator("[data-index]");
const isInView = (text: string) =>
  timeline().evaluate((element, wanted) => {
    const box = element.getBoundingClientRect();
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (!walker.currentNode.textContent?.includes(wanted)) continue;
      const range = document.createRange();
      range.selectNode(walker.currentNode);
      const { top, bottom } = range.getBoundingClientRect();
      if (top >= box.top && bottom <= box.bottom) return true;
    }
    return false;
  }, text);

/** Opens a conversation of many messages at its end. */
async function openMany(count: number, title: string): Promise<string> {
  const id = await imported(page, title, manyMessages(count));
  await page.goto(`${environment.url}/c/${id}`);
  await timeline()
    .getByText(`Answer number ${count - 1}.`)
    .waitFor();
  await expect.poll(fromEnd).toBeLessThan(3);
  return id;
}

test("FE-10 a reader who scrolled up is left where they are while text streams in, and the pill leads back", async () => {
  await openMany(60, "Sixty and a stream");
  await say(page, "Please stream quickly.");
  await timeline()
    .getByText(/Slipways slope/)
    .waitFor();
  await timeline().hover();
  await page.mouse.wheel(0, -600);
  await page.getByTestId("new-pill").waitFor();
  // The wheel's own movement has ended once two frames show the same.
  let before = await scrollTop();
  await expect
    .poll(async () => {
      const last = before;
      before = await scrollTop();
      return before - last;
    })
    .toBe(0);
  expect(await page.getByTestId("run-state").getAttribute("data-status")).toBe("running");
  await waitForRun(page, "done");
  expect(Math.abs((await scrollTop()) - before)).toBeLessThanOrEqual(2);
  await page.getByTestId("new-pill").click();
  await timeline().getByText("Ende gut, alles gut.").waitFor();
  await expect.poll(fromEnd).toBeLessThan(3);
  await page.getByTestId("new-pill").waitFor({ state: "detached" });
});

test("FE-11 older messages that are loaded above do not move what is read", async () => {
  await openMany(300, "Three hundred");
  // Where each row was in the last frame before the list grew upwards, and by how much it has moved since.
  await timeline().evaluate((element) => {
    const places = () =>
      [...element.querySelectorAll("[data-index]")].map((row): [string, number] => [
        row.textContent ?? "",
        row.getBoundingClientRect().top,
      ]);
    let before = new Map(places());
    let height = element.scrollHeight;
    const look = () => {
      const grew = element.scrollHeight > height + 2_000;
      const now = places();
      const seen = now.filter(([said, top]) => before.has(said) && top >= 0 && top < innerHeight);
      if (grew) Object.assign(window, { rowMoves: seen.map(([said, top]) => top - (before.get(said) ?? 0)) });
      else {
        before = new Map(now);
        height = element.scrollHeight;
        requestAnimationFrame(look);
      }
    };
    Object.assign(window, { watchRows: look });
  });
  await timeline().evaluate((element) => {
    element.dispatchEvent(new WheelEvent("wheel", { deltaY: -1 }));
    element.scrollTop = 400;
    requestAnimationFrame((window as unknown as { watchRows: () => void }).watchRows);
  });
  const moves = () => page.evaluate(() => (window as unknown as { rowMoves?: number[] }).rowMoves ?? []);
  await expect.poll(async () => (await moves()).length, { timeout: 20_000 }).toBeGreaterThan(0);
  for (const move of await moves()) expect(Math.abs(move)).toBeLessThan(2);
  expect(await scrollTop()).toBeGreaterThan(2_000);
});

test("FE-12 a link to message 40 of 5,000 shows it at once, and the way to the newest one is whole", async () => {
  const id = await imported(page, "Five thousand", manyMessages(5_000));
  const outline = await page.request.get(`${environment.url}/api/v1/conversations/${id}/outline?limit=30`);
  const wanted = ((await outline.json()) as { message_id: string }[])[20]?.message_id;
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes(`/conversations/${id}?`)) asked.push(request.url());
  });
  const started = Date.now();
  await page.goto(`${environment.url}/c/${id}?m=${wanted}`);
  await page.getByTestId("wanted-message").getByText("Question number 40.").waitFor();
  await expect.poll(() => isInView("Question number 40.")).toBe(true);
  process.stderr.write(`message 40 of 5,000 was in view after ${Date.now() - started} ms\n`);
  // However long the conversation: its end, and one page around the message.
  expect(asked.length).toBeLessThan(4);
  await page.getByTestId("new-pill").click();
  await timeline().getByText("Answer number 4999.").waitFor();
  await expect.poll(fromEnd).toBeLessThan(3);
});

test("FE-12 from a message far back one reads on to the newest without a gap", async () => {
  const id = await imported(page, "Two hundred and sixty", manyMessages(260));
  const outline = await page.request.get(`${environment.url}/api/v1/conversations/${id}/outline`);
  const wanted = ((await outline.json()) as { message_id: string }[])[5]?.message_id;
  await page.goto(`${environment.url}/c/${id}?m=${wanted}`);
  await expect.poll(() => isInView("Question number 10.")).toBe(true);
  const seen = new Set<number>();
  await expect
    .poll(
      async () => {
        for (const text of await rows().allInnerTexts()) {
          const number = /(?:Question|Answer) number (\d+)\./.exec(text)?.[1];
          if (number) seen.add(Number(number));
        }
        await timeline().evaluate((element) => {
          element.scrollTop += element.clientHeight / 2;
        });
        return seen.has(259);
      },
      { timeout: 60_000, interval: 30 },
    )
    .toBe(true);
  const missing = Array.from({ length: 249 }, (_, n) => n + 11).filter((n) => !seen.has(n));
  expect(missing).toEqual([]);
});

test("FE-13 text can be selected, and copied as a whole it is the Markdown that was written", async () => {
  const source = "Some **bold** words and `code`:\n\n- one\n- two\n";
  const id = await imported(page, "To be copied", [{ user: "Say it." }, { text: source }]);
  await page.goto(`${environment.url}/c/${id}`);
  const said = page.getByTestId("part-text").locator(".prose");
  await said.getByText("bold").waitFor();
  await page.evaluate(() => {
    document.addEventListener("copy", (event) => {
      Object.assign(window, { copied: event.clipboardData?.getData("text/plain") ?? "" });
    });
  });
  const copied = () => page.evaluate(() => (window as unknown as { copied?: string }).copied);
  await said.evaluate((element) => getSelection()?.selectAllChildren(element));
  expect(await page.evaluate(() => getSelection()?.toString())).toContain("bold words");
  await page.keyboard.press("Control+c");
  expect(await copied()).toBe(source.trim() === (await copied()) ? source.trim() : source);
  // Of a part, what is seen.
  await said.locator("strong").evaluate((element) => getSelection()?.selectAllChildren(element));
  await page.keyboard.press("Control+c");
  expect(await copied()).toBe("");
});

test("a text is found in the whole conversation, with its place, in view, and one match leads to the next", async () => {
  const said = manyMessages(600);
  said[21] = { text: `${"Before it there is much to read.\n\n".repeat(60)}Here is the needle, far down.` };
  said[301] = { text: "Another Needle is here." };
  said[599] = { text: "The last needle." };
  const id = await imported(page, "Needles", said);
  await page.goto(`${environment.url}/c/${id}`);
  await timeline().getByText("The last needle.").waitFor();
  await page.keyboard.press("Control+f");
  const find = page.getByTestId("find");
  await find.getByRole("textbox").fill("needle");
  const state = page.getByTestId("find-state");
  await state.getByText("1 of 3").waitFor();
  await expect.poll(() => isInView("The last needle.")).toBe(true);
  await page.keyboard.press("Enter");
  await state.getByText("2 of 3").waitFor();
  await expect.poll(() => isInView("Another Needle is here.")).toBe(true);
  await page.keyboard.press("Enter");
  await state.getByText("3 of 3").waitFor();
  await expect.poll(() => isInView("Here is the needle, far down.")).toBe(true);
  await picture(page, "find");
  await page.keyboard.press("Shift+Enter");
  await state.getByText("2 of 3").waitFor();
  await find.getByRole("textbox").fill("no such thing");
  await state.getByText("Nothing found").waitFor();
  await page.keyboard.press("Escape");
  await find.waitFor({ state: "detached" });
});

test("the outline lists every message of the person, and keys lead from one to the next", async () => {
  await openMany(400, "Four hundred");
  await page.getByTestId("conv-header").getByRole("button", { name: "Your messages" }).click();
  const outline = page.getByTestId("outline");
  await outline.getByRole("option").first().waitFor();
  await expect.poll(() => outline.getByRole("option").first().getAttribute("aria-setsize")).toBe("200");
  await picture(page, "outline");
  await outline.getByRole("combobox").fill("number 62.");
  await outline.getByRole("option", { name: /Question number 62/ }).waitFor();
  await page.keyboard.press("Enter");
  await outline.waitFor({ state: "detached" });
  await expect.poll(() => isInView("Question number 62.")).toBe(true);
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(() => page.evaluate(() => document.body.innerText)).toContain("Question number 60.");
  await expect.poll(() => isInView("Question number 60.")).toBe(true);
  // Beyond what is loaded too.
  for (let n = 58; n >= 2; n -= 2) {
    await page.keyboard.press("Alt+ArrowUp");
    await expect.poll(() => isInView(`Question number ${n}.`), { message: `question ${n}` }).toBe(true);
  }
  await page.keyboard.press("Alt+End");
  await expect.poll(fromEnd).toBeLessThan(3);
  await timeline().getByText("Answer number 399.").waitFor();
});
