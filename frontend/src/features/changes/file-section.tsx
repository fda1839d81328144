import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight, Undo2 } from "lucide-react";
import { useState } from "react";
import { getFileDiff } from "@/api/changes";
import { toProblem } from "@/api/problem";
import type { FileChange } from "@/api/types";
import { tc } from "@/i18n/en-changes";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import { HunkView } from "./hunk-view";
import type { Intent } from "./use-restore";

/** Files with more changed lines, and those that programs write, are opened by the person. */
const LONG = 1_500;
const WRITTEN_BY_PROGRAMS =
  /(^|\/)(package-lock\.json|[^/]+\.lock|pnpm-lock\.yaml|go\.sum|[^/]+\.min\.(js|css))$/;

interface FileSectionProps {
  id: string;
  file: FileChange;
  between: { from: string; to: string };
  split: boolean;
  /** Whether changes of nothing but white space are shown. */
  whitespace: boolean;
  /** Whether the person has looked at it. */
  viewed: boolean;
  onViewed: (viewed: boolean) => void;
  startsOpen: boolean;
  blocked: boolean;
  onRestore: (intent: Intent) => void;
}

/** A changed file: a line that says how, and below it the lines that changed. */
export function FileSection(props: FileSectionProps) {
  const { id, file, between, split, whitespace, viewed, onViewed, startsOpen, blocked, onRestore } = props;
  const lines = (file.additions ?? 0) + (file.deletions ?? 0);
  const [open, setOpen] = useState(
    startsOpen && !viewed && lines <= LONG && !file.note && !WRITTEN_BY_PROGRAMS.test(file.path),
  );
  const paths = file.old_path ? [file.path, file.old_path] : [file.path];
  return (
    <li data-testid="changed-file" data-path={file.path} className="border-b border-line">
      <div className="sticky top-0 flex items-center gap-2 bg-surface py-1 pr-2 pl-1">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-w-0 flex-1 items-center gap-1 text-left hover:text-text"
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
          <input
            type="checkbox"
            checked={viewed}
            onChange={(event) => {
              onViewed(event.target.checked);
              setOpen(!event.target.checked);
            }}
          />
          <span className="max-md:sr-only">{tc("viewed")}</span>
        </label>
        <IconButton
          label={tc("file.revert", { path: file.path })}
          disabled={blocked}
          onClick={() =>
            onRestore({
              title: tc("title.file", { path: file.path }),
              request: { checkpoint_id: between.from, paths },
            })
          }
        >
          <Icon of={Undo2} />
        </IconButton>
      </div>
      {open && (
        <FileLines
          id={id}
          file={file}
          between={between}
          split={split}
          whitespace={whitespace}
          blocked={blocked}
          onRestore={onRestore}
        />
      )}
    </li>
  );
}

type FileLinesProps = Omit<FileSectionProps, "startsOpen" | "viewed" | "onViewed">;

function FileLines({ id, file, between, split, whitespace, blocked, onRestore }: FileLinesProps) {
  const { path, old_path } = file;
  const diff = useInfiniteQuery({
    queryKey: ["file-diff", id, path, between.from, between.to],
    queryFn: ({ pageParam }) =>
      getFileDiff(id, { path, old_path: old_path ?? undefined, ...between, hunk: pageParam }),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next ?? undefined,
    // Between two states nothing changes any more.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (file.note) return <p className="px-3 pb-2 text-12 text-text-3">{tc(`note.${file.note}`)}</p>;
  if (diff.error) return <ProblemView problem={toProblem(diff.error)} />;
  const hunks = diff.data?.pages.flatMap((page) => page.hunks) ?? [];
  return (
    <div data-testid="file-diff" className="pb-2">
      {diff.isPending && <p className="px-3 text-12 text-text-3">{tc("loading")}</p>}
      {hunks.map((hunk) => (
        <HunkView
          key={hunk.index}
          path={path}
          hunk={hunk}
          split={split}
          whitespace={whitespace}
          onRevert={
            blocked || file.kind !== "modified"
              ? undefined
              : () =>
                  onRestore({
                    title: tc("title.file", { path }),
                    request: {
                      checkpoint_id: between.from,
                      hunk: { to: between.to, path, index: hunk.index },
                    },
                  })
          }
        />
      ))}
      {diff.hasNextPage && (
        <Button kind="quiet" onClick={() => diff.fetchNextPage()}>
          {tc("moreLines")}
        </Button>
      )}
    </div>
  );
}

function inWords(file: FileChange): string {
  const words: string[] = [];
  if (file.kind === "renamed") words.push(tc("renamed", { path: file.old_path ?? "" }));
  else if (file.kind !== "modified") words.push(tc(file.kind));
  if (file.old_mode != null && file.new_mode != null) {
    words.push(tc("mode", { old: file.old_mode.toString(8), new: file.new_mode.toString(8) }));
  }
  return words.join(" · ");
}
