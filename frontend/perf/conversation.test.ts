import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Part } from "../src/api/types";
import { launch, newPage } from "../stage/browser";
import { Stage } from "../stage/gateway";
import { long, NOW, snapshot } from "../stage/scenes";
import { Meter } from "./measure";

/** What may be consumed, and what was when this was last looked at. */
const budgets = JSON.parse(readFileSync(join(import.meta.dirname, "budgets.json"), "utf8")) as Record<
  string,
  { limit: number; measured: number }
>;

/** Fails beyond a budget; says the figure in any case. */
function within(name: string, value: number): void {
  const budget = budgets[name];
  if (!budget) throw new Error(`budgets.json does not hold ${name}`);
  process.stdout.write(`${name}: ${value.toFixed(3)} (was ${budget.measured}, at most ${budget.limit})\n`);
  expect(value, name).toBeLessThanOrEqual(budget.limit);
}

const TOKENS = 2_000;
const ID = "conv_long";

let browser: Browser;
let stage: Stage;
let page: Page;
let meter: Meter;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  stage = await Stage.start();
  page = await newPage(browser);
  meter = await Meter.on(page);
});
afterEach(async () => {
  await page.context().close();
  await stage.end();
});

async function open(messages: number): Promise<void> {
  stage.put(long(ID, messages));
  await page.goto(`${stage.url}/c/${ID}?panel=none`);
  await page.getByTestId("part-text").last().waitFor();
}

const rows = () => page.locator("[data-testid=timeline] [data-index]").count();

test("P-3 P-4 a conversation of 5,000 messages is scrolled with few nodes and none blank", async () => {
  await open(5_000);
  const timeline = page.getByTestId("timeline");
  let blank = 0;
  let most = 0;
  for (let step = 0; step < 40; step += 1) {
    await timeline.evaluate((element) => {
      element.scrollTop -= element.scrollHeight / 40;
    });
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    most = Math.max(most, await rows());
    blank += await timeline.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2)?.closest("[data-index]") ? 0 : 1;
    });
  }
  within("P-3 rows", most);
  within("P-3 elements", await page.locator("*").count());
  within("P-3 blank", blank);
});

/** Streams an answer of so many tokens, 20 at a time, as fast as the page takes them. */
async function stream(tokens: number): Promise<void> {
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
  for (let n = 0; n < tokens; n += 20) {
    const text = Array.from({ length: 20 }, (_, at) => words[(n + at * 3) % words.length]).join("");
    stage.emit({ type: "part.delta", part_id: "part_live", text }, ID);
    await page.waitForTimeout(50);
  }
}

test("P-5 P-6 P-7 streaming costs little, stays at the end, and idling nothing", async () => {
  await open(400);
  const before = await meter.read();
  await stream(TOKENS);
  await page.waitForTimeout(500);
  const after = await meter.read();
  within("P-5 CPU ms per token", ((after.cpu - before.cpu) * 1_000) / TOKENS);
  const off = await page
    .getByTestId("timeline")
    .evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  within("P-5 pixels off the end", off);
  within("P-6 heap MB", (await meter.settled()).heap / 1e6);
  const idle = await meter.read();
  await page.waitForTimeout(10_000);
  within("P-7 idle CPU %", ((await meter.read()).cpu - idle.cpu) * 10);
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
  const seen = new Set<string>();
  await page.getByTestId("timeline").evaluate((element) => {
    element.scrollTop = 0;
  });
  await page.getByText("event 0;", { exact: true }).waitFor();
  for (const text of await page.getByTestId("turn-user").allInnerTexts()) seen.add(text);
  expect(seen.size).toBe(await page.getByTestId("turn-user").count());
});
