import type { Page } from "playwright-core";
import type { InstanceEnvironment, SandboxReach } from "../../src/api/types";
import type { Stage } from "../gateway";
import { NOW } from "../pieces";
import recorded from "../recorded.json" with { type: "json" };
import type { State } from "../states";

/** Looks for words in all conversations; where there is no room for the list of them, it comes over the page first. */
export async function search(page: Page, words: string): Promise<void> {
  await page.keyboard.press("Control+Shift+f");
  const box = page.locator("[data-testid=search-box]:focus");
  await box.fill(words);
}

const LATER_MS = 600_000;

/** Once the conversation is there: keys pressed earlier would be lost. */
export const shown = (page: Page) => page.getByTestId("part-text").first().waitFor();

/** Answers about the instance with something else in them. */
export function instance(on: Stage, change: object): void {
  on.answers.set("/instance", { ...(on.answers.get("/instance") as object), ...change });
}

const ENVIRONMENT: InstanceEnvironment = {
  number: 1,
  version: "0.1.0",
  image: "slipway:0.1.0",
  ports: [
    { purpose: "ui", port: 3_000, usual: 3_000 },
    { purpose: "desktop", port: 6_080, usual: 6_080 },
  ],
  disks: [
    {
      purpose: "data",
      path: "/data",
      total_bytes: 500_000_000_000,
      free_bytes: 210_000_000_000,
      is_low: false,
    },
  ],
  sandbox: { attached: true, since: NOW, confinement: "container", launcher: true },
};

const AWAY: SandboxReach = {
  attached: false,
  since: NOW,
  launcher: true,
  problem: {
    code: "sandbox_not_attached",
    status: 503,
    title: "The sandbox cannot be reached",
    detail: "No tool host has attached since this gateway was started.",
    hint: "See whether Docker runs, and look at `slipway logs`.",
  },
};

const WITH_MODEL = {
  ...recorded["/providers"],
  providers: [{ ...recorded["/providers"].providers[0], id: "own", name: "DeepSeek", scripted: false }],
  default_model: { provider_id: "own", model: "deepseek-flash" },
};

/** Answers about what the instance stands on, with something else in them. */
const environment = (on: Stage, change: Partial<InstanceEnvironment>) =>
  on.answers.set("/instance/environment", { ...ENVIRONMENT, ...change });

/** Nothing is there yet but the instance itself. */
function fresh(on: Stage): void {
  instance(on, { needs_setup: true });
  environment(on, {});
  on.answers.set("/conversations", { items: [], cursor: "stage-0" });
  on.answers.set("/workspace/entries?path=", { entries: [], ignored: 0, more: 0 });
}

/** What is about the app as a whole and not about one conversation. */
export const APP: Record<string, State> = {
  "a new conversation": { path: "/", ready: "[data-testid=composer]" },
  "nothing there yet": {
    path: "/",
    ready: "[data-testid=composer]",
    set: (on) => on.answers.set("/conversations", { items: [], cursor: "stage-0" }),
  },
  settings: { path: "/settings", ready: "[data-testid=settings] select" },
  "the interface for programs": { path: "/api-docs", ready: "main h1" },
  "the first run": {
    path: "/setup",
    ready: "[data-step=model][data-state=todo] [data-testid=preset]",
    set: fresh,
  },
  "the first run without a sandbox": {
    path: "/setup",
    ready: "[data-step=environment][data-state=problem]:has-text('slipway logs')",
    set: (on) => {
      fresh(on);
      instance(on, { sandbox: { attached: false, workspace: "", desktop: false } });
      environment(on, { sandbox: AWAY });
    },
  },
  "the first run on a full disk with other ports": {
    path: "/setup",
    ready: "[data-step=environment][data-state=problem]:has-text('Little room')",
    set: (on) => {
      fresh(on);
      environment(on, {
        disks: ENVIRONMENT.disks.map((disk) => ({ ...disk, free_bytes: 700_000_000, is_low: true })),
        ports: [{ purpose: "ui", port: 4_000, usual: 3_000 }],
      });
    },
  },
  "the set-up that is done": {
    path: "/setup",
    ready: "[data-step=task][data-state=done] [data-testid=first-task]",
    set: (on) => {
      environment(on, {});
      on.answers.set("/providers", WITH_MODEL);
    },
    act: async (page) => {
      for (const step of ["environment", "account", "model", "workspace"])
        await page.locator(`#setup-${step}`).click();
      for (const summary of await page.locator("[data-step=account] summary").all()) await summary.click();
    },
  },
  "signed out": { path: "/", ready: "main h1", set: (on) => on.refused.set("/instance", 401) },
  "an address of nothing": { path: "/nowhere", ready: "main" },
  "nobody answers any more": {
    path: "/c/conv_work",
    ready: "[role=status]:has-text('Nothing is lost')",
    alone: true,
    act: async (page, on) => {
      await page.getByTestId("queue").waitFor();
      const refused = page.waitForResponse((answer) => answer.status() === 503);
      on.vanish();
      await refused;
      // It is told when it has lasted a while.
      await page.clock.setFixedTime(NOW + LATER_MS);
    },
  },
  "the sandbox is away": {
    path: "/c/conv_demo?panel=none",
    ready: "[role=status]:has-text('sandbox')",
    set: (on) => instance(on, { sandbox: { attached: false } }),
  },
  "what was found": {
    path: "/c/conv_demo?panel=none",
    ready: "[data-testid=search-hit]",
    act: async (page) => {
      await shown(page);
      await search(page, "clock");
    },
  },
  "nothing was found": {
    path: "/c/conv_demo?panel=none",
    ready: "[data-testid=search-results]:has-text('clock')",
    set: (on) => on.answers.set("/search", { conversations: [], hits: [] }),
    act: async (page) => {
      await shown(page);
      await search(page, "clock");
    },
  },
  "the palette": {
    path: "/c/conv_demo",
    ready: "[data-testid=palette] [role=option]",
    act: async (page) => {
      await shown(page);
      await page.keyboard.press("Control+k");
    },
  },
  "the keys": {
    path: "/c/conv_demo",
    ready: "[role=dialog] kbd",
    act: async (page) => {
      await shown(page);
      await page.getByTestId("timeline").focus();
      await page.keyboard.press("?");
    },
  },
};
