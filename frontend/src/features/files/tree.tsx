import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight, File, Folder, FolderOpen, Link2 } from "lucide-react";
import { ContextMenu } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { FileChangeKind, WorkspaceEntry } from "@/api/types";
import { formatBytes } from "@/i18n/units";
import { classes } from "@/ui/classes";
import { Icon } from "@/ui/icon";
import { DirectoryMark, FileMark } from "./mark";
import type { Marks } from "./marks";
import { nameOf, parentOf } from "./paths";
import { moveFor, type Row, typeAhead } from "./tree-model";
import { tf } from "./words";

const ROW_HEIGHT = 28;
const INDENT = 16;
/** Letters typed within this time belong together. */
const TYPING_MS = 700;

interface TreeProps {
  rows: readonly Row[];
  /** What the agent has changed. */
  marks: Marks;
  /** The row that the keyboard is at and that actions are for. */
  selected: string | null;
  onSelect: (path: string) => void;
  onToggle: (path: string, open: boolean) => void;
  onOpen: (path: string) => void;
  onMore: (directory: string) => void;
  onDelete: (path: string) => void;
  /** What the context menu of a row holds. */
  menu: (entry: WorkspaceEntry, path: string) => ReactNode;
}

/** The files as a tree; only the rows in view are in the page. */
export function Tree({
  rows,
  marks,
  selected,
  onSelect,
  onToggle,
  onOpen,
  onMore,
  onDelete,
  menu,
}: TreeProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [menuFor, setMenuFor] = useState<Row | null>(null);
  const typed = useTyping();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.path ?? index,
    overscan: 8,
  });
  const focus = (path: string) => {
    onSelect(path);
    const index = rows.findIndex((row) => row.path === path);
    if (index >= 0) virtual.scrollToIndex(index);
  };
  const act = (row: Row | undefined) => {
    if (row?.kind === "more") onMore(row.directory);
    else if (row?.kind === "entry" && row.entry.kind === "directory") onToggle(row.path, !row.expanded);
    else if (row?.kind === "entry" || row?.kind === "found") onOpen(row.path);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Delete" && selected) return onDelete(selected);
    const move = moveFor(event.key, rows, selected);
    if (move) {
      event.preventDefault();
      if (move.type === "focus") focus(move.path);
      else if (move.type === "open") act(rows.find((row) => row.path === move.path));
      else onToggle(move.path, move.type === "expand");
      return;
    }
    if (event.key.length !== 1) return;
    const found = typeAhead(rows, selected, typed(event.key));
    if (found) focus(found);
  };
  const idOf = (path: string) => `file-${encodeURIComponent(path)}`;
  const shown = virtual.getVirtualItems();
  // What was deleted or is scrolled out of sight has no element to point to.
  const active = shown.some(({ index }) => rows[index]?.path === selected) ? selected : null;
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger asChild>
        <div
          ref={scroller}
          role="tree"
          aria-label={tf("label")}
          tabIndex={0}
          aria-activedescendant={active ? idOf(active) : undefined}
          onKeyDown={onKeyDown}
          className="min-h-0 flex-1 overflow-auto py-1 outline-offset-[-2px]"
        >
          <div style={{ height: virtual.getTotalSize() }} role="none" className="relative">
            {shown.map(({ index, start, key }) => {
              const row = rows[index];
              if (!row) return null;
              return (
                <TreeRow
                  key={key}
                  id={idOf(row.path)}
                  row={row}
                  marks={marks}
                  top={start}
                  selected={row.path === selected}
                  onAct={() => {
                    onSelect(row.path);
                    act(row);
                  }}
                  onMenu={() => {
                    onSelect(row.path);
                    setMenuFor(row);
                  }}
                />
              );
            })}
          </div>
        </div>
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content
          collisionPadding={8}
          className="z-50 min-w-44 rounded-card border border-line bg-surface p-1 shadow-pop"
        >
          {menuFor?.kind === "entry" && menu(menuFor.entry, menuFor.path)}
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}

