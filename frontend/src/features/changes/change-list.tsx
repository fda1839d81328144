import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useAction } from "@/ui/actions/registry";
import { type FileText, useHighlights } from "@/ui/highlight/use-highlights";
import type { Chunk } from "./hunk-chunks";
import type { ColoursOf } from "./line-rows";
import { nextIndex } from "./next-change";
import type { Row } from "./rows";

const LINE_HEIGHT = 19;
const HEIGHTS: Record<Row["kind"], number> = {
  file: 37,
  limit: 37,
  note: 26,
  pending: LINE_HEIGHT,
  failed: 80,
  hunk: 28,
  line: LINE_HEIGHT,
  pair: LINE_HEIGHT,
  comment: 112,
};
/** Rows beyond those in view. */
const OVERSCAN = 12;

interface ChangeListProps {
  rows: readonly Row[];
  label: string;
  /** The file to begin with. */
  first: string | null;
  /** Follows the rows. */
  end?: ReactNode;
  /** What a row shows; `focus` says that it is to take the keyboard, and is called back when it has. */
  render: (row: Row, colours: ColoursOf, focus: (() => void) | null) => ReactNode;
}

/** Files and their lines in one long list; only what is in view is in the page. */
export function ChangeList({ rows, label, first, end, render }: ChangeListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heightOf(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: OVERSCAN,
    // The name of the file stays above what is scrolled to.
    scrollPaddingStart: HEIGHTS.file,
  });
  const items = virtual.getVirtualItems();
  const coloursOf = useColours(rows, items);
  const focusing = useChangeKeys(rows, scroller, virtual);
  // Once the file that the address names is on the list.
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (!first || shown.current === first) return;
    const index = rows.findIndex((row) => row.kind === "file" && row.file.path === first);
    if (index < 0) return;
    shown.current = first;
    virtual.scrollToIndex(index, { align: "start" });
  }, [first, rows, virtual]);
  const startOf = (index: number) => virtual.measurementsCache[index]?.start ?? 0;
  const heads = headsOf(rows);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys go between the buttons in it
    <div
      ref={scroller}
      data-testid="change-list"
      onKeyDown={moveBetweenLines}
      className="min-h-0 flex-1 overflow-y-auto"
    >
      <ul aria-label={label} className="relative" style={{ height: virtual.getTotalSize() }}>
        {filesIn(rows, items).map(({ head, items: inside }) => {
          const row = rows[head];
          if (row?.kind !== "file") return null;
          const top = startOf(head);
          const next = heads[row.index + 1];
          const bottom = next === undefined ? virtual.getTotalSize() : startOf(next);
          return (
            <li
              key={row.key}
              data-testid="changed-file"
              data-path={row.file.path}
              aria-setsize={heads.length}
              aria-posinset={row.index + 1}
              className="absolute inset-x-0"
              style={{ top, height: bottom - top }}
            >
              <div ref={virtual.measureElement} data-index={head} className="sticky top-0 z-10">
                {render(row, coloursOf, null)}
              </div>
              <div data-testid="file-diff" className="contents">
                {inside.map(({ index, start, key }) => {
                  const one = rows[index];
                  return (
                    one && (
                      <div
                        key={key}
                        ref={virtual.measureElement}
                        data-index={index}
                        className="absolute inset-x-0"
                        style={{ top: start - top }}
                      >
                        {render(one, coloursOf, focusing.of(one))}
                      </div>
                    )
                  );
                })}
              </div>
            </li>
          );
        })}
      </ul>
      {end}
    </div>
  );
}

/** As a row is until it is measured. */
function heightOf(row: Row | undefined): number {
  if (!row) return LINE_HEIGHT;
  return row.kind === "pending" ? row.lines * LINE_HEIGHT : HEIGHTS[row.kind];
}

/** Where the files begin, by their number. */
const headsOf = (rows: readonly Row[]): number[] =>
  rows.flatMap((row, index) => (row.kind === "file" ? [index] : []));

/** What is in view, by file. The file's own line is always there. */
function filesIn(rows: readonly Row[], items: readonly VirtualItem[]) {
  const files: { head: number; items: VirtualItem[] }[] = [];
  for (const item of items) {
    const row = rows[item.index];
    if (!row) continue;
    if (row.kind === "file") {
      files.push({ head: item.index, items: [] });
      continue;
    }
    let file = files.at(-1);
    if (!file) {
      const head = rows.slice(0, item.index).findLastIndex(({ kind }) => kind === "file");
      file = { head, items: [] };
      files.push(file);
    }
    file.items.push(item);
  }
  return files;
}

/** The colours of what is in view. */
function useColours(rows: readonly Row[], items: readonly VirtualItem[]): ColoursOf {
  const chunks = new Set<Chunk>();
  for (const { index } of items) {
    const row = rows[index];
    if (row?.kind === "line") chunks.add(row.line.chunk);
    else if (row?.kind === "pair") {
      for (const line of [row.pair.left, row.pair.right]) if (line) chunks.add(line.chunk);
    }
  }
  const texts: FileText[] = [...chunks].flatMap(({ path, before, after }) => [
    { path, text: before },
    { path, text: after },
  ]);
  const linesOf = useHighlights(texts);
  return ({ chunk, kind, at }) =>
    linesOf(chunk.path, kind === "removed" ? chunk.before : chunk.after)?.[at] ?? null;
}

type Virtual = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;

/** `]c` and `[c`: to the next change and back, which gets the keyboard once it is in the page. */
function useChangeKeys(
  rows: readonly Row[],
  scroller: { readonly current: HTMLDivElement | null },
  virtual: Virtual,
) {
  const [wanted, setWanted] = useState<string | null>(null);
  const go = (step: 1 | -1) => {
    const changes = rows.flatMap((row, index) =>
      row.kind === "hunk" || row.kind === "pending" ? [{ key: row.key, index }] : [],
    );
    const from = (virtual.scrollOffset ?? 0) + HEIGHTS.file;
    const active = scroller.current?.contains(document.activeElement)
      ? document.activeElement?.closest<HTMLElement>("[data-change]")?.dataset.change
      : undefined;
    const next = nextIndex(
      changes.map(({ index }) => (virtual.measurementsCache[index]?.start ?? 0) - from),
      changes.findIndex(({ key }) => key === active),
      step,
    );
    const change = next === null ? undefined : changes[next];
    if (!change) return;
    virtual.scrollToIndex(change.index, { align: "start" });
    setWanted(change.key);
  };
  useAction("change.next", () => go(1));
  useAction("change.previous", () => go(-1));
  return { of: (row: Row) => (row.key === wanted ? () => setWanted(null) : null) };
}

/** Up and down go between the numbers of lines, which open their comments, and the heads of changes. */
function moveBetweenLines(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const { target } = event;
  if (step === 0 || !(target instanceof HTMLElement) || !target.matches("[data-stop]")) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-stop]")];
  const next = stops[stops.indexOf(target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}
