import { useEffect, useLayoutEffect, useRef } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { readStored, writeStored } from "@/platform/storage";
import { ACTION_IDS, type ActionId, definitionOf } from "./definitions";

type Run = () => void;

const KEYS_KEY = "slipway.keys";

interface RegistryView {
  /** What each action does now; of several parts of the page that bind one, the last counts. */
  bound: ReadonlyMap<ActionId, readonly Run[]>;
  /** Keys that the person has chosen; an empty text is none. */
  chosen: Readonly<Partial<Record<ActionId, string>>>;
}

const registry = createStore<RegistryView>(() => ({ bound: new Map(), chosen: storedKeys() }));

/** Binds an action while the component is mounted; null says that it cannot be done at the moment. */
export function useAction(id: ActionId, run: Run | null): void {
  const latest = useRef(run);
  // Before the next key can come: it is to do what the page shows now.
  useLayoutEffect(() => {
    latest.current = run;
  });
  const available = run !== null;
  useEffect(() => {
    if (!available) return;
    const mine = () => latest.current?.();
    change(id, (all) => [...all, mine]);
    return () => change(id, (all) => all.filter((one) => one !== mine));
  }, [id, available]);
}

/** Does an action; says whether anything was bound to it. */
export function runAction(id: ActionId): boolean {
  const run = registry.getState().bound.get(id)?.at(-1);
  run?.();
  return run !== undefined;
}

/** The actions that can be done now, in the order of their definition. */
export function useAvailableActions(): ActionId[] {
  const bound = useStore(registry, (view) => view.bound);
  return ACTION_IDS.filter((id) => (bound.get(id)?.length ?? 0) > 0);
}

/** What an action does now, if anything. */
export function isAvailable(id: ActionId): boolean {
  return (registry.getState().bound.get(id)?.length ?? 0) > 0;
}

/** The keys of an action; empty if it has none. */
export function keysOf(id: ActionId): string {
  return registry.getState().chosen[id] ?? definitionOf(id).keys ?? "";
}

/** The keys of all actions, for those who show them. */
export function useKeys(): (id: ActionId) => string {
  const chosen = useStore(registry, (view) => view.chosen);
  return (id) => chosen[id] ?? definitionOf(id).keys ?? "";
}

/** Gives an action other keys, empty for none; null goes back to its own. Who had them loses them. */
export function chooseKeys(id: ActionId, keys: string | null): void {
  const { chosen } = registry.getState();
  const next = { ...chosen };
  if (keys === null) delete next[id];
  else next[id] = keys;
  for (const other of ACTION_IDS) {
    const has = next[other] ?? definitionOf(other).keys ?? "";
    if (other !== id && keys && has === keys) next[other] = "";
  }
  writeStored(KEYS_KEY, Object.keys(next).length > 0 ? JSON.stringify(next) : null);
  registry.setState({ chosen: next });
}

function change(id: ActionId, to: (all: readonly Run[]) => readonly Run[]): void {
  registry.setState(({ bound }) => ({ bound: new Map(bound).set(id, to(bound.get(id) ?? [])) }));
}

function storedKeys(): RegistryView["chosen"] {
  try {
    const stored: unknown = JSON.parse(readStored(KEYS_KEY) ?? "{}");
    if (typeof stored !== "object" || stored === null) return {};
    const known = Object.entries(stored).filter(
      ([id, keys]) => (ACTION_IDS as string[]).includes(id) && typeof keys === "string",
    );
    return Object.fromEntries(known);
  } catch {
    return {};
  }
}
