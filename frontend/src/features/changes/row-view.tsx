import type { ReactNode } from "react";
import type { Hunk } from "@/api/types";
import { tc } from "@/i18n/en-changes";
import type { Intent } from "@/ui/restore/use-restore";
import { CommentBox } from "./comment-parts";
import { keyOfSpot, spotOf, type useComments } from "./comments";
import { type Placed, prepared } from "./hunk-chunks";
import { type ColoursOf, SplitRow, UnifiedRow } from "./line-rows";
import { FailedRow, FileHead, HunkHead, LimitRow, PendingRow } from "./row-parts";
import type { Row } from "./rows";

interface RowViewProps {
  row: Row;
  /** The recorded states that are compared; null when it is a commit, which nothing is restored from. */
  between: { from: string; to: string } | null;
  coloursOf: ColoursOf;
  focus: (() => void) | null;
  /** Whether nothing can be restored at the moment. */
  blocked: boolean;
  /** Whether the person has looked at the file. */
  viewed: boolean;
  comments: ReturnType<typeof useComments>;
  onOpen: (open: boolean) => void;
  onViewed: (viewed: boolean) => void;
  /** The lines from this hunk on would be seen now. */
  onSeen: (hunk: number) => void;
  onEdit: (path: string) => void;
  onRestore: (intent: Intent) => void;
}

/** A row of the list of changes. */
export function RowView(props: RowViewProps): ReactNode {
  const { row, coloursOf, focus, comments, onOpen, onSeen } = props;
  const { file } = row;
  const comment = (line: Placed) => {
    const spot = spotOf(file.path, line);
    if (!comments.all.has(keyOfSpot(spot))) comments.write(spot, "");
  };
  switch (row.kind) {
    case "file":
      return <Head {...props} row={row} />;
    case "limit":
      return <LimitRow file={file} limit={row.limit} onLoad={() => onOpen(true)} />;
    case "note":
      return <p className="px-3 py-1 text-12 text-text-3">{tc(`note.${row.note}`)}</p>;
    case "pending":
      return <PendingRow id={row.key} lines={row.lines} focus={focus} onSeen={() => onSeen(row.from)} />;
    case "failed":
      return <FailedRow problem={row.problem} />;
    case "hunk":
      return (
        <HunkHead
          id={row.key}
          hunk={row.hunk}
          focus={focus}
          onComment={() => {
            const { lines } = prepared(row.hunk, file.path, true);
            const first = lines.find(({ kind }) => kind !== "context");
            if (first) comment(first);
          }}
          onRevert={revertOf(props, row.hunk)}
        />
      );
    case "line":
      return <UnifiedRow what={row.line} coloursOf={coloursOf} onComment={comment} />;
    case "pair":
      return <SplitRow what={row.pair} coloursOf={coloursOf} onComment={comment} />;
    case "comment":
      return (
        <CommentBox
          spot={row.spot}
          text={comments.all.get(keyOfSpot(row.spot))?.text ?? ""}
          onWrite={(text) => comments.write(row.spot, text)}
          onRemove={() => comments.remove(row.spot)}
        />
      );
  }
}

function Head(props: RowViewProps & { row: Extract<Row, { kind: "file" }> }) {
  const { row, between, blocked, viewed, onOpen, onViewed, onEdit, onRestore } = props;
  const { file, open } = row;
  const { path, old_path } = file;
  return (
    <FileHead
      file={file}
      open={open}
      viewed={viewed}
      blocked={blocked}
      onToggle={() => onOpen(!open)}
      onViewed={onViewed}
      onEdit={file.kind === "deleted" ? undefined : () => onEdit(path)}
      onRevert={
        between
          ? () =>
              onRestore({
                title: tc("title.file", { path }),
                request: { checkpoint_id: between.from, paths: old_path ? [path, old_path] : [path] },
              })
          : undefined
      }
    />
  );
}

/** A single change can be undone in a file that was there before and still is. */
function revertOf({ row, between, blocked, onRestore }: RowViewProps, hunk: Hunk): (() => void) | undefined {
  const { path, kind } = row.file;
  if (blocked || !between || kind !== "modified") return undefined;
  return () =>
    onRestore({
      title: tc("title.file", { path }),
      request: { checkpoint_id: between.from, hunk: { to: between.to, path, index: hunk.index } },
    });
}
