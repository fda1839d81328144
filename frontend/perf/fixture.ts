/** The browser that the measurements of a file share, and for each of them an empty stage and a page of its own. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { Stage } from "../stage/gateway";
import { Meter } from "./measure";
import { launchWindows, pageOfWindow } from "./window";

/** The stage of the measurement that runs. */
export let stage: Stage;
/** Its page. */
export let page: Page;
/** What the page consumes. */
export let meter: Meter;

let browser: Browser;

beforeAll(async () => {
  browser = await launchWindows();
});

afterAll(() => browser.close());

async function openPage(): Promise<void> {
  page = await pageOfWindow(browser);
  meter = await Meter.on(page);
}

/** Has another page in the place of this one, which has nothing from it. */
export async function renewPage(): Promise<void> {
  await page.context().close();
  await openPage();
}

beforeEach(async () => {
  stage = await Stage.start();
  await openPage();
});

afterEach(async () => {
  await page.context().close();
  await stage.end();
});
