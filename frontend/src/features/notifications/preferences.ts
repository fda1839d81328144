import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { readStored, writeStored } from "@/platform/storage";
import { NOTICE_KINDS, type NoticeKind } from "./notices";

/** Ways to tell somebody; the title and the icon of the tab always tell. */
export const CHANNELS = ["system", "sound"] as const;

export type Channel = (typeof CHANNELS)[number];
export type Preference = NoticeKind | Channel;

/** What is told unless somebody chooses otherwise: everything, by the means that need no permission and make no noise. */
const USUAL: Readonly<Record<Preference, boolean>> = {
  done: true,
  needsYou: true,
  failed: true,
  budget: true,
  system: false,
  sound: false,
};

const keyOf = (name: Preference) => `slipway.notify.${name}`;

const NAMES: readonly Preference[] = [...NOTICE_KINDS, ...CHANNELS];

const store = createStore<Readonly<Record<Preference, boolean>>>(() => {
  const stored = NAMES.map((name) => {
    const value = readStored(keyOf(name));
    return [name, value === null ? USUAL[name] : value === "yes"] as const;
  });
  return Object.fromEntries(stored) as Record<Preference, boolean>;
});

/** What is to be told, and how. */
export function usePreferences(): Readonly<Record<Preference, boolean>> {
  return useStore(store);
}

export function preferences(): Readonly<Record<Preference, boolean>> {
  return store.getState();
}

export function setPreference(name: Preference, wanted: boolean): void {
  writeStored(keyOf(name), wanted === USUAL[name] ? null : wanted ? "yes" : "no");
  store.setState({ [name]: wanted });
}
