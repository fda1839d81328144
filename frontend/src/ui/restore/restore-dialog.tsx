import { useState } from "react";
import { t } from "@/i18n";
import { tc } from "@/i18n/en-changes";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import type { Question } from "./use-restore";

/** Paths that are listed before the rest is only counted. */
const MOST_PATHS = 200;

interface RestoreDialogProps {
  question: Question;
  busy: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** What a restoration would do; what it would overwrite of somebody else's needs a word of its own. */
export function RestoreDialog({ question, busy, onConfirm, onClose }: RestoreDialogProps) {
  const { total, files, conflicts, impossible } = question.preview;
  const [agreed, setAgreed] = useState(false);
  const isReady = total > 0 && (conflicts.length === 0 || agreed);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={question.title}
      description={total > 0 ? tc("preview", { n: total }) : tc("preview.none")}
    >
      <ul data-testid="restore-preview" className="flex max-h-56 flex-col overflow-y-auto text-12">
        {files.slice(0, MOST_PATHS).map((file) => (
          <li key={file.path} className="flex gap-2">
            <span className="min-w-0 flex-1 truncate font-mono" title={file.path}>
              {file.path}
            </span>
            <span className="text-text-3">{tc(`action.${file.action}`)}</span>
          </li>
        ))}
        {total > MOST_PATHS && <li className="text-text-3">…</li>}
      </ul>
      {conflicts.length > 0 && (
        <div
          data-testid="restore-conflicts"
          className="flex flex-col gap-1 border-l-2 border-waiting pl-2 text-13"
        >
          <p>{tc("conflicts", { n: conflicts.length })}</p>
          <Paths paths={conflicts} />
          <label className="flex items-center gap-2">
            <input type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.target.checked)} />
            {tc("overwrite", { n: conflicts.length })}
          </label>
        </div>
      )}
      {impossible.length > 0 && (
        <div className="flex flex-col gap-1 text-13 text-text-2">
          <p>{tc("impossible")}</p>
          <Paths paths={impossible.map((file) => file.path)} />
        </div>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button kind="primary" disabled={busy || !isReady} onClick={onConfirm} data-testid="restore-confirm">
          {tc("confirm")}
        </Button>
      </div>
    </Dialog>
  );
}

function Paths({ paths }: { paths: readonly string[] }) {
  return (
    <ul className="max-h-28 overflow-y-auto font-mono text-12">
      {paths.slice(0, MOST_PATHS).map((path) => (
        <li key={path} className="truncate" title={path}>
          {path}
        </li>
      ))}
    </ul>
  );
}
