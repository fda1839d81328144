import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { readStored, writeStored } from "@/platform/storage";

/**
 * How the page looks: what can be chosen of each, the usual choice first. `public/theme.js` reads the choices
 * before the first paint and sets them as `data-…` of the page, where `tokens.css` looks for them.
 */
export const APPEARANCE = {
  theme: ["system", "light", "dark"],
  contrast: ["system", "more"],
  density: ["default", "compact", "comfortable"],
  diff: ["green", "blue"],
  motion: ["system", "reduced"],
} as const;

export type Aspect = keyof typeof APPEARANCE;
export type Choice<Of extends Aspect> = (typeof APPEARANCE)[Of][number];
type Appearance = { readonly [Of in Aspect]: Choice<Of> };

export const ASPECTS = Object.keys(APPEARANCE) as Aspect[];

const keyOf = (aspect: Aspect) => `slipway.${aspect}`;

function chosen<Of extends Aspect>(aspect: Of): Choice<Of> {
  const options: readonly Choice<Of>[] = APPEARANCE[aspect];
  const stored = readStored(keyOf(aspect));
  return options.find((option) => option === stored) ?? (options[0] as Choice<Of>);
}

const store = createStore<Appearance>(() => ({
  theme: chosen("theme"),
  contrast: chosen("contrast"),
  density: chosen("density"),
  diff: chosen("diff"),
  motion: chosen("motion"),
}));

/** What is chosen at the moment. */
export function useAppearance(): Appearance {
  return useStore(store);
}

/** Chooses, for this browser and at once. */
export function choose<Of extends Aspect>(aspect: Of, choice: Choice<Of>): void {
  const isUsual = choice === APPEARANCE[aspect][0];
  writeStored(keyOf(aspect), isUsual ? null : choice);
  if (isUsual) delete document.documentElement.dataset[aspect];
  else document.documentElement.dataset[aspect] = choice;
  store.setState({ [aspect]: choice });
}
