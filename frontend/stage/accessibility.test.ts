import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { faultsOf, launch, newPage, PHONE, SCREEN } from "./browser";
import { Stage } from "./gateway";
import { fill } from "./scenes";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

let browser: Browser;
let stage: Stage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  stage = await Stage.start();
  fill(stage);
});
afterEach(() => stage.end());

/** What axe finds wrong with a page as it is. */
async function violations(page: Page): Promise<string[]> {
  // Every quarter of a second counts on a busy machine: what fades in must have done so.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null))),
  );
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const results = await page.evaluate(async (rules): Promise<AxeResults> => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    return axe.run(document, { runOnly: { type: "tag", values: rules } });
  }, RULES);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(
      (node) => `${id}: ${node.html.slice(0, 200)} (${node.failureSummary?.replaceAll(/\s+/g, " ")})`,
    ),
  );
}

interface State {
  path: string;
  /** What is there once the state is reached. */
  ready: string;
  /** What leads to it, beyond its address. */
  act?: (page: Page, stage: Stage) => Promise<unknown>;
  /** Whether the page reads the events itself: the clock of a shared worker is not that of the scenes. */
  alone?: true;
  /** How the gateway is then. */
  set?: (stage: Stage) => unknown;
}

const STATES: Record<string, State> = {
  "a new conversation": { path: "/", ready: "[data-testid=composer]" },
  "nothing there yet": {
    path: "/",
    ready: "[data-testid=composer]",
    set: (on) => on.answers.set("/conversations", { items: [], cursor: "stage-0" }),
  },
  "a conversation that is done": { path: "/c/conv_demo", ready: "[data-testid=part-text]" },
  "a run under way": { path: "/c/conv_work", ready: "[data-testid=queue]" },
  "calls to approve": { path: "/c/conv_approve", ready: "[data-testid=approval][data-armed=true]" },
  "a question": { path: "/c/conv_asks", ready: "[data-testid=question-dock]" },
  "a run that failed": { path: "/c/conv_error", ready: "[data-testid=continue]" },
  "a conversation that does not exist": {
    path: "/c/conv_none",
    ready: "main",
    set: (on) => on.refused.set("/conversations/conv_none", 404),
  },
  changes: { path: "/c/conv_demo?panel=changes", ready: "[data-testid=file-diff] .tok-keyword" },
  files: { path: "/c/conv_demo?panel=files", ready: "[role=treeitem]" },
  terminal: { path: "/c/conv_demo?panel=terminal", ready: "[data-testid=terminal-command]" },
  "a shell that is away": {
    path: "/c/conv_demo?panel=terminal",
    ready: "[data-testid=shell][data-state=reconnecting] .xterm-rows",
    act: (page) => page.getByRole("tab", { name: "Server" }).click(),
  },
  processes: {
    path: "/c/conv_demo?panel=terminal",
    ready: "[data-testid=process-log]",
    act: async (page) => {
      await page.getByRole("tab", { name: "Processes" }).click();
      await page.getByRole("button", { name: "Output" }).first().click();
    },
  },
  context: { path: "/c/conv_work?panel=context", ready: "[data-testid=panel-context] li" },
  "a comment on a change": {
    path: "/c/conv_demo?panel=changes",
    ready: "[data-testid=comments-bar]",
    act: async (page) => {
      await page
        .getByRole("button", { name: /^Comment on line \d/ })
        .first()
        .click();
      await page.getByTestId("line-comment").getByRole("textbox").fill("Why?");
    },
  },
  "finding a file": {
    path: "/c/conv_demo",
    ready: "[data-testid=quick-open] [role=option]",
    set: (on) => on.answers.set("/workspace/find", { paths: ["src/upload.rs", "README.md"], more: 0 }),
    act: async (page) => {
      await page.getByTestId("part-text").first().waitFor();
      await page.keyboard.press("Control+p");
    },
  },
  "a preview": {
    path: "/c/conv_demo?panel=ports",
    ready: "[data-testid=preview-frame][data-loaded=true]",
    set: (on) => {
      const instance = on.answers.get("/instance") as { sandbox: object };
      const sandbox = {
        ...instance.sandbox,
        ports: [{ port: 5173, process_id: "p1", command: "npm run dev" }],
      };
      on.answers.set("/instance", { ...instance, sandbox });
      on.answers.set("/ports/5173/preview/frame", { address: `${on.url}/theme.js` });
    },
  },
  ports: { path: "/c/conv_demo?panel=ports", ready: "[data-testid=panel-ports]" },
  settings: { path: "/settings", ready: "[data-testid=settings] select" },
  "the first run": {
    path: "/setup",
    ready: "main h1",
    set: (on) =>
      on.answers.set("/instance", { ...(on.answers.get("/instance") as object), needs_setup: true }),
  },
  "signed out": { path: "/", ready: "main h1", set: (on) => on.refused.set("/instance", 401) },
  "nobody answers any more": {
    path: "/c/conv_work",
    ready: "[role=status]:has-text('Nothing is lost')",
    alone: true,
    act: async (page, on) => {
      await page.getByTestId("queue").waitFor();
      on.vanish();
    },
  },
  "a message that waits to be sent": {
    path: "/c/conv_demo",
    ready: "[data-testid=unsent][data-state=waiting]",
    act: async (page, on) => {
      await page.getByTestId("part-text").first().waitFor();
      on.unanswered.add("/conversations/conv_demo/messages");
      const box = page.getByTestId("composer").getByRole("textbox");
      await box.fill("This one waits.");
      await box.press("Enter");
    },
  },
  "an address of nothing": { path: "/nowhere", ready: "main" },
  "the palette": {
    path: "/c/conv_demo",
    ready: "[data-testid=palette] [role=option]",
    act: async (page) => {
      await page.getByTestId("part-text").first().waitFor();
      await page.keyboard.press("Control+k");
    },
  },
  "the keys": {
    path: "/c/conv_demo",
    ready: "[role=dialog] kbd",
    act: async (page) => {
      await page.getByTestId("part-text").first().waitFor();
      await page.getByTestId("timeline").focus();
      await page.keyboard.press("?");
    },
  },
  "commands in the composer": {
    path: "/c/conv_demo",
    ready: "[data-testid=suggestions]",
    act: (page) => page.getByTestId("composer").getByRole("textbox").fill("/"),
  },
  "a menu": {
    path: "/c/conv_demo",
    ready: "[role=menu]",
    act: (page) => page.getByTestId("model-picker").click(),
  },
  "the meter": {
    path: "/c/conv_demo",
    ready: "[role=dialog]",
    act: (page) => page.getByTestId("context-meter").click(),
  },
};

