import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { formatTime } from "@/i18n/units";
import { useConversationStore } from "@/stream/react";
import { useChoice } from "@/ui/actions/use-choice";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import { outlineQuery } from "./outline-query";

const ROW_HEIGHT = 44;

interface OutlineListProps {
  onShow: (messageId: string) => void;
  onClose: () => void;
}

/** The person's messages, each a way to its place; complete, whatever of the conversation is loaded. */
export default function OutlineList({ onShow, onClose }: OutlineListProps) {
  const { id } = useConversationStore();
  const { data, error } = useQuery(outlineQuery(id));
  const [query, setQuery] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => field.current?.focus(), []);
  const wanted = query.trim().toLowerCase();
  const items = (data ?? []).filter((item) => item.text.toLowerCase().includes(wanted));
  const go = (index: number) => {
    const item = items[index];
    if (!item) return;
    onShow(item.message_id);
    onClose();
  };
  const choice = useChoice(wanted, items.length, go);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  });
  const { active } = choice;
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when another one is marked
  useEffect(() => {
    if (items.length > 0) virtual.scrollToIndex(active);
  }, [active]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      onClose();
    } else choice.onKey(event);
  };
  return (
    <section
      aria-label={t("outline.label")}
      data-testid="outline"
      className="absolute top-1 right-3 z-10 flex max-h-[min(420px,80%)] w-[min(360px,calc(100%-24px))] flex-col rounded-card border border-line bg-surface shadow-pop"
    >
      <div className="flex shrink-0 items-center gap-1 border-b border-line p-1.5">
        <input
          ref={field}
          role="combobox"
          aria-label={t("outline.filter")}
          placeholder={t("outline.filter")}
          aria-expanded={items.length > 0}
          aria-controls="outline-items"
          aria-activedescendant={items.length > 0 ? `outline-${active}` : undefined}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={onKeyDown}
          className="h-7 min-w-0 flex-1 rounded-control border border-line-strong bg-surface px-2 pointer-coarse:h-11 pointer-coarse:text-[16px]"
        />
        <IconButton label={t("action.close")} onClick={onClose}>
          <Icon of={X} />
        </IconButton>
      </div>
      {error && <ProblemView problem={toProblem(error)} />}
      {!error && items.length === 0 && (
        <p className="p-3 text-12 text-text-3">{t(data ? "outline.empty" : "app.loading")}</p>
      )}
      <div ref={box} className="min-h-0 flex-1 overflow-y-auto">
        <div
          id="outline-items"
          role="listbox"
          aria-label={t("outline.label")}
          className="relative"
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map(({ index, start }) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the focus and the keys
            // biome-ignore lint/a11y/useFocusableInteractive: as above
            <div
              key={items[index]?.message_id}
              id={`outline-${index}`}
              role="option"
              aria-selected={index === active}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              onPointerMove={() => choice.mark(index)}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => go(index)}
              style={{ top: start, height: ROW_HEIGHT }}
              className={`absolute inset-x-0 flex cursor-default items-start gap-2 px-2 py-1 ${index === active ? "bg-selected" : ""}`}
            >
              <span className="w-10 shrink-0 text-11 leading-5 text-text-2">
                {formatTime(items[index]?.created_at ?? 0)}
              </span>
              <span className="line-clamp-2 min-w-0 flex-1 text-12 leading-[18px] break-words">
                {items[index]?.text}
              </span>
            </div>
          ))}
        </div>
      </div>
    </section>
  );
}
