import { expect, test } from "vitest";
import type { Part } from "../src/api/types";
import { NOW, snapshot } from "../stage/pieces";
import { long } from "../stage/scenes";
import { report, within } from "./budgets";
import { meter, page, stage } from "./fixture";
import { best, drawn, type Frames, watchFrames, watchJumps } from "./measure";
import { playRun } from "./run";

const TOKENS = 2_000;
const ID = "conv_long";

async function open(messages: number): Promise<void> {
  stage.put(long(ID, messages));
  await page.goto(`${stage.url}/c/${ID}?panel=none`);
  await page.getByTestId("part-text").last().waitFor();
}

const rows = () => page.locator("[data-testid=timeline] [data-index]").count();

/** Pixels by which a fast scroll moves with each frame, and for how many frames. */
const SCROLL = { pixels: 120, frames: 300 };

/** Whether nothing of the conversation is in the middle of the timeline. */
const isBlank = (element: HTMLElement | SVGElement): boolean => {
  const { left, top, width, height } = element.getBoundingClientRect();
  return !document.elementFromPoint(left + width / 2, top + height / 2)?.closest("[data-index]");
};

test("P-3 a conversation of 5,000 messages is scrolled with few nodes and none blank", async () => {
  await open(5_000);
  const timeline = page.getByTestId("timeline");
  let blank = 0;
  const scrolls: Frames[] = [];
  for (let n = 0; n < 3; n += 1) {
    const frames = await watchFrames(page);
    blank += await timeline.evaluate(async (element, { pixels, frames }) => {
      let empty = 0;
      for (let frame = 0; frame < frames; frame += 1) {
        element.scrollTop -= pixels;
        await new Promise((done) => requestAnimationFrame(done));
        const { left, top, width, height } = element.getBoundingClientRect();
        const row = document.elementFromPoint(left + width / 2, top + height / 2)?.closest("[data-index]");
        if (!row) empty += 1;
      }
      return empty;
    }, SCROLL);
    scrolls.push(await frames());
  }
  const quickest = scrolls.toSorted((a, b) => a.p95 - b.p95 || a.slow - b.slow)[0];
  report("P-3 frame p95 ms", quickest?.p95 ?? Number.NaN);
  report("P-3 % of frames over 33 ms", quickest?.slow ?? Number.NaN);
  report("P-3 longest task ms", quickest?.longest ?? Number.NaN);
  // From one end to the other: no row is still there from one step to the next.
  let most = 0;
  for (let step = 0; step < 40; step += 1) {
    await timeline.evaluate((element) => {
      element.scrollTop -= element.scrollHeight / 40;
    });
    await drawn(page);
    most = Math.max(most, await rows());
    blank += (await timeline.evaluate(isBlank)) ? 1 : 0;
  }
  within("P-3 rows", most);
  within("P-3 elements", await page.locator("*").count());
  within("P-3 blank", blank);
});

test("P-4 a jump to any message of 5,000 ends there", async () => {
  await open(5_000);
  const before = await meter.read();
  const jumps: number[] = [];
  for (const share of [0.5, 0, 0.8, 0.2, 1]) {
    const took = await page.getByTestId("timeline").evaluate(async (element, to) => {
      const began = performance.now();
      element.scrollTop = to * element.scrollHeight;
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const { left, top, width, height } = element.getBoundingClientRect();
      const row = document.elementFromPoint(left + width / 2, top + height / 2)?.closest("[data-index]");
      return row ? performance.now() - began : Number.NaN;
    }, share);
    jumps.push(took);
  }
  within("P-4 jumps to nothing", jumps.filter(Number.isNaN).length);
  report("P-4 slowest jump ms", Math.max(...jumps));
  within("P-4 CPU ms per jump", (((await meter.read()).cpu - before.cpu) * 1_000) / jumps.length);
});

/** Streams an answer of so many tokens, 20 times a second at most. */
async function stream(tokens: number, atOnce = 20): Promise<void> {
  const message = { id: "m_live", conversation_id: ID, role: "assistant" as const, created_at: NOW };
  const part: Part = {
    id: "part_live",
    message_id: "m_live",
    state: "streaming",
    body: { type: "text", text: "" },
    started_at: NOW,
  };
  stage.emit({ type: "message.created", message: { ...message, parts: [part] } }, ID);
  const words = ["keel ", "grease ", "**slope** ", "`chain` ", "water.\n\n", "- item\n", "the ", "yard "];
  for (let n = 0; n < tokens; n += atOnce) {
    const text = Array.from({ length: atOnce }, (_, at) => words[(n + at * 3) % words.length]).join("");
    stage.emit({ type: "part.delta", part_id: "part_live", text }, ID);
    await page.waitForTimeout(50);
  }
}

