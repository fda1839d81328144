import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { RunnerTask } from "vitest";
import { environment } from "./environment";

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

/**
 * What the machine does, not the page: containers that start and stop change its network, and Chromium breaks off what it is
 * loading. Pages have to bear that, so a case goes on with what they make of it.
 */
const NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED";

/** A signed-in browser that remembers everything that went wrong in its pages. */
export class Session {
  readonly faults: string[] = [];

  private allowed: RegExp[] = [];
  private readonly browser: Browser;
  private readonly context: BrowserContext;

  private constructor(browser: Browser, context: BrowserContext) {
    this.browser = browser;
    this.context = context;
  }

  /** Starts a browser that has no session. */
  static async startSignedOut(): Promise<Session> {
    const browser = await chromium.launch({ executablePath: environment.chromium, args: FLAGS });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    return new Session(browser, context);
  }

  /** Starts a browser and opens the login link. */
  static async start(): Promise<Session> {
    const session = await Session.startSignedOut();
    const page = await session.page();
    const answer = await page.goto(environment.login);
    if (!answer?.ok()) throw new Error(`the login link led to ${answer?.status()} at ${page.url()}`);
    await page.close();
    return session;
  }

  /** A new page whose console errors, exceptions and failed requests are kept in `faults`. */
  async page(): Promise<Page> {
    const page = await this.context.newPage();
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() === "error" && !text.includes(NETWORK_CHANGED)) this.faults.push(`console: ${text}`);
    });
    page.on("pageerror", (error) => this.faults.push(`exception: ${error.message}`));
    page.on("response", (response) => {
      if (response.status() >= 400) this.faults.push(`${response.status()} ${response.url()}`);
    });
    return page;
  }

  /** Forgets what went wrong and what might: a new case begins. */
  reset(): void {
    this.faults.length = 0;
    this.allowed = [];
  }

  /** Says that faults like this belong to the case that runs. */
  allow(fault: RegExp): void {
    this.allowed.push(fault);
  }

  /** What went wrong since the case began, and does not belong to it. */
  unexpected(): string[] {
    return this.faults.filter((fault) => !this.allowed.some((one) => one.test(fault)));
  }

  /** After a test that failed: prints what the open pages show and what went wrong in them, and saves a picture of each. */
  async tellIfFailed(test: Readonly<RunnerTask>): Promise<void> {
    if (test.result?.state !== "fail") return;
    for (const [number, page] of this.context.pages().entries()) {
      const text = await page.locator("body").innerText({ timeout: 2_000 }).catch(String);
      process.stderr.write(`page ${number} at ${page.url()} shows:\n${text.slice(0, 2_000)}\n`);
      await picture(page, `${test.name.replaceAll(/\W+/g, "-")}-${number}`);
    }
    process.stderr.write(`faults so far:\n${this.faults.join("\n")}\n`);
  }

  /** Ends the browser. */
  async end(): Promise<void> {
    await this.browser.close();
  }
}

/** Saves a picture of a page under `name`, if somebody wants pictures. */
export async function picture(page: Page, name: string): Promise<void> {
  if (environment.pictures) await page.screenshot({ path: `${environment.pictures}/${name}.png` });
}
