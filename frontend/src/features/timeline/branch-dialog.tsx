import { useState } from "react";
import { t } from "@/i18n";
import { tb } from "@/i18n/en-branches";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import type { FilesAnswer, FilesQuestion } from "./use-branch";

/** Paths that are listed before the rest is only counted. */
const MOST_PATHS = 200;

interface BranchDialogProps {
  question: FilesQuestion;
  busy: boolean;
  onAnswer: (answer: FilesAnswer) => void;
}

/** Asks what becomes of the files that have changed since a message that is put in other words. */
export function BranchDialog({ question, busy, onAnswer }: BranchDialogProps) {
  const { total, files, conflicts, impossible } = question.preview;
  const [agreed, setAgreed] = useState(false);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onAnswer({ kind: "cancel" })}
      title={tb("filesTitle")}
      description={tb("filesHelp", { n: total })}
    >
      <Paths paths={files.map((file) => file.path)} isCut={total > MOST_PATHS} />
      {conflicts.length > 0 && (
        <div
          data-testid="branch-conflicts"
          className="flex flex-col gap-1 border-l-2 border-waiting pl-2 text-13"
        >
          <p>{tb("conflicts", { n: conflicts.length })}</p>
          <Paths paths={conflicts} />
          <label className="flex items-center gap-2">
            <input type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.target.checked)} />
            {tb("overwrite", { n: conflicts.length })}
          </label>
        </div>
      )}
      {impossible.length > 0 && (
        <div className="flex flex-col gap-1 text-13 text-text-2">
          <p>{tb("impossible")}</p>
          <Paths paths={impossible.map((file) => file.path)} />
        </div>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => onAnswer({ kind: "cancel" })}>{t("action.cancel")}</Button>
        <Button
          disabled={busy || (conflicts.length > 0 && !agreed)}
          onClick={() => onAnswer({ kind: "restore", overwrite: conflicts })}
        >
          {tb("restore")}
        </Button>
        <Button kind="primary" disabled={busy} onClick={() => onAnswer({ kind: "keep" })}>
          {tb("keep")}
        </Button>
      </div>
    </Dialog>
  );
}

function Paths({ paths, isCut }: { paths: readonly string[]; isCut?: boolean }) {
  return (
    <ul className="max-h-40 overflow-y-auto font-mono text-12">
      {paths.slice(0, MOST_PATHS).map((path) => (
        <li key={path} className="truncate" title={path}>
          {path}
        </li>
      ))}
      {(isCut || paths.length > MOST_PATHS) && <li className="text-text-3">…</li>}
    </ul>
  );
}