test("P-5 P-6 P-7 streaming costs little, stays at the end, and idling nothing", async () => {
  await open(400);
  const jumps = await watchJumps(page);
  const frames = await watchFrames(page);
  const before = await meter.read();
  await stream(TOKENS);
  await page.waitForTimeout(500);
  const after = await meter.read();
  within("P-5 CPU ms per token", ((after.cpu - before.cpu) * 1_000) / TOKENS);
  const { tasks, longest } = await frames();
  report("P-5 long tasks", tasks);
  report("P-5 longest task ms", longest);
  within("P-5 layout shift", (await jumps()).shift);
  const off = await page
    .getByTestId("timeline")
    .evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  within("P-5 pixels off the end", off);
  within("P-6 heap MB", (await meter.settled()).heap / 1e6);
  const idle = await meter.read();
  await page.waitForTimeout(10_000);
  within("P-7 idle CPU %", ((await meter.read()).cpu - idle.cpu) * 10);
});

test("P-5 nothing jumps while thoughts, calls, their output, a diff, a picture and code come in", async () => {
  await open(40);
  const jumps = await watchJumps(page);
  await playRun(stage, page, ID);
  const { shift, back, gaps } = await jumps();
  // What stays in its place while the end is followed counts as shifted here: the browser leaves scrolling out on one side only.
  within("P-5 layout shift of a run", shift);
  within("P-5 pixels back in a run", back);
  within("P-5 frames with gaps or overlaps in a run", gaps);
});

/** How long the slowest twentieth of the typed keys waited to be seen, in milliseconds; `rate` makes the machine slower. */
async function type(rate: number): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate });
  await page.evaluate(() => {
    const waits: number[] = [];
    Object.assign(window, { waits });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.name === "keydown") waits.push(entry.duration);
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  });
  const box = page.getByTestId("composer").getByRole("textbox");
  await box.focus();
  const text = "typed while an answer streams in ";
  await Promise.all([stream(300, 10), box.pressSequentially(text, { delay: 40 })]);
  expect(await box.inputValue()).toBe(text);
  await box.fill("");
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  const waits = await page.evaluate(() => (window as unknown as { waits: number[] }).waits);
  // Keys below the threshold are not told of: they waited for less than 16 ms.
  const all = [...Array<number>(Math.max(0, text.length - waits.length)).fill(16), ...waits];
  return all.sort((a, b) => a - b)[Math.floor(all.length * 0.95)] ?? 0;
}

test("P-8 what is typed while an answer streams in is there, and soon", async () => {
  await open(400);
  const before = await meter.read();
  const normal = await best(() => type(1));
  within("P-8 CPU s for three times", (await meter.read()).cpu - before.cpu);
  report("P-8 key p95 ms", normal);
  report("P-8 key p95 ms at a quarter of the speed", await best(() => type(4)));
});

test("P-12 100 events with a cut after every 20 arrive once and in order", async () => {
  stage.put(snapshot({ ...long(ID, 2).conversation, status: "running" }, []));
  await page.goto(`${stage.url}/c/${ID}?panel=none`);
  await page.getByTestId("composer").waitFor();
  for (let n = 0; n < 100; n += 1) {
    const message = { id: `m_${n}`, conversation_id: ID, role: "user" as const, created_at: NOW + n };
    const part: Part = {
      id: `p_${n}`,
      message_id: `m_${n}`,
      state: "done",
      body: { type: "text", text: `event ${n};` },
      started_at: NOW,
    };
    stage.emit({ type: "message.created", message: { ...message, parts: [part] } }, ID);
    if (n % 20 === 19) {
      // The page has to be somewhere in the log before it can go on from there.
      await page.getByText(`event ${n};`).waitFor();
      stage.cut();
    }
  }
  const seen = new Map<number, string>();
  const timeline = page.getByTestId("timeline");
  await timeline.evaluate((element) => {
    element.scrollTop = 0;
  });
  await page.getByText("event 0;", { exact: true }).waitFor();
  for (let isEnd = false; !isEnd; ) {
    const shown = await timeline.evaluate((element) =>
      [...element.querySelectorAll<HTMLElement>("[data-index]")].map(
        (row) => [Number(row.dataset.index), /event \d+;/.exec(row.textContent)?.[0] ?? ""] as const,
      ),
    );
    for (const [index, text] of shown) seen.set(index, text);
    isEnd = await timeline.evaluate(async (element) => {
      const before = element.scrollTop;
      element.scrollTop += element.clientHeight / 2;
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      return element.scrollTop === before;
    });
  }
  const inOrder = [...seen].sort(([a], [b]) => a - b).map(([, text]) => text);
  expect(inOrder).toEqual(Array.from({ length: 100 }, (_, n) => `event ${n};`));
});
