import type { Browser, Page } from "playwright-core";
import { launch, pageInRealTime, SCREEN } from "../stage/browser";

/** Height of a window's own bars, which a browser without a screen leaves out of its pages too. */
const BARS = 87;

/**
 * Starts a browser whose windows show pages as large as the screen. Of a page that is only emulated to be so large, the browser
 * draws no more than its window would show, so a key below that counts as not shown until something else is drawn.
 */
export const launchWindows = (): Promise<Browser> =>
  launch([`--window-size=${SCREEN.width},${SCREEN.height + BARS}`]);

/** A page that fills a window of its own, in the machine's time. */
export const pageOfWindow = (browser: Browser): Promise<Page> => pageInRealTime(browser, { viewport: null });
