import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, newPage, PHONE, SCREEN } from "./browser";
import { COARSE, type Difference, difference, EXACT, isSame } from "./compare";
import { Stage } from "./gateway";
import { NOW } from "./pieces";
import { decoded, encoded, type Picture, reduced } from "./png";
import { type Look, REFERENCES, type Reference } from "./references";
import { fill } from "./scenes";
import { STATES, show } from "./states";

const REFERENCE = join(import.meta.dirname, "reference");
/** Where what is seen goes when it is not what it was. */
const FAILED = process.env.SLIPWAY_E2E_PICTURES || join(import.meta.dirname, "../../.slipway/pictures");
/** The browser that took the references. */
const TAKEN_BY = join(REFERENCE, "browser.json");

/** Whether the pictures are taken anew: `npm run compare -- --update`. */
const renews = () => expect.getState().snapshotState.snapshotUpdateState === "all";
/** How long a page may take until it looks as it should. */
const PATIENCE_MS = 30_000;

let browser: Browser;

beforeAll(async () => {
  // Letters are drawn the same way whatever the machine says of its screen.
  browser = await launch(["--disable-lcd-text", "--font-render-hinting=none", "--force-color-profile=srgb"]);
});
afterAll(() => browser.close());

const major = () => browser.version().split(".")[0];

/** What is allowed to differ: hardly anything, unless another browser took the references. */
function tolerance() {
  const takenBy = JSON.parse(readFileSync(TAKEN_BY, "utf8")) as { major: string };
  return takenBy.major === major() ? EXACT : COARSE;
}

/** A page that looks so, whose time stands still. */
async function pageFor({ phone, language, ...looks }: Look): Promise<Page> {
  const page = await newPage(browser, {
    viewport: phone ? PHONE : SCREEN,
    hasTouch: phone ?? false,
    isMobile: phone ?? false,
    reducedMotion: "reduce",
    locale: language ?? "en",
  });
  await page.addInitScript((chosen) => {
    for (const [name, choice] of Object.entries(chosen)) localStorage.setItem(`slipway.${name}`, choice);
  }, looks);
  await page.clock.setFixedTime(NOW);
  return page;
}

const taken = async (page: Page): Promise<Picture> =>
  decoded(await page.screenshot({ animations: "disabled", caret: "hide" }));

/** The page once it does not change any more. */
async function settled(page: Page): Promise<Picture> {
  let before = await taken(page);
  for (;;) {
    await page.waitForTimeout(1_000);
    const now = await taken(page);
    if (Buffer.compare(before.data, now.data) === 0) return now;
    before = now;
  }
}

/** How the page differs from its reference when it is as like it as it gets. */
async function compared(page: Page, reference: Picture): Promise<[Difference, Picture]> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const now = await taken(page);
    const found = difference(reference, now, tolerance());
    if (isSame(found) || performance.now() > until) return [found, now];
    await page.waitForTimeout(250);
  }
}

function renew(path: string, now: Picture): void {
  mkdirSync(REFERENCE, { recursive: true });
  writeFileSync(path, reduced(now));
  writeFileSync(TAKEN_BY, `{ "major": "${major()}" }\n`);
}

/** Keeps what was seen beside where it differs, to be looked at. */
function keep(name: string, now: Picture, { marked }: Difference): void {
  mkdirSync(FAILED, { recursive: true });
  writeFileSync(join(FAILED, `${name}-now.png`), encoded(now));
  if (marked) writeFileSync(join(FAILED, `${name}-different.png`), encoded(marked));
}

/** Shows a state in a look of its own and hands the page over. */
async function look(reference: Reference, at: (page: Page) => Promise<void>): Promise<void> {
  const stage = await Stage.start();
  fill(stage);
  const state = STATES[reference.state];
  if (!state) throw new Error(`there is no state "${reference.state}"`);
  state.set?.(stage);
  const page = await pageFor(reference);
  try {
    expect(await show(page, stage, state)).toEqual([]);
    // Nothing lies under the pointer.
    await page.mouse.move(0, 0);
    await at(page);
  } finally {
    await page.context().close();
    await stage.end();
  }
}

test.each(Object.entries(REFERENCES))("%s looks as it did", async (name, reference) => {
  const path = join(REFERENCE, `${name}.png`);
  await look(reference, async (page) => {
    if (renews()) return renew(path, await settled(page));
    expect(existsSync(path), `${path} is missing: npm run compare -- --update`).toBe(true);
    const [found, now] = await compared(page, decoded(readFileSync(path)));
    if (!isSame(found)) keep(name, now, found);
    expect(
      found.pixels,
      `${name} differs: look at ${FAILED}; if it should, npm run compare -- --update`,
    ).toBeLessThanOrEqual(found.allowed);
  });
});