interface RowProps {
  id: string;
  row: Row;
  marks: Marks;
  top: number;
  selected: boolean;
  onAct: () => void;
  onMenu: () => void;
}

function TreeRow({ id, row, marks, top, selected, onAct, onMenu }: RowProps) {
  const place =
    row.kind === "entry"
      ? { "aria-setsize": row.setSize, "aria-posinset": row.place }
      : { "aria-setsize": -1 };
  const isDirectory = row.kind === "entry" && row.entry.kind === "directory";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and the keys
    // biome-ignore lint/a11y/useFocusableInteractive: as above
    <div
      id={id}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={selected}
      aria-expanded={isDirectory ? row.expanded : undefined}
      {...place}
      data-path={row.path}
      onClick={onAct}
      onContextMenu={onMenu}
      style={{ transform: `translateY(${top}px)`, paddingLeft: 8 + row.depth * INDENT, height: ROW_HEIGHT }}
      className={classes(
        "absolute inset-x-0 flex cursor-default items-center gap-1.5 pr-3 text-13 select-none",
        selected ? "bg-selected" : "hover:bg-hover",
        row.kind === "gone" || (row.kind === "entry" && row.entry.ignored) ? "text-text-3" : "text-text",
      )}
    >
      <Content row={row} marks={marks} />
    </div>
  );
}

function Content({ row, marks }: { row: Row; marks: Marks }) {
  if (row.kind === "loading") return <span className="pl-5 text-text-3">{tf("loading")}</span>;
  if (row.kind === "more") return <span className="pl-5 text-accent">{tf("more", { n: row.count })}</span>;
  if (row.kind === "found") return <Found path={row.path} kind={marks.files.get(row.path)} />;
  if (row.kind === "gone") {
    return (
      <>
        <span className="w-4" />
        <Icon of={row.directory ? Folder : File} />
        <del className="min-w-0 flex-1 truncate">{row.name}</del>
        <FileMark kind="deleted" />
      </>
    );
  }
  const { entry, expanded } = row;
  const kind = marks.files.get(row.path);
  const below = entry.kind === "directory" ? marks.below.get(row.path) : undefined;
  return (
    <>
      <span className="w-4 text-text-3">
        {entry.kind === "directory" && <Icon of={expanded ? ChevronDown : ChevronRight} />}
      </span>
      <span className="text-text-2">
        <Icon of={glyphOf(entry.kind, expanded)} />
      </span>
      <span
        className="min-w-0 flex-1 truncate"
        title={entry.target ? `${entry.name} → ${entry.target}` : entry.name}
      >
        {entry.name}
      </span>
      {entry.kind === "file" && (
        <span className="pl-2 text-11 whitespace-nowrap text-text-2">{formatBytes(entry.bytes)}</span>
      )}
      {kind && kind !== "deleted" && <FileMark kind={kind} />}
      {below !== undefined && <DirectoryMark changes={below} />}
    </>
  );
}

/** The name first: it is what was looked for. */
function Found({ path, kind }: { path: string; kind: FileChangeKind | undefined }) {
  return (
    <>
      <span className="text-text-2">
        <Icon of={File} />
      </span>
      <span className="min-w-0 flex-1 truncate" title={path}>
        {nameOf(path)} <span className="text-text-2">{parentOf(path)}</span>
      </span>
      {kind && <FileMark kind={kind} />}
    </>
  );
}

function glyphOf(kind: WorkspaceEntry["kind"], expanded: boolean) {
  if (kind === "directory") return expanded ? FolderOpen : Folder;
  return kind === "link" ? Link2 : File;
}

/** Collects letters that are typed in quick succession. */
function useTyping(): (key: string) => string {
  const text = useRef("");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (key) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      text.current = "";
    }, TYPING_MS);
    text.current += key;
    return text.current;
  };
}
