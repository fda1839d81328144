import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Part } from "../src/api/types";
import { launch, newPage, PHONE } from "./browser";
import { browser, stage } from "./fixture";
import { LIVE } from "./scenes";

let page: Page;

/** Opens an address of the app once its conversation is there. */
async function open(path: string, options: Parameters<typeof newPage>[1] = {}): Promise<void> {
  page = await newPage(browser, options);
  await page.goto(stage.url + path);
  await page.getByTestId("composer").waitFor();
  await page.evaluate(() => document.fonts.ready);
}

const textbox = () => page.getByTestId("composer").getByRole("textbox");

/** Puts the focus where the first Tab of somebody who has just come would put it. */
const focusFirst = () =>
  page.evaluate(() => document.querySelector<HTMLElement>("a[href], button, input, [tabindex='0']")?.focus());

/** The parts of the page in which the focus comes to lie, in order, while Tab is pressed until it has gone round. */
async function tour(most = 150): Promise<string[]> {
  const parts: string[] = [];
  for (let n = 0; n < most; n += 1) {
    await page.keyboard.press("Tab");
    const part = await page.evaluate(() => {
      const at = document.activeElement;
      const known =
        "[data-testid=skip-link], [data-testid=sidebar], [data-testid=conv-header], [data-testid=timeline], [data-testid=composer], aside";
      const found = at?.closest<HTMLElement>(known);
      return found ? (found.dataset.testid ?? "panel") : at === document.body ? "end" : "other";
    });
    if (part !== parts.at(-1)) parts.push(part);
    if (part === "end") break;
  }
  return parts;
}

describe("the keyboard", () => {
  test("Tab goes through the page in the order in which it is read", async () => {
    await open("/c/conv_demo?panel=context");
    await page.getByTestId("part-text").first().waitFor();
    await focusFirst();
    const parts = ["skip-link", ...(await tour())];
    const wanted = ["skip-link", "sidebar", "conv-header", "timeline", "composer", "panel"];
    expect(parts.filter((part) => wanted.includes(part))).toEqual(wanted);
  });

  test("the skip link leads past the conversations", async () => {
    await open("/c/conv_demo?panel=none");
    await focusFirst();
    const link = page.getByTestId("skip-link");
    expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
    expect((await link.boundingBox())?.width).toBeGreaterThan(24);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.closest("[data-testid=sidebar]"))).toBeNull();
  });

  test.each([
    ["the palette", "[data-testid=palette]", () => page.keyboard.press("Control+k")],
    ["the help about keys", "[role=dialog]", () => page.keyboard.press("?")],
    ["a menu", "[role=menu]", () => page.keyboard.press("Enter")],
    ["the meter", "[role=dialog]", () => page.keyboard.press("Enter")],
  ] as const)("%s keeps the focus and gives it back", async (name, selector, press) => {
    await open("/c/conv_demo?panel=none");
    const from = { "a menu": "model-picker", "the meter": "context-meter" }[name as string] ?? "timeline";
    const opener = page.getByTestId(from);
    await opener.focus();
    await press();
    const dialog = page.locator(selector);
    await dialog.waitFor();
    for (const key of ["Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"]) {
      await page.keyboard.press(key);
      const inside = await dialog.evaluate((element) => element.contains(document.activeElement));
      expect(inside, `after ${key}`).toBe(true);
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await expect
      .poll(() => opener.evaluate((element) => element === document.activeElement), { timeout: 30_000 })
      .toBe(true);
  });

  test("what is typed while nothing has the focus goes to the message", async () => {
    await open("/c/conv_demo?panel=none");
    await page.getByTestId("timeline").focus();
    await page.keyboard.type("hello");
    await expect.poll(() => textbox().inputValue()).toBe("hello");
  });
});

/** Addresses of the app with their states. */
const PATHS = [
  "/",
  "/c/conv_demo?panel=none",
  "/c/conv_work?panel=none",
  "/c/conv_demo?panel=files",
  "/c/conv_demo?panel=terminal",
  "/c/conv_work?panel=context",
  "/c/conv_asks?panel=ports",
];

describe("sizes", () => {
  test("at 200 % on a screen of 1280 nothing scrolls sideways", async () => {
    page = await newPage(browser, { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 });
    for (const path of [...PATHS, "/settings"]) {
      await page.goto(stage.url + path);
      await page.locator("main, [data-testid=composer]").first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wider, path).toBeLessThanOrEqual(0);
      const settings = page.getByTestId("settings");
      if (await settings.count()) {
        expect(await settings.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
      }
    }
  });

  test.each([
    ["a mouse", 24, {}],
    ["fingers", 44, { viewport: PHONE, hasTouch: true, isMobile: true }],
  ] as const)(
    "what is pressed with %s is at least %i pixels high and wide",
    async (_with, least, options) => {
      page = await newPage(browser, options);
      const small: string[] = [];
      for (const path of PATHS) {
        await page.goto(stage.url + path);
        await page.locator("[data-testid=composer]").first().waitFor();
        await page.getByTestId("conv-header").or(page.locator("main")).first().waitFor();
        if (/panel=(?!none)/.test(path)) await page.getByRole("tabpanel").first().waitFor();
        await page.evaluate(() => document.fonts.ready);
        const found = await page.evaluate(tooSmall, least);
        small.push(...found.map((one) => `${path}: ${one}`));
      }
      expect(small).toEqual([]);
    },
  );

  test("FE-130 the message stays in sight above a phone's keyboard, whichever way the browser makes room", async () => {
    await open("/c/conv_work?panel=none", { viewport: PHONE, hasTouch: true, isMobile: true });
    await textbox().focus();
    const inside = async (height: number) => {
      const box = await page.getByTestId("composer").boundingBox();
      return box !== null && box.y >= 0 && box.y + box.height <= height;
    };
    // The page becomes smaller: `interactive-widget=resizes-content`.
    await page.setViewportSize({ width: 390, height: 430 });
    await expect.poll(() => inside(430), { timeout: 30_000 }).toBe(true);
    await page.setViewportSize(PHONE);
    await expect
      .poll(async () => (await page.getByTestId("composer").boundingBox())?.y ?? 0)
      .toBeGreaterThan(430);
    // The keyboard lies over the page, and only the visual viewport tells.
    await page.evaluate(() => {
      Object.defineProperty(visualViewport, "height", { configurable: true, get: () => 430 });
      visualViewport?.dispatchEvent(new Event("resize"));
    });
    await expect.poll(() => inside(430), { timeout: 30_000 }).toBe(true);
  });
});

