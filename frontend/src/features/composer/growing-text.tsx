import { type KeyboardEvent, useEffect, useLayoutEffect } from "react";
import { type Preferred, usePreference } from "@/ui/preferences";
import type { FieldOfList } from "./use-suggestions";

interface GrowingTextProps {
  value: string;
  label: string;
  placeholder: string;
  /** What had the focus when the person came here, and gives it to the field. Without it the field waits to be chosen. */
  focusFrom?: Element;
  onChange: (value: string) => void;
  onSubmit: () => void;
  /** The arrow up while there is no text. */
  onUp?: () => void;
  /** The list of suggestions that belongs to it. */
  suggestions: FieldOfList;
}

/** Key code that browsers report for keys that an input method handles. */
const COMPOSING_KEY_CODE = 229;

/** Whether the browser makes a field as high as its text, which costs no layout of its own for each key. */
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

/** A text field as high as its text, up to 40 % of the window. It submits with the keys that the person prefers. */
export function GrowingText({
  value,
  label,
  placeholder,
  focusFrom,
  onChange,
  onSubmit,
  onUp,
  suggestions: { area, onCaret, onKey, attributes },
}: GrowingTextProps) {
  const send = usePreference("send");
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the text has changed
  useLayoutEffect(() => {
    if (GROWS_BY_ITSELF || !area.current) return;
    area.current.style.height = "auto";
    area.current.style.height = `${area.current.scrollHeight}px`;
  }, [value]);
  useEffect(() => {
    // On touch screens the keyboard would cover what the person came to read.
    if (focusFrom && !hasMovedOn(focusFrom) && !matchMedia("(pointer: coarse)").matches)
      area.current?.focus();
  }, [focusFrom, area]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || onKey(event)) return;
    if (event.key === "ArrowUp" && value === "" && onUp) onUp();
    else if (submits(event, send)) onSubmit();
    else return;
    event.preventDefault();
  };
  return (
    <textarea
      ref={area}
      rows={1}
      value={value}
      aria-label={label}
      placeholder={placeholder}
      {...attributes}
      onChange={(event) => {
        onChange(event.target.value);
        onCaret(event.target.selectionStart);
      }}
      onSelect={(event) => onCaret(event.currentTarget.selectionStart)}
      onKeyDown={onKeyDown}
      className="field-sizing-content block max-h-[40dvh] min-h-10 w-full resize-none pointer-coarse:min-h-11 bg-transparent px-3 pt-2.5 pb-1.5 text-14 outline-none placeholder:text-text-3 pointer-coarse:text-[16px]"
    />
  );
}

/** Whether the person has put the focus elsewhere since, and would lose it; not when what had it is gone, as a dialog is. */
function hasMovedOn(from: Element): boolean {
  const now = document.activeElement ?? document.body;
  return from.isConnected && now !== from && now !== document.body;
}

/** Whether a key submits; with Ctrl or ⌘, Enter always does. */
function submits(event: KeyboardEvent, send: Preferred<"send">): boolean {
  if (event.key !== "Enter" || event.shiftKey) return false;
  return send === "enter" || event.ctrlKey || event.metaKey;
}

/** Whether the key belongs to an input method that is putting a character together. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.nativeEvent.isComposing || event.keyCode === COMPOSING_KEY_CODE;
}
