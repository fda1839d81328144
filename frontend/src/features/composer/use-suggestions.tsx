import { type KeyboardEvent, type ReactNode, type RefObject, Suspense, useId, useRef, useState } from "react";
import { lazyPart } from "@/ui/lazy-part";
import { tokenAt, withMention } from "./token";

const Suggestions = lazyPart(() => import("./suggestions"), { otherwise: "quiet" });

/** What the text field says of the list that opens above it. */
export interface FieldOfList {
  area: RefObject<HTMLTextAreaElement | null>;
  onCaret: (caret: number) => void;
  /** Takes keys that are for the list. */
  onKey: (event: KeyboardEvent) => boolean;
  attributes: Record<string, string | boolean | undefined>;
}

/** The list: its element's id, and the id of the marked row. */
export interface OpenList {
  id: string;
  onKey: (event: KeyboardEvent) => boolean;
  active: string | null;
}

/** Commands behind a slash and files of the workspace behind an at sign, offered while they are written. */
export function useSuggestions(
  workspace: string,
  text: string,
  onChange: (text: string) => void,
): { field: FieldOfList; list: ReactNode } {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState(text.length);
  // Where somebody has sent the list away: it stays away until the text is another one.
  const [refused, setRefused] = useState<string | null>(null);
  const [open, setOpen] = useState<OpenList | null>(null);
  const token = refused === text ? null : tokenAt(text, caret);
  const place = (next: { text: string; caret: number }) => {
    onChange(next.text);
    setCaret(next.caret);
    // Once the field shows the new text.
    requestAnimationFrame(() => area.current?.setSelectionRange(next.caret, next.caret));
  };
  const onKey = (event: KeyboardEvent): boolean => {
    if (!token || !open) return false;
    if (event.key === "Escape") {
      event.preventDefault();
      setRefused(text);
      return true;
    }
    return open.onKey(event);
  };
  const list = token && (
    <Suspense>
      <Suggestions
        id={id}
        workspace={workspace}
        token={token}
        onOpen={setOpen}
        onCommand={() => place({ text: "", caret: 0 })}
        onMention={(path) => token.kind === "mention" && place(withMention(text, token, path))}
      />
    </Suspense>
  );
  const attributes = open
    ? {
        role: "combobox",
        "aria-expanded": true,
        "aria-controls": open.id,
        "aria-autocomplete": "list",
        "aria-activedescendant": open.active ?? undefined,
      }
    : {};
  return { field: { area, onCaret: setCaret, onKey, attributes }, list };
}
