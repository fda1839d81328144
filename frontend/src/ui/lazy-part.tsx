import type { ComponentType, ReactNode } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { importAgain } from "@/platform/import-again";
import { isOutdated } from "@/platform/renewal";
import { type Missing, MissingPart } from "./missing-part";

type PropsOf<Part> = Part extends () => ReactNode
  ? object
  : Part extends (props: infer Props extends object) => ReactNode
    ? Props
    : never;

interface Options<Name, Props> {
  /** What its file calls it, unless it is the default. */
  name?: Name;
  /**
   * What is in its place while it cannot be had, instead of words and a way to try again: the same as a `page`, or `over` it,
   * for what opens there; nothing, for an ornament (`quiet`); or something of its own.
   */
  otherwise?: "page" | "over" | "quiet" | ((props: Props) => ReactNode);
}

/** A part of the page that is loaded when it is first shown. */
export type LazyPart<Props> = ((props: Props) => ReactNode) & {
  /** Loads it ahead of that; what cannot be had then is asked for again when it is wanted. */
  preload: () => Promise<void>;
};

interface Progress<Props> {
  Part?: ComponentType<Props>;
  missing?: Missing;
}

/**
 * A component that is loaded when it is first shown, as by `React.lazy`. But one that could not be loaded does not end on the
 * crash page for good: its place says so, and it is loaded when somebody asks for it again, or Slipway answers again.
 */
export function lazyPart<File extends object, Name extends keyof File = keyof File & "default">(
  load: () => Promise<File>,
  { name = "default" as Name, otherwise }: Options<Name, PropsOf<File[Name]>> = {},
): LazyPart<PropsOf<File[Name]>> {
  type Props = PropsOf<File[Name]>;
  const progress = createStore<Progress<Props>>(() => ({}));
  let attempt: Promise<void> | null = null;
  /** In how many places it is missed. */
  let places = 0;

  const begin = (how = load): Promise<void> => {
    if (attempt) return attempt;
    const mine = how().then(
      (file) => progress.setState({ Part: file[name] as ComponentType<Props>, missing: undefined }),
      async () => {
        const missing = (await isOutdated()) ? "outdated" : "away";
        if (attempt === mine) progress.setState({ missing });
      },
    );
    attempt = mine;
    return mine;
  };
  const again = () => {
    if (progress.getState().missing === "tried") return;
    attempt = null;
    progress.setState({ missing: "tried" });
    void begin(() => importAgain(load));
  };
  // What nobody misses any more is tried anew when it is next wanted.
  const forget = () => {
    if (places > 0 || progress.getState().Part) return;
    attempt = null;
    progress.setState({ missing: undefined });
  };
  const miss = () => {
    places += 1;
    return () => {
      places -= 1;
      queueMicrotask(forget);
    };
  };

  // biome-ignore lint/correctness/noComponentHookFactories: called once for each part, as React.lazy is
  function Lazy(props: Props) {
    const { Part, missing } = useStore(progress);
    if (Part) return <Part {...props} />;
    // What `React.lazy` does too; `use` would not be woken where a test does not await what it renders.
    if (!missing) throw begin();
    return (
      <MissingPart
        why={missing ?? "away"}
        otherwise={typeof otherwise === "function" ? otherwise(props) : otherwise}
        onMiss={miss}
        onRetry={again}
        onClose={"onClose" in props ? (props.onClose as () => void) : undefined}
      />
    );
  }
  return Object.assign(Lazy, { preload: () => begin().then(forget) });
}
