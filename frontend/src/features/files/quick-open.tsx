import { Dialog } from "radix-ui";
import { useId, useState } from "react";
import { useAction } from "@/ui/actions/registry";
import { useChoice } from "@/ui/actions/use-choice";
import { classes } from "@/ui/classes";
import { nameOf, parentOf } from "./paths";
import { useFound } from "./use-found";
import { tf } from "./words";

/** Most files that are offered. */
const MOST = 30;

/** Opens a file of the workspace by a few letters of its path. */
export default function QuickOpen({
  onOpen,
  onClose,
}: {
  onOpen: (path: string) => void;
  onClose: () => void;
}) {
  const [query, setQuery] = useState("");
  const list = useId();
  const { data, isFetching } = useFound(query.trim(), MOST);
  const paths = data?.paths ?? [];
  const choose = (path: string | undefined) => {
    if (!path) return;
    onClose();
    onOpen(path);
  };
  const choice = useChoice(query, paths.length, (index) => choose(paths[index]));
  useAction("file.open", onClose);
  const optionId = (index: number) => `${list}-${index}`;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          data-testid="quick-open"
          className="fixed top-[12%] left-1/2 z-50 flex max-h-[70dvh] w-[min(560px,calc(100vw-24px))] -translate-x-1/2 flex-col overflow-hidden rounded-dialog border border-line bg-surface shadow-pop"
        >
          <Dialog.Title className="sr-only">{tf("open")}</Dialog.Title>
          <input
            role="combobox"
            aria-label={tf("open")}
            aria-expanded="true"
            aria-controls={list}
            aria-autocomplete="list"
            aria-activedescendant={paths.length > 0 ? optionId(choice.active) : undefined}
            placeholder={tf("openHint")}
            autoComplete="off"
            spellCheck={false}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={choice.onKey}
            className="h-11 shrink-0 border-b border-line bg-transparent px-3.5 text-14 -outline-offset-2 placeholder:text-text-3 pointer-coarse:text-[16px]"
          />
          <div id={list} role="listbox" aria-label={tf("label")} className="overflow-y-auto p-1">
            {paths.map((path, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the focus and the keys
              // biome-ignore lint/a11y/useFocusableInteractive: as above
              <div
                key={path}
                id={optionId(index)}
                role="option"
                aria-selected={index === choice.active}
                title={path}
                onPointerMove={() => choice.mark(index)}
                onClick={() => choose(path)}
                className={classes(
                  "tap flex cursor-default items-center gap-2 rounded-control px-2.5",
                  index === choice.active && "bg-selected",
                )}
              >
                <span className="shrink-0">{nameOf(path)}</span>
                <span className="min-w-0 truncate text-12 text-text-2">{parentOf(path)}</span>
              </div>
            ))}
          </div>
          {paths.length === 0 && (
            <p role="status" className="px-3.5 py-2 text-text-3">
              {tf(isFetching ? "loading" : "foundNothing")}
            </p>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
