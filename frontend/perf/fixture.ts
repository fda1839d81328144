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

beforeEach(async () => {
  stage = await Stage.start();
  page = await pageOfWindow(browser);
  meter = await Meter.on(page);
});

afterEach(async () => {
  await page.context().close();
  await stage.end();
});
