import { expect, test } from "vitest";
import { picture } from "./browser";
import { begin, say, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";
import { inSandbox } from "./sandbox";

const panel = () => page.getByTestId("panel-changes");
const list = () => page.getByTestId("change-list");
const file = (path: string) => panel().locator(`[data-testid=changed-file][data-path="${path}"]`);
const nodes = () => page.evaluate(() => document.querySelectorAll("*").length);

/** Has the agent change files, and opens the list of what changed. */
async function changesOf(message: string): Promise<void> {
  await begin(page, message);
  await waitForRun(page, "done");
  await page.getByTestId("turn-changes").click();
  await list().waitFor();
}

/** Scrolls through the list from its top to its end; tells what was asked of the page at each step. */
async function scrollThrough<Seen>(look: () => Promise<Seen>): Promise<Seen[]> {
  const seen: Seen[] = [];
  await list().evaluate((element) => element.scrollTo(0, 0));
  for (;;) {
    // Two frames: one to scroll, one to show what came into view.
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    seen.push(await look());
    const atEnd = await list().evaluate((element) => {
      const before = element.scrollTop;
      element.scrollTop += element.clientHeight * 0.8;
      return element.scrollTop === before;
    });
    if (atEnd) return seen;
  }
}

test("FE-60 of a hundred changed files every one is on the list, closed, and the page stays small", async () => {
  inSandbox("rm -rf /workspace/many");
  await changesOf("Please plant a hundred files.");
  await panel().getByText("100 files changed").waitFor();
  const paths = new Set<string>();
  let most = 0;
  await scrollThrough(async () => {
    const names = panel().locator("[data-testid=changed-file]");
    for (const path of await names.evaluateAll((all) => all.map((one) => one.getAttribute("data-path"))))
      if (path) paths.add(path);
    most = Math.max(most, await nodes());
  });
  expect([...paths].sort()).toEqual(
    Array.from({ length: 100 }, (_, n) => `many/file-${String(n + 1).padStart(3, "0")}.txt`),
  );
  expect(most).toBeLessThan(5_000);
  const last = file("many/file-100.txt");
  await expect.poll(() => last.getAttribute("aria-setsize")).toBe("100");
  await expect.poll(() => last.getByRole("button", { expanded: false }).count()).toBe(1);
  await last.getByRole("button", { expanded: false }).click();
  await last.locator("[data-kind=added]").first().waitFor();
});

test("P-9 five thousand changed lines are shown when asked for, in few elements, and all can be reached", async () => {
  inSandbox("rm -rf /workspace/long");
  await changesOf("Please plant a long file.");
  // What is long, a lockfile or no text says so instead of its lines.
  await file("long/code.js").getByText("5000 changed lines.").waitFor();
  await file("long/package-lock.json").getByText("Written by a package manager.").waitFor();
  await file("long/noise.bin").getByText("No text: it cannot be shown line by line.").waitFor();
  await expect.poll(() => panel().locator("[data-kind]").count()).toBe(3);
  await picture(page, "changes-limits");
  await file("long/code.js").getByRole("button", { name: /^Load/ }).click();
  await file("long/code.js").locator("[data-kind=added]").first().waitFor();
  const numbers = new Set<string>();
  let most = 0;
  await list().evaluate((element) => element.scrollTo(0, 0));
  // From the first lines to the last by the end of the list, then a look in the middle.
  for (const part of [0, 0.5, 1]) {
    await list().evaluate((element, to) => {
      element.scrollTop = to * element.scrollHeight;
    }, part);
    const wanted = { 0: "const line1 = 1;", 0.5: "", 1: "third" }[part] ?? "";
    if (wanted !== "") await panel().getByText(wanted, { exact: true }).first().waitFor();
    most = Math.max(most, await nodes());
    for (const text of await panel().locator("[data-kind=added]").allInnerTexts()) numbers.add(text);
  }
  expect(most).toBeLessThanOrEqual(3_000);
  expect(numbers.size).toBeGreaterThan(60);
  await panel().getByLabel("Side by side").check();
  await panel().locator("[data-kind=added]").first().waitFor();
  expect(await nodes()).toBeLessThanOrEqual(3_000);
});

test("]c and [c lead from change to change and take the keyboard there", async () => {
  inSandbox("rm -rf /workspace/long");
  await changesOf("Please plant a long file.");
  await file("long/code.js").getByRole("button", { name: /^Load/ }).click();
  await file("long/code.js").getByTestId("hunk").waitFor();
  const focused = () =>
    page.evaluate(() => {
      const change = document.activeElement?.closest("[data-change]");
      return change?.closest("[data-testid=changed-file]")?.getAttribute("data-path") ?? null;
    });
  await page.getByTestId("timeline").focus();
  // From the first change to that of the file behind five thousand lines, which is not in the page yet.
  await file("long/code.js").getByTestId("hunk").focus();
  await page.keyboard.type("]c");
  await expect.poll(focused).toBe("long/short.txt");
  await page.keyboard.type("[c");
  await expect.poll(focused).toBe("long/code.js");
});

test("FE-61 comments on lines reach the model with path, number and text, as one message", async () => {
  inSandbox("rm -rf /workspace/long");
  await changesOf("Please plant a long file.");
  const short = file("long/short.txt");
  await short.getByRole("button", { name: "Comment on line 2" }).click();
  await short.getByRole("textbox", { name: "Comment on line 2" }).fill("Call it zweite.");
  await short.getByRole("button", { name: "Comment on line 3" }).click();
  await page.keyboard.type("Drop it.");
  // What is not sent yet outlives the page.
  await page.reload();
  await page.getByTestId("comments-bar").getByRole("button", { name: "Send 2 comments" }).waitFor();
  await picture(page, "changes-comments");
  await page.getByTestId("comments-bar").getByRole("button", { name: "Send 2 comments" }).click();
  await page.getByTestId("timeline").getByText("I have read your comments.").waitFor();
  await page.getByTestId("comments-bar").waitFor({ state: "detached" });
  const asked = await (await page.request.get(`${environment.modelUrl}/requests`)).text();
  const newest = asked.slice(asked.lastIndexOf("I have 2 comments on your changes"));
  for (const said of [
    "`long/short.txt`, line 2:",
    "second",
    "Call it zweite.",
    "line 3:",
    "third",
    "Drop it.",
  ])
    expect(newest).toContain(said);
  await expect.poll(() => page.getByTestId("turn-user").count()).toBe(2);
});

test("a changed file is opened in the editor, by an address that opens it again", async () => {
  inSandbox("rm -rf /workspace/long");
  await changesOf("Please plant a long file.");
  await page.getByRole("button", { name: "Open long/short.txt in the editor" }).click();
  await page.getByTestId("code").getByText("second").waitFor();
  await page.waitForURL(
    ({ searchParams }) =>
      searchParams.get("panel") === "files" && searchParams.get("file") === "long/short.txt",
  );
  await page.reload();
  await page.getByTestId("code").getByText("second").waitFor();
  await say(page, "Give me a hello, please: hello");
  await waitForRun(page, "done");
});
