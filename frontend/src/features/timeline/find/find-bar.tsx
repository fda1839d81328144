import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { useAction } from "@/ui/actions/registry";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { useFound } from "./use-found";
import { useMarked } from "./use-marked";

interface FindBarProps {
  scroller: RefObject<HTMLElement | null>;
  /** Goes to a message or a part of one. */
  onShow: (id: string) => void;
  onClose: () => void;
}

/** Finds a text in the whole conversation, whatever of it is loaded. Enter goes to older matches, Shift+Enter to newer ones. */
export default function FindBar({ scroller, onShow, onClose }: FindBarProps) {
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const { words, hits, index, move, isSettled, isWhole, error } = useFound(text);
  const hit = hits[index];
  const target = hit?.part_id ?? null;
  const show = useRef(onShow);
  show.current = onShow;
  useEffect(() => {
    if (target !== null) show.current(target);
  }, [target]);
  useMarked(scroller, words, target);
  const focus = () => {
    field.current?.focus();
    field.current?.select();
  };
  useEffect(focus, []);
  // Pressed again, the keys lead back to the field.
  useAction("find.open", focus);
  const close = () => {
    onClose();
    scroller.current?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter") move(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  };
  let state = "";
  if (error) state = toProblem(error).title;
  else if (hits.length > 0) {
    const n = isWhole ? String(hits.length) : `${hits.length}+`;
    state = t("find.place", { place: index + 1, n });
  } else if (words !== "") state = t(isSettled && isWhole ? "find.none" : "search.looking");
  return (
    <search
      data-testid="find"
      aria-busy={!isSettled}
      className="absolute top-1 right-3 z-10 flex max-w-[calc(100%-24px)] items-center gap-1 rounded-card border border-line bg-surface p-1.5 shadow-pop"
    >
      <input
        ref={field}
        type="text"
        inputMode="search"
        aria-label={t("find.label")}
        placeholder={t("find.label")}
        autoComplete="off"
        spellCheck={false}
        maxLength={400}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="h-7 w-48 min-w-0 rounded-control border border-line-strong bg-surface px-2 pointer-coarse:h-11 pointer-coarse:text-[16px]"
      />
      <span role="status" data-testid="find-state" className="min-w-20 text-12 text-text-3">
        {state}
      </span>
      <IconButton label={t("find.older")} disabled={hits.length === 0} onClick={() => move(1)}>
        <Icon of={ChevronUp} />
      </IconButton>
      <IconButton label={t("find.newer")} disabled={hits.length === 0} onClick={() => move(-1)}>
        <Icon of={ChevronDown} />
      </IconButton>
      <IconButton label={t("action.close")} onClick={close}>
        <Icon of={X} />
      </IconButton>
    </search>
  );
}
