import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { readStored, writeStored } from "@/platform/storage";

/** How the page behaves: what can be chosen of each, the usual choice first. */
export const PREFERENCES = {
  /** What sends a message. */
  send: ["enter", "modEnter"],
  /** How calls of tools are shown: consecutive looks in one row, each in a row, or all opened. */
  calls: ["grouped", "list", "full"],
  /** Whether the model's reasoning is open when it has ended. */
  thinking: ["collapsed", "expanded"],
  /** Whether formulas and diagrams in messages are drawn. */
  drawings: ["text", "drawn"],
} as const;

export type Preference = keyof typeof PREFERENCES;
export type Preferred<Of extends Preference> = (typeof PREFERENCES)[Of][number];
type Preferences = { readonly [Of in Preference]: Preferred<Of> };

export const PREFERENCE_NAMES = Object.keys(PREFERENCES) as Preference[];

const keyOf = (name: Preference) => `slipway.${name}`;

function stored<Of extends Preference>(name: Of): Preferred<Of> {
  const options: readonly Preferred<Of>[] = PREFERENCES[name];
  const kept = readStored(keyOf(name));
  return options.find((option) => option === kept) ?? (options[0] as Preferred<Of>);
}

const store = createStore<Preferences>(() => ({
  send: stored("send"),
  calls: stored("calls"),
  thinking: stored("thinking"),
  drawings: stored("drawings"),
}));

/** What is chosen at the moment. */
export function usePreference<Of extends Preference>(name: Of): Preferred<Of> {
  return useStore(store, (chosen) => chosen[name]);
}

/** Chooses, for this browser and at once. */
export function prefer<Of extends Preference>(name: Of, choice: Preferred<Of>): void {
  writeStored(keyOf(name), choice === PREFERENCES[name][0] ? null : choice);
  store.setState({ [name]: choice });
}
