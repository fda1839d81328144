import { Dialog } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { useChoice } from "./actions/use-choice";
import { useGiveBack } from "./give-back";

/** Something that can be chosen. */
export interface Found {
  key: string;
  /** What stands above it: the name of its group, where a new one begins. */
  heading: string | null;
  /** What is shown where its line is too long. */
  title?: string;
  line: ReactNode;
}

interface FindDialogProps {
  testId: string;
  title: string;
  /** What the field asks for. */
  placeholder: string;
  query: string;
  onQuery: (query: string) => void;
  found: readonly Found[];
  /** What is said when there is nothing. */
  nothing: string;
  onChoose: (place: number) => void;
  onClose: () => void;
  /** Keys of the field that mean something else than choosing; says whether one did. */
  onKey?: (event: KeyboardEvent) => boolean;
}

/** A field over the page with what fits what is typed there below it, to be chosen with the keyboard or a pointer. */
export function FindDialog(props: FindDialogProps) {
  const { testId, title, placeholder, query, onQuery, found, nothing, onChoose, onClose, onKey } = props;
  const giveBack = useGiveBack();
  const list = useId();
  const choice = useChoice(query, found.length, onChoose);
  const optionId = (place: number) => `${list}-${place}`;
  const onKeyDown = (event: KeyboardEvent) => {
    if (onKey?.(event)) event.preventDefault();
    // The field is the only stop here; to go on to the next one must do nothing that was not asked for.
    else if (event.key === "Tab") event.preventDefault();
    else choice.onKey(event);
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          {...giveBack}
          aria-describedby={undefined}
          data-testid={testId}
          className="fixed top-[12%] left-1/2 z-50 flex max-h-[70dvh] w-[min(560px,calc(100vw-24px))] -translate-x-1/2 flex-col overflow-hidden rounded-dialog border border-line bg-surface shadow-pop"
        >
          <Dialog.Title className="sr-only">{title}</Dialog.Title>
          <input
            role="combobox"
            aria-label={title}
            aria-expanded="true"
            aria-controls={list}
            aria-autocomplete="list"
            aria-activedescendant={found.length > 0 ? optionId(choice.active) : undefined}
            placeholder={placeholder}
            autoComplete="off"
            spellCheck={false}
            value={query}
            onChange={(event) => onQuery(event.target.value)}
            onKeyDown={onKeyDown}
            className="h-11 shrink-0 border-b border-line bg-transparent px-3.5 text-14 -outline-offset-2 placeholder:text-text-3 pointer-coarse:text-[16px]"
          />
          <div id={list} role="listbox" aria-label={title} className="overflow-y-auto p-1">
            {found.map((one, place) => (
              <Option
                key={one.key}
                id={optionId(place)}
                active={place === choice.active}
                one={one}
                onHover={() => choice.mark(place)}
                onChoose={() => onChoose(place)}
              />
            ))}
          </div>
          {found.length === 0 && (
            <p role="status" className="px-3.5 pb-3 text-text-3">
              {nothing}
            </p>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface OptionProps {
  id: string;
  active: boolean;
  one: Found;
  onHover: () => void;
  onChoose: () => void;
}

function Option({ id, active, one, onHover, onChoose }: OptionProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      {one.heading && (
        <div role="presentation" className="px-2.5 pt-2 pb-1 text-11 font-medium text-text-3">
          {one.heading}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the focus and the keys */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: as above */}
      <div
        ref={row}
        id={id}
        role="option"
        aria-selected={active}
        title={one.title}
        onPointerMove={onHover}
        onClick={onChoose}
        className={`tap flex cursor-default items-center gap-2 rounded-control px-2.5 ${active ? "bg-selected" : ""}`}
      >
        {one.line}
      </div>
    </>
  );
}
