import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Stage } from "../stage/gateway";
import { long } from "../stage/scenes";
import { report, within } from "./budgets";
import { Meter } from "./measure";
import { launchWindows, pageOfWindow } from "./window";

const ID = "conv_long";

let browser: Browser;
let stage: Stage;

beforeAll(async () => {
  browser = await launchWindows();
  stage = await Stage.start();
  stage.put(long(ID, 5_000));
});
afterAll(async () => {
  await browser.close();
  await stage.end();
});

interface Load {
  cpu: number;
  paint: number;
  usable: number;
}

/** Loads a conversation in a browser that has nothing of it yet; `rate` makes the machine slower. */
async function load(rate: number): Promise<Load> {
  const page = await pageOfWindow(browser);
  const meter = await Meter.on(page);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate });
  await page.goto(`${stage.url}/c/${ID}?panel=none`);
  const box = page.getByTestId("composer").getByRole("textbox");
  await box.waitFor();
  const usable = await page.evaluate(() => performance.now());
  const { cpu } = await meter.read();
  await box.fill("usable");
  expect(await box.inputValue()).toBe("usable");
  const paint = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  );
  await page.context().close();
  return { cpu, paint, usable };
}

const median = (all: number[]) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;

test("P-2 a conversation of 5,000 messages is painted and can be written to soon", async () => {
  const loads: Load[] = [];
  for (let n = 0; n < 5; n += 1) loads.push(await load(1));
  report("P-2 first paint ms", median(loads.map(({ paint }) => paint)));
  report("P-2 composer usable ms", median(loads.map(({ usable }) => usable)));
  within("P-2 CPU s until usable", median(loads.map(({ cpu }) => cpu)));
  report("P-2 composer usable ms at a quarter of the speed", (await load(4)).usable);
});
