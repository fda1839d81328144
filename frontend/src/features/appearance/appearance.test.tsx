import { readFileSync } from "node:fs";
import { join } from "node:path";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { APPEARANCE, ASPECTS, choose } from "@/ui/appearance";
import { AppearanceSettings } from "./appearance-settings";

afterEach(() => {
  for (const aspect of ASPECTS) choose(aspect, APPEARANCE[aspect][0]);
});

test("a choice holds at once and is kept", async () => {
  render(<AppearanceSettings />);
  await userEvent.selectOptions(screen.getByLabelText("Density"), "Compact");
  await userEvent.selectOptions(screen.getByLabelText("Contrast"), "More");
  const { dataset } = document.documentElement;
  expect([dataset.density, dataset.contrast]).toEqual(["compact", "more"]);
  expect(localStorage.getItem("slipway.density")).toBe("compact");
  await userEvent.selectOptions(screen.getByLabelText("Density"), "Usual");
  expect(dataset.density).toBeUndefined();
  expect(localStorage.getItem("slipway.density")).toBeNull();
});

/** What `public/theme.js` makes of what is stored. */
function beforeFirstPaint(asked = "") {
  const script = readFileSync(join(import.meta.dirname, "../../../public/theme.js"), "utf8");
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: query === asked,
    addEventListener: () => undefined,
  }));
  new Function(script)();
  vi.unstubAllGlobals();
  return { ...document.documentElement.dataset };
}

test("every choice is there again before the first paint", () => {
  for (const aspect of ASPECTS) {
    for (const choice of APPEARANCE[aspect].slice(1)) {
      choose(aspect, choice);
      delete document.documentElement.dataset[aspect];
      expect(beforeFirstPaint()[aspect]).toBe(choice);
    }
  }
});

test("what somebody else has stored is not taken over, and a system gets what it asks for", () => {
  localStorage.setItem("slipway.theme", "pink");
  expect(beforeFirstPaint().theme).toBeUndefined();
  expect(beforeFirstPaint("(prefers-contrast: more)").contrast).toBe("more");
  expect(beforeFirstPaint().contrast).toBeUndefined();
  expect(beforeFirstPaint("(prefers-reduced-motion: reduce)").motion).toBe("reduced");
  expect(beforeFirstPaint().motion).toBeUndefined();
  localStorage.clear();
});
