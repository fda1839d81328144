import type { Page } from "playwright-core";
import { faultsOf } from "./browser";
import type { Stage } from "./gateway";
import { APP } from "./states/app";
import { CONVERSATIONS } from "./states/conversations";
import { PANES } from "./states/panes";
import { TROUBLE } from "./states/trouble";

/** What the app can look like: where that is, and what leads to it. */
export interface State {
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

/** Every route and main state, by what it is called in a test's name. */
export const STATES: Record<string, State> = { ...APP, ...CONVERSATIONS, ...PANES, ...TROUBLE };

/** Opens a page in a state; the answer says what went wrong on the way. */
export async function show(page: Page, stage: Stage, { path, ready, act, alone }: State): Promise<string[]> {
  const faults = faultsOf(page);
  if (alone) await page.addInitScript("delete window.SharedWorker");
  await page.goto(stage.url + path);
  await act?.(page, stage);
  await page.locator(ready).first().waitFor();
  await page.evaluate(() => document.fonts.ready);
  return faults.filter((fault) => !/Failed to load resource|WebSocket connection/.test(fault));
}
