import { RotateCcw } from "lucide-react";
import { useRef, useState } from "react";
import { toProblem } from "@/api/problem";
import { isActive } from "@/api/status";
import { t } from "@/i18n";
import { tc } from "@/i18n/en-changes";
import { useConversation } from "@/stream/react";
import { useAction } from "@/ui/actions/registry";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import { useStored } from "@/ui/use-stored";
import { FileSection } from "./file-section";
import { goToChange } from "./next-change";
import { RestoreDialog } from "./restore-dialog";
import { type Scope, useChanges } from "./use-changes";
import { useRestore } from "./use-restore";
import { useViewed } from "./viewed";

/** So many files are shown open; of more, each is opened by the person. */
const OPEN_AT_MOST = 20;

/** The files that the agent changed, what changed in them, and the way back. */
export default function ChangesPane() {
  const [scope, setScope] = useState<Scope>("turn");
  const [stored, setStored] = useStored("slipway.splitDiff");
  const status = useConversation(({ state }) => state?.conversation.status ?? "idle");
  const { id, changes, isPending, fetchStatus, error, hasNextPage, fetchNextPage } = useChanges(scope);
  const restoring = useRestore(id);
  const [hidesSpace, setHidesSpace] = useStored("slipway.hideWhitespace");
  const viewed = useViewed(id);
  const pane = useRef<HTMLDivElement>(null);
  useAction("change.next", () => goToChange(pane.current, 1));
  useAction("change.previous", () => goToChange(pane.current, -1));
  const split = stored === "yes";
  const whitespace = hidesSpace === null;
  const blocked = isActive(status) && status !== "waiting_user";
  const { from = null, to = null, files = [], total = 0 } = changes ?? {};
  const title = tc(scope === "turn" ? "title.turn" : "title.all");
  return (
    <section aria-label={t("panel.changes")} data-testid="panel-changes" className="flex h-full flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5 text-12">
        <fieldset aria-label={tc("scope")} className="flex">
          {(["turn", "all"] as const).map((one) => (
            <Button
              key={one}
              kind={scope === one ? "secondary" : "quiet"}
              aria-pressed={scope === one}
              onClick={() => setScope(one)}
            >
              {tc(`scope.${one}`)}
            </Button>
          ))}
        </fieldset>
        {total > 0 && <span className="text-text-3">{tc("files", { n: total })}</span>}
        <label className="ml-auto flex items-center gap-1.5 text-text-2 max-md:hidden">
          <input
            type="checkbox"
            checked={split}
            onChange={(event) => setStored(event.target.checked ? "yes" : "no")}
          />
          {tc("split")}
        </label>
        <label className="flex items-center gap-1.5 text-text-2">
          <input
            type="checkbox"
            checked={whitespace}
            onChange={(event) => setHidesSpace(event.target.checked ? null : "yes")}
          />
          {tc("whitespace")}
        </label>
        <Button
          icon={<Icon of={RotateCcw} />}
          disabled={blocked || restoring.busy || !from || total === 0}
          title={blocked ? tc("busy") : undefined}
          data-testid="restore"
          onClick={() => from && restoring.ask({ title, request: { checkpoint_id: from } })}
        >
          {tc("restore")}
        </Button>
      </div>
      <div ref={pane} className="min-h-0 flex-1 overflow-y-auto">
        {error && (
          <div className="p-3">
            <ProblemView problem={toProblem(error)} />
          </div>
        )}
        {!error && total === 0 && (
          <p className="p-3 text-12 text-text-3">
            {isPending && fetchStatus !== "idle" ? tc("loading") : tc(`empty.${scope}`)}
          </p>
        )}
        {from && to && (
          <ul>
            {files.map((file) => (
              <FileSection
                key={`${scope}:${file.path}`}
                id={id}
                file={file}
                between={{ from, to }}
                split={split}
                whitespace={whitespace}
                viewed={viewed.isViewed(file.path, to)}
                onViewed={(is) => viewed.setViewed(file.path, to, is)}
                startsOpen={total <= OPEN_AT_MOST}
                blocked={blocked || restoring.busy}
                onRestore={restoring.restore}
              />
            ))}
          </ul>
        )}
        {hasNextPage && (
          <Button kind="quiet" className="m-2" onClick={() => fetchNextPage()}>
            {tc("more")}
          </Button>
        )}
      </div>
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
