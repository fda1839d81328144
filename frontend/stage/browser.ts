import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { NOW } from "./pieces";

/** Flags for a browser on a machine without a GPU and without the internet. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const SCREEN = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Starts the browser that `CHROMIUM` names. */
export function launch(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [...FLAGS, ...more],
  });
}

/** A page of a browser of its own, whose clock goes on from the time of the scenes. Its frames are timers. */
export async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await pageInRealTime(browser, options);
  await page.clock.install({ time: NOW });
  await page.clock.resume();
  return page;
}

/** A page of a browser of its own with the machine's time and the frames that are drawn. */
export async function pageInRealTime(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: SCREEN, timezoneId: "UTC", ...options });
  const page = await context.newPage();
  // A busy machine is no fault of the page.
  page.setDefaultTimeout(90_000);
  return page;
}

/** What goes wrong in a page from now on. */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  return faults;
}
