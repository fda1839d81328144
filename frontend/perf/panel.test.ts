import { Buffer } from "node:buffer";
import { beforeEach, expect, test } from "vitest";
import type { FileChange, FileDiff } from "../src/api/types";
import { fill } from "../stage/scenes";
import { playShell, SHELL, STREAM } from "../stage/shell";
import { report, within } from "./budgets";
import { meter, page, renewPage, stage } from "./fixture";
import { best, drawn, watchFrames } from "./measure";

const DEMO = "/conversations/conv_demo";

beforeEach(() => fill(stage));

/** The demo's conversation with this tab beside it. */
async function open(panel: string): Promise<void> {
  await page.goto(`${stage.url}/c/conv_demo?panel=${panel}`);
  await page.getByTestId("part-text").last().waitFor();
}

/** Puts these files into the list of what was changed, each with so many changed lines. */
function changed(files: number, lines: number): void {
  const all = Array.from({ length: files }, (_, n): FileChange => {
    return { path: `src/part${n}.rs`, kind: "modified", additions: lines / 2, deletions: lines / 2 };
  });
  stage.answers.set(`${DEMO}/changes`, { from: "cp_1", to: "cp_2", total: files, files: all });
  for (const change of all)
    stage.answers.set(`${DEMO}/changes/file?path=${change.path}`, diffOf(change, lines));
}

const CHANGES_IN_HUNK = 100;

/** A file of which every hundred lines there is a hunk, of lines that went and lines that came. */
function diffOf(change: FileChange, lines: number): FileDiff {
  const total = Math.ceil(lines / CHANGES_IN_HUNK);
  const hunks = Array.from({ length: total }, (_, index) => {
    const start = 1 + index * 200;
    const half = Math.min(CHANGES_IN_HUNK, lines) / 2;
    const line = (kind: "removed" | "added") => (_: unknown, n: number) => ({
      kind,
      text: `    let value_${n} = ${kind === "added" ? "clock.now()" : "SystemClock::now()"}; // ${index}`,
    });
    return {
      index,
      old_start: start,
      old_lines: half,
      new_start: start,
      new_lines: half,
      lines: [
        ...Array.from({ length: half }, line("removed")),
        ...Array.from({ length: half }, line("added")),
      ],
    };
  });
  return { change, total, hunks };
}

/** Scrolls what was changed from top to bottom; the answer is the largest number of elements on the way. */
async function scrollThrough(): Promise<number> {
  const list = page.getByTestId("change-list");
  let most = 0;
  for (let step = 0; step <= 20; step += 1) {
    await list.evaluate((element, share) => {
      element.scrollTop = share * element.scrollHeight;
    }, step / 20);
    await drawn(page);
    most = Math.max(most, await page.locator("*").count());
  }
  return most;
}

test("P-9 a file with 5,000 changed lines is shown soon, and few of them are in the page", async () => {
  changed(1, 5_000);
  await open("changes");
  const load = page.getByTestId("change-list").getByRole("button", { name: "Load" });
  await load.waitFor();
  const frames = await watchFrames(page);
  const before = await meter.read();
  const began = performance.now();
  await load.click();
  await page.getByText("let value_0 ").first().waitFor();
  report("P-9 shown after ms", performance.now() - began);
  within("P-9 CPU s until shown", (await meter.read()).cpu - before.cpu);
  within("P-9 elements", await scrollThrough());
  report("P-9 longest task ms", (await frames()).longest);
});

/** Opens the list of 60 changed files, the first five of them and its end; the answer is the longest task, in milliseconds. */
async function review(): Promise<number> {
  await open("context");
  await page.getByTestId("panel-context").waitFor();
  const frames = await watchFrames(page);
  const before = await meter.read();
  const began = performance.now();
  await page.getByRole("tab", { name: "Changes" }).click();
  const files = page.getByTestId("changed-file");
  await files.first().waitFor();
  report("P-10 list after ms", performance.now() - began);
  within("P-10 CPU s until listed", (await meter.read()).cpu - before.cpu);
  expect(await files.first().getAttribute("aria-setsize")).toBe("60");
  for (let n = 0; n < 5; n += 1) {
    await files.nth(n).getByRole("button", { expanded: false }).click();
    await files.nth(n).getByText("let value_0 ").first().waitFor();
    await page.getByTestId("change-list").evaluate((element) => {
      element.scrollTop = 0;
    });
    await files.nth(n).getByRole("button", { expanded: true }).click();
    await drawn(page);
  }
  within("P-10 elements", await scrollThrough());
  const { longest } = await frames();
  await renewPage();
  return longest;
}

test("P-10 60 changed files are listed soon, and opening some of them holds nothing up", async () => {
  changed(60, 200);
  within("P-10 longest task ms", await best(review));
});

const LINES = 100_000;
/** 8 MB of what a build prints, in colours. */
const PRINTED = Buffer.from(
  Array.from(
    { length: LINES },
    (_, n) =>
      `\u001b[32m   Compiling\u001b[0m part_${n} v0.1.0 (/workspace/site/crates/part_${n % 97}/source) ok\r\n`,
  ).join(""),
);

test("P-11 100,000 lines are printed by a shell and all shown, and the page answers meanwhile", async () => {
  let shown = 0;
  let begun = 0;
  let took = 0;
  stage.sockets.set(STREAM, (socket) => {
    begun = performance.now();
    playShell(socket, SHELL, PRINTED, (bytes) => {
      shown = bytes;
      if (bytes === PRINTED.length) took = performance.now() - begun;
    });
  });
  await open("terminal");
  const before = await meter.read();
  const frames = await watchFrames(page);
  await page.getByRole("tab", { name: "Server" }).click();
  await page.getByTestId("shell").and(page.locator("[data-state=connected]")).waitFor();
  const box = page.getByTestId("composer").getByRole("textbox");
  await box.pressSequentially("typed meanwhile");
  expect(await box.inputValue()).toBe("typed meanwhile");
  await expect.poll(() => shown, { timeout: 120_000 }).toBe(PRINTED.length);
  const { p95, longest } = await frames();
  report("P-11 all shown after ms", took);
  report("P-11 frame p95 ms", p95);
  report("P-11 longest task ms", longest);
  within("P-11 CPU s", (await meter.read()).cpu - before.cpu);
  within("P-11 elements", await page.locator("*").count());
  // The last line is there, and so are as many as are kept before it.
  await page
    .locator(".xterm-rows")
    .getByText(`part_${LINES - 1} `)
    .waitFor();
});