/** Opens a page in a state; the answer says what went wrong on the way. */
async function show(page: Page, { path, ready, act, alone }: State): Promise<string[]> {
  const faults = faultsOf(page);
  if (alone) await page.addInitScript("delete window.SharedWorker");
  await page.goto(stage.url + path);
  await act?.(page, stage);
  await page.locator(ready).first().waitFor();
  await page.evaluate(() => document.fonts.ready);
  return faults.filter((fault) => !/Failed to load resource|WebSocket connection/.test(fault));
}

/** Attributes of the page, as `public/theme.js` sets them. */
const LOOKS: Record<string, string>[] = [
  { theme: "light", contrast: "" },
  { theme: "dark", contrast: "" },
  { theme: "dark", contrast: "more" },
  { theme: "light", contrast: "more" },
];

describe.each([
  ["wide", SCREEN],
  ["narrow", PHONE],
] as const)("%s", (_width, viewport) => {
  test.each(Object.entries(STATES))("%s can be used by everybody", async (_name, state) => {
    state.set?.(stage);
    const page = await newPage(browser, { viewport, reducedMotion: "reduce" });
    try {
      expect(await show(page, state)).toEqual([]);
      for (const look of LOOKS) {
        await page.evaluate((chosen) => Object.assign(document.documentElement.dataset, chosen), look);
        expect(await violations(page), JSON.stringify(look)).toEqual([]);
      }
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wider, "wider than the screen").toBeLessThanOrEqual(0);
    } finally {
      await page.context().close();
    }
  });
});
