import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { tk } from "@/i18n/en-actions";
import { ACTION_IDS, definitionOf } from "./definitions";
import { keysInWords, strokeOf } from "./keys";
import { rank, ranked } from "./rank";
import { chooseKeys, keysOf, runAction, useAction } from "./registry";
import { useShortcuts } from "./shortcuts";

beforeEach(() => {
  for (const id of ACTION_IDS) chooseKeys(id, null);
});
afterEach(() => localStorage.clear());

test("FE-87 every action has a title and a way to start it, and no two share keys or a command", () => {
  for (const id of ACTION_IDS) expect(tk(id), id).not.toBe(id);
  for (const of of ["keys", "slash"] as const) {
    const taken = ACTION_IDS.flatMap((id) => definitionOf(id)[of] ?? []);
    expect(new Set(taken).size).toBe(taken.length);
  }
});

test("no key of an action types something while a text field has the focus", () => {
  const strokes = ACTION_IDS.flatMap((id) => (definitionOf(id).keys ?? "").split(" ").filter(Boolean));
  for (const stroke of strokes) expect(stroke).toMatch(/^((Mod|Alt)\+.+|\?|[[\]a-z]|Escape)$/);
});

describe("strokeOf", () => {
  const held = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  test.each([
    [{ key: "k", ctrlKey: true }, "Mod+K"],
    [{ key: "O", ctrlKey: true, shiftKey: true }, "Mod+Shift+O"],
    [{ key: "?", shiftKey: true }, "?"],
    [{ key: "]", ctrlKey: true, altKey: true }, "]"],
    [{ key: "c" }, "c"],
    [{ key: "C", shiftKey: true }, "Shift+C"],
    [{ key: "ArrowUp", altKey: true }, "Alt+ArrowUp"],
    [{ key: ",", ctrlKey: true }, "Mod+,"],
    [{ key: "Shift", shiftKey: true }, null],
  ])("%j", (event, stroke) => expect(strokeOf({ ...held, ...event }, false)).toBe(stroke));

  test("on a Mac the command key counts, and Ctrl does not", () => {
    expect(strokeOf({ ...held, key: "k", metaKey: true }, true)).toBe("Mod+K");
    expect(strokeOf({ ...held, key: "k", ctrlKey: true }, true)).toBe("k");
  });
});

test("keys are written as on the keyboard", () => {
  expect(keysInWords("Mod+Shift+O", false)).toEqual([["Ctrl", "Shift", "O"]]);
  expect(keysInWords("Mod+K", true)).toEqual([["⌘", "K"]]);
  expect(keysInWords("] c", false)).toEqual([["]"], ["C"]]);
  expect(keysInWords("Mod++", false)).toEqual([["Ctrl", "+"]]);
});

describe("rank", () => {
  test("finds exactly the texts that hold the letters in their order", () => {
    const letters = fc.stringMatching(/^[abc ]{0,8}$/);
    fc.assert(
      fc.property(letters, letters, (query, text) => {
        const wanted = [...query].filter((letter) => letter !== " ");
        let at = 0;
        for (const letter of text) if (letter === wanted[at]) at += 1;
        expect(rank(query, text) !== null).toBe(at === wanted.length);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test("starts of words come first", () => {
    expect(ranked("ne", ["Copy one", "New conversation"], (text) => text)[0]).toBe("New conversation");
    expect(ranked("", ["b", "a"], (text) => text)).toEqual(["b", "a"]);
    expect(ranked("xyz", ["b", "a"], (text) => text)).toEqual([]);
  });
});

function Page({
  onSettings,
  onChange,
  onFocus,
}: {
  onSettings: () => void;
  onChange: () => void;
  onFocus: () => void;
}) {
  useShortcuts();
  useAction("settings.open", onSettings);
  useAction("change.next", onChange);
  useAction("composer.focus", onFocus);
  return <textarea aria-label="text" />;
}

function Stoppable({ onStop }: { onStop: () => void }) {
  useShortcuts();
  useAction("run.stop", onStop);
  return <textarea aria-label="text" />;
}

function show() {
  const [onSettings, onChange, onFocus] = [vi.fn(), vi.fn(), vi.fn()];
  const view = render(<Page onSettings={onSettings} onChange={onChange} onFocus={onFocus} />);
  return { onSettings, onChange, onFocus, view };
}

describe("shortcuts", () => {
  test("do what is bound, and nothing once it is not", () => {
    const { onSettings, view } = show();
    fireEvent.keyDown(document.body, { key: ",", ctrlKey: true });
    expect(onSettings).toHaveBeenCalledTimes(1);
    view.unmount();
    fireEvent.keyDown(document.body, { key: ",", ctrlKey: true });
    expect(runAction("settings.open")).toBe(false);
    expect(onSettings).toHaveBeenCalledTimes(1);
  });

  test("two keys in a row", async () => {
    const { onChange, onFocus } = show();
    fireEvent.keyDown(document.body, { key: "]" });
    fireEvent.keyDown(document.body, { key: "c" });
    expect(onChange).toHaveBeenCalledTimes(1);
    fireEvent.keyDown(document.body, { key: "c" });
    expect(onChange).toHaveBeenCalledTimes(1);
    expect(onFocus).toHaveBeenCalledTimes(1);
  });

  test("two keys in a row work from a text field where they type nothing, and not with a pause between", async () => {
    const onStop = vi.fn();
    render(<Stoppable onStop={onStop} />);
    vi.useFakeTimers();
    const box = screen.getByLabelText("text");
    fireEvent.keyDown(box, { key: "Escape" });
    vi.advanceTimersByTime(2_000);
    fireEvent.keyDown(box, { key: "Escape" });
    expect(onStop).not.toHaveBeenCalled();
    fireEvent.keyDown(box, { key: "Escape" });
    expect(onStop).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });

  test("typing is left alone, combinations work everywhere", async () => {
    const { onChange, onSettings, onFocus } = show();
    const box = screen.getByLabelText<HTMLTextAreaElement>("text");
    await userEvent.type(box, "]c?");
    expect(box.value).toBe("]c?");
    expect(onChange).not.toHaveBeenCalled();
    fireEvent.keyDown(box, { key: ",", ctrlKey: true });
    expect(onSettings).toHaveBeenCalledTimes(1);
    fireEvent.keyDown(box, { key: "x" });
    expect(onFocus).not.toHaveBeenCalled();
  });

  test("an open dialog has the keyboard to itself", () => {
    const { onSettings } = show();
    render(<div role="dialog" data-state="open" />);
    fireEvent.keyDown(document.body, { key: ",", ctrlKey: true });
    expect(onSettings).not.toHaveBeenCalled();
  });

  test("keys can be changed; who had them loses them", () => {
    const { onSettings, onChange } = show();
    chooseKeys("change.next", "Mod+,");
    expect(keysOf("settings.open")).toBe("");
    fireEvent.keyDown(document.body, { key: ",", ctrlKey: true });
    expect(onChange).toHaveBeenCalledTimes(1);
    expect(onSettings).not.toHaveBeenCalled();
    expect(JSON.parse(localStorage.getItem("slipway.keys") ?? "")).toEqual({
      "change.next": "Mod+,",
      "settings.open": "",
    });
  });
});