/** What can be pressed and is too small; words of a sentence, and fields that a label makes larger, are not meant. */
function tooSmall(least: number): string[] {
  const found: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>(
    "button, a[href], select, textarea, summary, [role=button], [role=tab], [role=menuitem], input:not([type=hidden]):not([hidden])",
  )) {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest(".sr-only, [aria-hidden=true], .prose")) continue;
    const target = element.matches("input") ? (element.closest("label") ?? element) : element;
    const { width, height } = target.getBoundingClientRect();
    if (width === 0 || height === 0) continue;
    if (width >= least && height >= least) continue;
    // Links and buttons in a line of text.
    if (getComputedStyle(element).display === "inline") continue;
    const name =
      element.getAttribute("aria-label") ?? element.dataset.testid ?? element.textContent.slice(0, 30);
    found.push(
      `${element.tagName.toLowerCase()} ${JSON.stringify(name)} ${width.toFixed(0)}×${height.toFixed(0)}`,
    );
  }
  return found;
}

test("what moves in a live answer stands still for people who want no motion", async () => {
  const moving = () =>
    page.evaluate(() => document.getAnimations().filter((one) => one.playState === "running").length);
  const watch = async (reducedMotion: "reduce" | "no-preference") => {
    await open("/c/conv_work?panel=none", { reducedMotion });
    await page.getByTestId("queue").waitFor();
    stage.emit({ type: "message.created", message: LIVE }, "conv_work");
    await page.getByText("It comes in").waitFor();
  };
  await watch("no-preference");
  await expect.poll(moving).toBeGreaterThan(0);
  await page.context().close();
  await watch("reduce");
  expect(await moving()).toBe(0);
});

test("the rows of a live answer stand one right below the other when it has come in", async () => {
  const [part] = LIVE.parts;
  if (!part) throw new Error("nothing comes in");
  await open("/c/conv_work?panel=none");
  stage.emit({ type: "message.created", message: LIVE }, "conv_work");
  await page.getByText("It comes in").waitFor();
  const next: Part = { ...part, id: "part_next", body: { type: "text", text: "And the next" } };
  stage.emit({ type: "part.done", part: { ...part, state: "done" } }, "conv_work");
  stage.emit({ type: "part.started", part: next }, "conv_work");
  await page.getByText("And the next").waitFor();
  const gaps = () =>
    page.evaluate(() => {
      const rows = [...document.querySelectorAll("[data-testid=timeline] [data-index]")];
      const boxes = rows.map((row) => row.getBoundingClientRect());
      return boxes.slice(1).map((box, n) => Math.round(box.top - (boxes[n]?.bottom ?? 0)));
    });
  await expect.poll(async () => (await gaps()).filter((gap) => gap !== 0)).toEqual([]);
  expect((await gaps()).length).toBeGreaterThan(2);
});

describe("an address of the local network without HTTPS", () => {
  let far: Browser;
  beforeAll(async () => {
    far = await launch(["--host-resolver-rules=MAP lan.test 127.0.0.1"]);
  });
  afterAll(() => far.close());

  test("messages are sent and text is copied without what browsers keep for secure ones", async () => {
    page = await newPage(far);
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    const port = new URL(stage.url).port;
    await page.goto(`http://lan.test:${port}/c/conv_work?panel=none`);
    await page.getByTestId("part-text").first().waitFor();
    const missing = await page.evaluate(() => [
      window.isSecureContext,
      "clipboard" in navigator,
      "randomUUID" in crypto,
      "locks" in navigator,
    ]);
    expect(missing).toEqual([false, false, false, false]);

    const sent = page.waitForRequest((request) => request.url().endsWith("/messages"));
    await textbox().fill("Over the local network");
    await textbox().press("Enter");
    expect((await sent).postDataJSON().client_id).toMatch(/^[0-9a-f]{32}$/);

    await page.evaluate(() =>
      document.addEventListener("copy", () => {
        (window as { copied?: string }).copied = String(
          (document.activeElement as HTMLTextAreaElement | null)?.value ?? "",
        );
      }),
    );
    await page.getByRole("button", { name: "Copy" }).first().click();
    await expect.poll(() => page.evaluate(() => (window as { copied?: string }).copied)).toBeTruthy();

    await page.goto(`http://lan.test:${port}/settings`);
    await page.getByText("Notifications of the system need HTTPS").waitFor();
    expect(faults).toEqual([]);
  });
});
