import type { CDPSession, Page } from "playwright-core";

/** What a page has consumed so far. */
export interface Consumed {
  /** Seconds of the main thread for scripts, layout and styles; other programs of the machine do not count. */
  cpu: number;
  /** Bytes of the script heap that are in use. */
  heap: number;
}

/** A page whose consumption is watched. */
export class Meter {
  readonly #devtools: CDPSession;

  private constructor(devtools: CDPSession) {
    this.#devtools = devtools;
  }

  static async on(page: Page): Promise<Meter> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    return new Meter(devtools);
  }

  async read(): Promise<Consumed> {
    const { metrics } = await this.#devtools.send("Performance.getMetrics");
    const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return {
      cpu: of("ScriptDuration") + of("LayoutDuration") + of("RecalcStyleDuration"),
      heap: of("JSHeapUsedSize"),
    };
  }

  /** What is in use once what is not has been thrown away. */
  async settled(): Promise<Consumed> {
    await this.#devtools.send("HeapProfiler.collectGarbage");
    return this.read();
  }
}
