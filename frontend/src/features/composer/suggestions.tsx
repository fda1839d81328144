import { File, Folder } from "lucide-react";
import { type ReactNode, useLayoutEffect, useRef } from "react";
import { tk } from "@/i18n/en-actions";
import { type ActionId, definitionOf } from "@/ui/actions/definitions";
import { ranked } from "@/ui/actions/rank";
import { runAction, useAvailableActions } from "@/ui/actions/registry";
import { useChoice } from "@/ui/actions/use-choice";
import { Icon } from "@/ui/icon";
import { useMentioned } from "./mentioned";
import type { Token } from "./token";
import type { OpenList } from "./use-suggestions";

const MOST = 8;

interface SuggestionsProps {
  id: string;
  /** Whose files are offered. */
  workspace: string;
  token: Token;
  /** Told what is open now; null when there is nothing to offer. */
  onOpen: (list: OpenList | null) => void;
  /** A command was chosen, and is done once this has returned. */
  onCommand: () => void;
  onMention: (path: string) => void;
}

/** What fits what is being written. */
export default function Suggestions(props: SuggestionsProps) {
  return props.token.kind === "command" ? (
    <Commands {...props} query={props.token.query} />
  ) : (
    <Files {...props} query={props.token.query} />
  );
}

function Commands({ id, query, onOpen, onCommand }: SuggestionsProps & { query: string }) {
  const slashOf = (action: ActionId) => definitionOf(action).slash ?? "";
  const available = useAvailableActions().filter((action) => slashOf(action) !== "");
  const found = ranked(query, available, slashOf).slice(0, MOST);
  const choose = (action: ActionId | undefined) => {
    if (!action) return;
    onCommand();
    runAction(action);
  };
  return (
    <List
      id={id}
      name={`/${query}`}
      label={tk("commands")}
      keys={found}
      onOpen={onOpen}
      onChoose={(index) => choose(found[index])}
      row={(index) => {
        const action = found[index];
        return (
          action && (
            <>
              <span className="w-24 shrink-0 font-mono text-12">/{slashOf(action)}</span>
              <span className="min-w-0 truncate text-text-2">{tk(action)}</span>
            </>
          )
        );
      }}
    />
  );
}

function Files({ id, workspace, query, onOpen, onMention }: SuggestionsProps & { query: string }) {
  const paths = useMentioned(workspace, query, MOST);
  return (
    <List
      id={id}
      name={`@${query}`}
      label={tk("mention")}
      keys={paths}
      onOpen={onOpen}
      onChoose={(index) => {
        const path = paths[index];
        if (path) onMention(path);
      }}
      row={(index) => (
        <>
          <Icon of={paths[index]?.endsWith("/") ? Folder : File} className="shrink-0 text-text-3" />
          <span className="min-w-0 truncate font-mono text-12">{paths[index]}</span>
        </>
      )}
    />
  );
}

interface ListProps {
  id: string;
  /** What the list is of: with another name the first row is marked again. */
  name: string;
  label: string;
  keys: readonly string[];
  onOpen: (list: OpenList | null) => void;
  onChoose: (index: number) => void;
  row: (index: number) => ReactNode;
}

function List({ id, name, label, keys, onOpen, onChoose, row }: ListProps) {
  const choice = useChoice(name, keys.length, onChoose);
  const onKey = useRef(choice.onKey);
  useLayoutEffect(() => {
    onKey.current = choice.onKey;
  });
  const isEmpty = keys.length === 0;
  const { active } = choice;
  // Before the list is seen: a key that is meant for it must not send the message.
  useLayoutEffect(() => {
    onOpen(isEmpty ? null : { id, active: `${id}-${active}`, onKey: (event) => onKey.current(event) });
  }, [onOpen, isEmpty, id, active]);
  useLayoutEffect(() => () => onOpen(null), [onOpen]);
  if (isEmpty) return null;
  return (
    <div
      id={id}
      role="listbox"
      aria-label={label}
      data-testid="suggestions"
      className="mb-1.5 rounded-card border border-line bg-surface p-1 shadow-pop"
    >
      {keys.map((key, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the focus and the keys
        // biome-ignore lint/a11y/useFocusableInteractive: as above
        <div
          key={key}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          onPointerMove={() => choice.mark(index)}
          // The text field keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(index)}
          className={`tap flex cursor-default items-center gap-2 rounded-control px-2 ${index === active ? "bg-selected" : ""}`}
        >
          {row(index)}
        </div>
      ))}
    </div>
  );
}
