import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const css = readFileSync(join(import.meta.dirname, "tokens.css"), "utf8");

/** The colours of a block of `tokens.css` in one scheme. */
function coloursOf(selector: string, scheme: "light" | "dark"): Record<string, string> {
  const start = css.indexOf(`${selector} {`);
  if (start < 0) throw new Error(`there is no ${selector}`);
  const block = css.slice(start, css.indexOf("\n}", start));
  const pairs = block.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g);
  return Object.fromEntries(
    [...pairs].map(([, name, light, dark]) => [name, scheme === "light" ? light : dark]),
  );
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast as WCAG 2.2 defines it. */
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

test("contrast is that of WCAG", () => {
  expect(contrast("#ffffff", "#000000")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

const WORDS = ["text", "text-2", "text-3", "accent", "waiting", "ok", "error"];
const CODE = ["keyword", "string", "comment", "number", "name", "type"].map((name) => `code-${name}`);
const PLACES = ["canvas", "surface", "sunken"];

const PAIRS: [string, string][] = [
  ...WORDS.flatMap((word) => PLACES.map((place): [string, string] => [word, place])),
  ...CODE.flatMap((word) => [...PLACES, "add-bg", "del-bg"].map((place): [string, string] => [word, place])),
  ["add-text", "add-bg"],
  ["del-text", "del-bg"],
  ["text-3", "add-bg"],
  ["text-3", "del-bg"],
  ["add-text", "surface"],
  ["del-text", "surface"],
  ["on-accent", "accent"],
];

const VARIANTS: [name: string, selectors: string[], least: number][] = [
  ["usual", [], 4.5],
  ["blue and orange", [':root[data-diff="blue"]'], 4.5],
  ["more contrast", [':root[data-contrast="more"]'], 7],
  ["more contrast, blue and orange", [':root[data-contrast="more"]', ':root[data-diff="blue"]'], 7],
];

describe.each(VARIANTS)("%s", (_, selectors, least) => {
  test.each(["light", "dark"] as const)("words can be read: %s", (scheme) => {
    const colours = Object.assign({}, ...[":root", ...selectors].map((one) => coloursOf(one, scheme)));
    const weak = PAIRS.flatMap(([word, place]) => {
      const ratio = contrast(colours[word], colours[place]);
      return ratio < least ? [`${word} on ${place}: ${ratio.toFixed(2)}`] : [];
    });
    expect(weak).toEqual([]);
    for (const place of PLACES)
      expect(contrast(colours["line-strong"], colours[place])).toBeGreaterThanOrEqual(3);
  });
});
