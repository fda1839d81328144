/** The browser that the cases of a file share, and for each of them a stage of its own with every scene on it. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { launch } from "./browser";
import { Stage } from "./gateway";
import { fill } from "./scenes";

/** The browser, from before the first case to after the last. */
export let browser: Browser;
/** The stage of the case that runs. */
export let stage: Stage;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser.close());

beforeEach(async () => {
  stage = await Stage.start();
  fill(stage);
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await stage.end();
});
