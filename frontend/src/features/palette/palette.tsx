import { useNavigate } from "@tanstack/react-router";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { tk } from "@/i18n/en-actions";
import { useConversationList } from "@/stream/react";
import { type ActionId, definitionOf } from "@/ui/actions/definitions";
import { ranked } from "@/ui/actions/rank";
import { runAction, useAvailableActions, useKeys } from "@/ui/actions/registry";
import { useChoice } from "@/ui/actions/use-choice";
import { useGiveBack } from "@/ui/give-back";
import { KeyCaps } from "@/ui/key-caps";
import { StatusGlyph } from "@/ui/status-glyph";

/** Most conversations that are listed. */
const MOST_CONVERSATIONS = 12;

type Entry = { kind: "action"; id: ActionId } | { kind: "conversation"; conversation: Conversation };

/** Everything that can be done or opened, found by typing parts of its name. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState("");
  const entries = useEntries(query);
  const navigate = useNavigate();
  const giveBack = useGiveBack();
  const list = useId();
  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    if (entry.kind === "conversation") {
      void navigate({ to: "/c/$id", params: { id: entry.conversation.id } });
    } else {
      // Once the dialog has given the focus back, so that the action can take it.
      setTimeout(() => runAction(entry.id));
    }
  };
  const choice = useChoice(query, entries.length, (index) => choose(entries[index]));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onClose();
    } else if (event.key === "Tab") {
      // The field is the only stop here; to go on to the next one must do nothing that was not asked for.
      event.preventDefault();
    } else choice.onKey(event);
  };
  const optionId = (index: number) => `${list}-${index}`;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          {...giveBack}
          aria-describedby={undefined}
          data-testid="palette"
          className="fixed top-[12%] left-1/2 z-50 flex max-h-[70dvh] w-[min(560px,calc(100vw-24px))] -translate-x-1/2 flex-col overflow-hidden rounded-dialog border border-line bg-surface shadow-pop"
        >
          <Dialog.Title className="sr-only">{tk("palette.open")}</Dialog.Title>
          <input
            role="combobox"
            aria-label={tk("find")}
            aria-expanded="true"
            aria-controls={list}
            aria-autocomplete="list"
            aria-activedescendant={entries.length > 0 ? optionId(choice.active) : undefined}
            placeholder={tk("find")}
            autoComplete="off"
            spellCheck={false}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={onKeyDown}
            className="h-11 shrink-0 border-b border-line bg-transparent px-3.5 text-14 -outline-offset-2 placeholder:text-text-3 pointer-coarse:text-[16px]"
          />
          <div id={list} role="listbox" aria-label={tk("palette.open")} className="overflow-y-auto p-1">
            {entries.map((entry, index) => (
              <Option
                key={entry.kind === "action" ? entry.id : entry.conversation.id}
                id={optionId(index)}
                active={index === choice.active}
                heading={headingOf(entry, entries[index - 1], query)}
                onHover={() => choice.mark(index)}
                onChoose={() => choose(entry)}
              >
                <EntryLine entry={entry} />
              </Option>
            ))}
          </div>
          {entries.length === 0 && (
            <p role="status" className="px-3.5 pb-3 text-text-3">
              {tk("nothing", { query })}
            </p>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function useEntries(query: string): Entry[] {
  const available = useAvailableActions();
  const conversations = useConversationList((list) => list.items);
  const actions = ranked(
    query,
    available.filter((id) => id !== "palette.open"),
    (id) => `${tk(id)} ${definitionOf(id).slash ?? ""}`,
  );
  const found = ranked(query, conversations, ({ title }) => title).slice(0, MOST_CONVERSATIONS);
  return [
    ...actions.map((id): Entry => ({ kind: "action", id })),
    ...found.map((conversation): Entry => ({ kind: "conversation", conversation })),
  ];
}

/** What stands above an entry: the name of its group where a new one begins. */
function headingOf(entry: Entry, before: Entry | undefined, query: string): string | null {
  if (entry.kind === "conversation") {
    return before?.kind === "conversation" ? null : tk("conversations");
  }
  // What was found is in order of how well it fits, not of groups.
  if (query.trim() !== "") return null;
  const { group } = definitionOf(entry.id);
  if (before?.kind === "action" && definitionOf(before.id).group === group) return null;
  return tk(`group.${group}`);
}

function EntryLine({ entry }: { entry: Entry }) {
  const keys = useKeys();
  if (entry.kind === "conversation") {
    return (
      <>
        <StatusGlyph status={entry.conversation.status} />
        <span className="min-w-0 flex-1 truncate">{entry.conversation.title || t("sidebar.untitled")}</span>
      </>
    );
  }
  return (
    <>
      <span className="min-w-0 flex-1 truncate">{tk(entry.id)}</span>
      <KeyCaps keys={keys(entry.id)} />
    </>
  );
}

interface OptionProps {
  id: string;
  active: boolean;
  heading: string | null;
  onHover: () => void;
  onChoose: () => void;
  children: ReactNode;
}

function Option({ id, active, heading, onHover, onChoose, children }: OptionProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      {heading && (
        <div role="presentation" className="px-2.5 pt-2 pb-1 text-11 font-medium text-text-3">
          {heading}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the focus and the keys */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: as above */}
      <div
        ref={row}
        id={id}
        role="option"
        aria-selected={active}
        onPointerMove={onHover}
        onClick={onChoose}
        className={`tap flex cursor-default items-center gap-2 rounded-control px-2.5 ${active ? "bg-selected" : ""}`}
      >
        {children}
      </div>
    </>
  );
}
