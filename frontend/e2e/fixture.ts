/**
 * The signed-in browser and the page of its own that each case of a file has, and what every case is held to: nothing goes
 * wrong in the console or on the wire but what it allows, and what it leaves on the screen is accessible.
 */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { violations } from "../stage/axe";
import { Session } from "./browser";

/** The browser, from before the first case to after the last. */
export let session: Session;
/** The page of the case that runs. */
export let page: Page;

beforeAll(async () => {
  session = await Session.start();
});

afterAll(() => session.end());

beforeEach(async () => {
  session.reset();
  page = await session.page();
});

afterEach(async ({ task }) => {
  await session.tellIfFailed(task);
  try {
    if (task.result?.state !== "fail") {
      expect(session.unexpected()).toEqual([]);
      const shown = !page.isClosed() && page.url() !== "about:blank";
      if (shown) expect(await violations(page)).toEqual([]);
    }
  } finally {
    await page.close();
  }
});
