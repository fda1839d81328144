import type { ViewportSize } from "playwright-core";
import { expect, test } from "vitest";
import { violations } from "./axe";
import { newPage } from "./browser";
import { browser, stage } from "./fixture";
import { STATES, show } from "./states";

/** Attributes of the page, as `public/theme.js` sets them. */
const LOOKS: Record<string, string>[] = [
  { theme: "light", contrast: "" },
  { theme: "dark", contrast: "" },
  { theme: "dark", contrast: "more" },
  { theme: "light", contrast: "more" },
];

/** Holds every state, in every look, to what everybody can use, on screens of this size. Each size is a file: they run side by side. */
export function testStates(viewport: ViewportSize): void {
  test.each(Object.entries(STATES))("%s can be used by everybody", async (_name, state) => {
    state.set?.(stage);
    const page = await newPage(browser, { viewport, reducedMotion: "reduce" });
    expect(await show(page, stage, state)).toEqual([]);
    for (const look of LOOKS) {
      await page.evaluate((chosen) => Object.assign(document.documentElement.dataset, chosen), look);
      expect(await violations(page), JSON.stringify(look)).toEqual([]);
    }
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wider, "wider than the screen").toBeLessThanOrEqual(0);
  });
}
