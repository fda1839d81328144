import { ChevronDown, ChevronRight, FileSymlink, MessageSquarePlus, Undo2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { toProblem } from "@/api/problem";
import type { FileChange, Hunk } from "@/api/types";
import { tc } from "@/i18n/en-changes";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import { changedLines, type Limit } from "./limits";

interface FileHeadProps {
  file: FileChange;
  open: boolean;
  viewed: boolean;
  blocked: boolean;
  onToggle: () => void;
  onViewed: (viewed: boolean) => void;
  /** Undoes its changes; absent when that is not possible. */
  onRevert?: () => void;
  /** Opens it in the editor; absent for what is not there. */
  onEdit?: () => void;
}

/** How a file changed, in a line that stays above its lines. */
export function FileHead(props: FileHeadProps) {
  const { file, open, viewed, blocked, onToggle, onViewed, onRevert, onEdit } = props;
  return (
    <div className="flex items-center gap-1.5 border-b border-line bg-surface py-1 pr-2 pl-1">
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="flex min-h-7 min-w-0 flex-1 items-center gap-1 text-left hover:text-text"
      >
        <Icon of={open ? ChevronDown : ChevronRight} />
        <span className="min-w-0 truncate font-mono text-12" title={file.path}>
          {file.path}
        </span>
        <span className="shrink-0 text-12 text-text-3">{inWords(file)}</span>
      </button>
      <span className="shrink-0 font-mono text-12 text-add-text">+{file.additions ?? "?"}</span>
      <span className="shrink-0 font-mono text-12 text-del-text">−{file.deletions ?? "?"}</span>
      <label className="flex shrink-0 items-center gap-1 text-12 text-text-3">
        <input type="checkbox" checked={viewed} onChange={(event) => onViewed(event.target.checked)} />
        <span className="max-md:sr-only">{tc("viewed")}</span>
      </label>
      {onEdit && (
        <IconButton label={tc("file.edit", { path: file.path })} onClick={onEdit}>
          <Icon of={FileSymlink} />
        </IconButton>
      )}
      {onRevert && (
        <IconButton label={tc("file.revert", { path: file.path })} disabled={blocked} onClick={onRevert}>
          <Icon of={Undo2} />
        </IconButton>
      )}
    </div>
  );
}

/** Why a file is not shown, and the way to see it all the same. */
export function LimitRow({ file, limit, onLoad }: { file: FileChange; limit: Limit; onLoad: () => void }) {
  return (
    <p
      data-testid="change-limit"
      className="flex items-center gap-2 border-b border-line px-3 py-1 text-12 text-text-3"
    >
      {tc(`limit.${limit}`, { n: changedLines(file) })}
      <Button kind="quiet" onClick={onLoad} aria-label={`${tc("load")}: ${file.path}`}>
        {tc("load")}
      </Button>
    </p>
  );
}

interface PendingRowProps {
  id: string;
  lines: number;
  focus: (() => void) | null;
  onSeen: () => void;
}

/** Stands for lines that are fetched once somebody would see them; about as high as they will be. */
export function PendingRow({ id, lines, focus, onSeen }: PendingRowProps) {
  const seen = useRef(onSeen);
  useEffect(() => seen.current(), []);
  const row = useFocus(focus);
  return (
    <p
      ref={row}
      role="status"
      tabIndex={-1}
      data-change={id}
      className="px-3 py-1 text-12 text-text-3"
      style={{ height: `calc(${lines} * 19px)` }}
    >
      {tc("loading")}
    </p>
  );
}

/** For what takes the keyboard while it is told to, and says that it has. */
function useFocus(focus: (() => void) | null) {
  const element = useRef<HTMLDivElement & HTMLParagraphElement>(null);
  useEffect(() => {
    if (!focus) return;
    element.current?.focus({ preventScroll: true });
    focus();
  }, [focus]);
  return element;
}

/** Lines that could not be fetched. */
export function FailedRow({ problem }: { problem: unknown }) {
  return (
    <div className="p-3">
      <ProblemView problem={toProblem(problem)} />
    </div>
  );
}

interface HunkHeadProps {
  id: string;
  hunk: Hunk;
  /** Called when it has taken the keyboard, which it is to do while this is there. */
  focus: (() => void) | null;
  onComment?: () => void;
  /** Undoes it; absent when that is not possible. */
  onRevert?: () => void;
}

/** Where a change is, and what can be done with it. */
export function HunkHead({ id, hunk, focus, onComment, onRevert }: HunkHeadProps) {
  const head = useFocus(focus);
  const range = rangeOf(hunk);
  return (
    <section
      ref={head}
      data-testid="hunk"
      data-change={id}
      data-stop
      aria-label={range}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys `]c` and the arrows come here
      tabIndex={0}
      className="flex min-h-7 items-center gap-2 bg-sunken px-2 text-12 text-text-3 -outline-offset-2"
    >
      <span className="mr-auto">{range}</span>
      {onComment && (
        <IconButton label={`${tc("comment.hunk")}: ${range}`} onClick={onComment}>
          <Icon of={MessageSquarePlus} />
        </IconButton>
      )}
      {onRevert && (
        <Button
          kind="quiet"
          icon={<Icon of={Undo2} />}
          onClick={onRevert}
          aria-label={`${tc("hunk.revert")}: ${range}`}
        >
          {tc("hunk.revert")}
        </Button>
      )}
    </section>
  );
}

function rangeOf(hunk: Hunk): string {
  const [start, count] =
    hunk.new_lines > 0 ? [hunk.new_start, hunk.new_lines] : [hunk.old_start, hunk.old_lines];
  return tc("hunk", { start, end: start + count - 1 });
}

function inWords(file: FileChange): string {
  const words: string[] = [];
  if (file.kind === "renamed") words.push(tc("renamed", { path: file.old_path ?? "" }));
  else if (file.kind !== "modified") words.push(tc(file.kind));
  if (file.conflict) words.push(tc("conflict"));
  if (file.old_mode != null && file.new_mode != null) {
    words.push(tc("mode", { old: file.old_mode.toString(8), new: file.new_mode.toString(8) }));
  }
  return words.join(" · ");
}
