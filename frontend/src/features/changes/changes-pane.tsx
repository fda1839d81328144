import { useEffect, useMemo, useState } from "react";
import { toProblem } from "@/api/problem";
import { isActive } from "@/api/status";
import type { FileChange } from "@/api/types";
import { t } from "@/i18n";
import { tc } from "@/i18n/en-changes";
import { useConversation, useConversationStore } from "@/stream/react";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";
import { RestoreDialog } from "@/ui/restore/restore-dialog";
import { useRestore } from "@/ui/restore/use-restore";
import { useStored } from "@/ui/use-stored";
import { ChangeList } from "./change-list";
import { ChangesBar } from "./changes-bar";
import { CommentsBar } from "./comment-parts";
import { inOneMessage, useComments } from "./comments";
import { GitNotes } from "./git-notes";
import { RowView } from "./row-view";
import { rowsOf, startsOpen } from "./rows";
import { type Changes, type Scope, useChanges } from "./use-changes";
import { useDiffs } from "./use-diffs";
import { useViewed } from "./viewed";

/** So many files are shown open; of more, each is opened by the person. */
const OPEN_AT_MOST = 20;

export interface ChangesPaneProps {
  /** The file that the address names. */
  file: string | null;
  /** Opens a file where it can be edited. */
  onEdit: (path: string) => void;
}

/** The files that the agent changed, what changed in them, what the person says of it, and the way back. */
export default function ChangesPane({ file: wanted, onEdit }: ChangesPaneProps) {
  const store = useConversationStore();
  const [scope, setScope] = useState<Scope>("turn");
  const [stored, setStored] = useStored("slipway.splitDiff");
  const status = useConversation(({ state }) => state?.conversation.status ?? "idle");
  const { id, changes, isPending, fetchStatus, error, hasNextPage, fetchNextPage, refetch } =
    useChanges(scope);
  const restoring = useRestore(id);
  const [hidesSpace, setHidesSpace] = useStored("slipway.hideWhitespace");
  const viewed = useViewed(id);
  const comments = useComments(id);
  /** What the person has opened and closed, by scope and path. */
  const [opened, setOpened] = useState<ReadonlyMap<string, boolean>>(new Map());
  const split = stored === "yes";
  const whitespace = hidesSpace === null;
  const busy = isActive(status) && !["waiting_user", "waiting_approval", "paused"].includes(status);
  const blocked = busy || restoring.busy;
  const { from = null, to = null, files = [], total = 0, git = null } = changes ?? {};
  const between = useMemo(() => (from && to ? { from, to } : null), [from, to]);
  const isThere = scope === "uncommitted" ? to !== null : between !== null;
  const { loadedOf, want } = useDiffs(id, changes);
  const setOpen = (path: string, open: boolean) =>
    setOpened((now) => new Map(now).set(`${scope}:${path}`, open));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address opens another file, nothing else does
  useEffect(() => {
    if (wanted) setOpen(wanted, true);
  }, [wanted]);

  const isViewed = (file: FileChange) => to !== null && viewed.isViewed(file.path, to);
  const isOpen = (file: FileChange) =>
    opened.get(`${scope}:${file.path}`) ??
    (startsOpen(file, isViewed(file), total > OPEN_AT_MOST) ? true : null);
  const commented = new Map([...comments.all].map(([key, { spot }]) => [key, spot]));
  const rows = isThere ? rowsOf(files, isOpen, loadedOf, commented, { split, whitespace }) : [];
  const send = () => {
    void store.send(inOneMessage(comments.said), "queue");
    comments.clear();
  };
  return (
    <section aria-label={t("panel.changes")} data-testid="panel-changes" className="flex h-full flex-col">
      <ChangesBar
        scope={scope}
        onScope={setScope}
        total={total}
        split={split}
        onSplit={(is) => setStored(is ? "yes" : "no")}
        whitespace={whitespace}
        onWhitespace={(is) => setHidesSpace(is ? null : "yes")}
        busy={busy}
        onRefresh={scope === "uncommitted" ? () => void refetch() : null}
        onRestore={
          blocked || !from || total === 0
            ? null
            : () => restoring.ask({ title: tc(`title.${scope}`), request: { checkpoint_id: from } })
        }
      />
      {git && <GitNotes {...git} files={files} />}
      {error && (
        <div className="p-3">
          <ProblemView
            problem={toProblem(error)}
            actions={<Button onClick={() => void refetch()}>{t("action.retry")}</Button>}
          />
        </div>
      )}
      {!error && total === 0 && (
        <p className="p-3 text-12 text-text-3">
          {isPending && fetchStatus !== "idle" ? tc("loading") : tc(emptyOf(scope, git))}
        </p>
      )}
      {isThere && total > 0 && (
        <ChangeList
          key={scope}
          rows={rows}
          label={tc("files", { n: total })}
          first={wanted}
          end={
            hasNextPage && (
              <Button kind="quiet" className="m-2" onClick={() => fetchNextPage()}>
                {tc("more")}
              </Button>
            )
          }
          render={(row, coloursOf, focus) => (
            <RowView
              row={row}
              between={between}
              coloursOf={coloursOf}
              focus={focus}
              blocked={blocked}
              viewed={isViewed(row.file)}
              comments={comments}
              onOpen={(open) => setOpen(row.file.path, open)}
              onViewed={(is) => {
                if (to) viewed.setViewed(row.file.path, to, is);
                setOpen(row.file.path, !is);
              }}
              onSeen={(hunk) => want(row.file.path, hunk)}
              onEdit={onEdit}
              onRestore={restoring.restore}
            />
          )}
        />
      )}
      {comments.said.length > 0 && (
        <CommentsBar count={comments.said.length} onSend={send} onClear={comments.clear} />
      )}
      {restoring.question && (
        <RestoreDialog
          question={restoring.question}
          busy={restoring.busy}
          onConfirm={() => restoring.question && restoring.confirm(restoring.question)}
          onClose={restoring.close}
        />
      )}
    </section>
  );
}

/** Why there is nothing to show. */
function emptyOf(scope: Scope, git: Changes["git"]) {
  if (git && git.problems.length > 0) return "empty.unknown" as const;
  return git && git.repositories.length === 0 ? ("empty.noRepository" as const) : (`empty.${scope}` as const);
}
