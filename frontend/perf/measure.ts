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

/** What frames and tasks took. */
export interface Frames {
  /** Milliseconds between two frames, for all but the slowest twentieth. */
  p95: number;
  /** Share of the frames that took over 33 ms, in per cent. */
  slow: number;
  /** Tasks of over 50 ms, and the longest of them. */
  tasks: number;
  longest: number;
}

/** Watches the frames of a page from now on; the answer ends that and tells of them. */
export async function watchFrames(page: Page): Promise<() => Promise<Frames>> {
  await page.evaluate(() => {
    const seen = { frames: [] as number[], tasks: [] as number[], on: true };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.tasks.push(entry.duration);
    }).observe({ type: "longtask" });
    let last = performance.now();
    const next = (now: number) => {
      seen.frames.push(now - last);
      last = now;
      if (seen.on) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  return () =>
    page.evaluate(() => {
      const { seen } = window as unknown as { seen: { frames: number[]; tasks: number[]; on: boolean } };
      seen.on = false;
      const sorted = seen.frames.toSorted((a, b) => a - b);
      return {
        p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
        slow: (sorted.filter((ms) => ms > 33).length / Math.max(1, sorted.length)) * 100,
        tasks: seen.tasks.length,
        longest: Math.max(0, ...seen.tasks),
      };
    });
}

/** What jumped on the screen. */
export interface Jumps {
  /** The browser's own sum of layout shifts, scrolling left out. */
  shift: number;
  /** By how many pixels rows that stayed in sight moved down, at most: what is read moves up only while more comes. */
  back: number;
  /** Frames in which two rows of the timeline lay upon each other, or had something between them. */
  gaps: number;
}

/** Watches from now on what jumps in a timeline that follows its end; the answer ends that and tells of it. */
export async function watchJumps(page: Page): Promise<() => Promise<Jumps>> {
  await page.evaluate(() => {
    const seen = { shift: 0, back: 0, gaps: 0, on: true };
    Object.assign(window, { jumps: seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        seen.shift += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: "layout-shift" });
    const timeline = document.querySelector("[data-testid=timeline]");
    let before = new Map<Element, number>();
    const next = () => {
      const now = new Map<Element, number>();
      let bottom: number | null = null;
      let torn = false;
      for (const row of timeline?.querySelectorAll("[data-index]") ?? []) {
        const box = row.getBoundingClientRect();
        now.set(row, box.top);
        seen.back = Math.max(seen.back, box.top - (before.get(row) ?? box.top));
        torn ||= bottom !== null && Math.abs(box.top - bottom) > 1;
        bottom = box.bottom;
      }
      if (torn) seen.gaps += 1;
      before = now;
      // What is measured is what the frame shows: after everything that this frame's own callbacks and observers change.
      if (seen.on) requestAnimationFrame(() => setTimeout(next));
    };
    next();
  });
  return () =>
    page.evaluate(() => {
      const { jumps } = window as unknown as { jumps: Jumps & { on: boolean } };
      jumps.on = false;
      const { shift, back, gaps } = jumps;
      return { shift, back, gaps };
    });
}

/** The least of several figures that other programs of the machine can only make larger. */
export async function best(measure: () => Promise<number>, times = 3): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < times; n += 1) least = Math.min(least, await measure());
  return least;
}

/** Waits until what was changed has been drawn. */
export const drawn = (page: Page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
