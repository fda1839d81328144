import { Pin, X } from "lucide-react";
import { useState } from "react";
import { closeFiles, pinFile } from "@/api/context";
import { toProblem } from "@/api/problem";
import type { PreviewFile, Problem } from "@/api/types";
import { t } from "@/i18n";
import { tx } from "@/i18n/en-context";
import { formatNumber } from "@/i18n/numbers";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import { showToast } from "@/ui/toast";

interface FileListProps {
  /** The conversation. */
  id: string;
  files: readonly PreviewFile[];
  /** Whether the model is at work, so that nothing can be closed; pinned it can be all the same. */
  busy: boolean;
  /** Whether the person only looks: what is pinned is shown, and nothing is offered that would be refused. */
  looksOnly: boolean;
  onChanged: () => void;
}

/** The files that the model has open, and how much of each it is shown. */
export function FileList({ id, files, busy, looksOnly, onChanged }: FileListProps) {
  const [changing, setChanging] = useState(false);
  const [refused, setRefused] = useState<Problem | null>(null);
  const change = (action: Promise<unknown>, fail: (problem: Problem) => void) => {
    setChanging(true);
    setRefused(null);
    action
      .then(onChanged)
      .catch((error: unknown) => fail(toProblem(error)))
      .finally(() => setChanging(false));
  };
  const close = (path: string) =>
    change(closeFiles(id, [path]), ({ title }) =>
      showToast({ level: "error", text: `${tx("closeFailed")}: ${title}` }),
    );
  return (
    <>
      <ul className="flex flex-col">
        {files.map((file) => (
          <li
            key={file.path}
            data-testid="context-file"
            data-path={file.path}
            data-state={file.state}
            data-pinned={file.pinned ?? false}
            className="flex items-start gap-2 py-1"
          >
            <span className="flex min-w-0 flex-1 flex-col">
              <span className="font-mono text-12 break-all">{file.path}</span>
              <span className="flex flex-wrap items-center gap-x-1.5 text-12 text-text-3">
                <Badge>{stateOf(file)}</Badge>
                {file.pinned && <Badge title={tx("pinHelp")}>{tx("pinned")}</Badge>}
                {particulars(file).join(" · ")}
              </span>
            </span>
            {!looksOnly && (
              <>
                <IconButton
                  label={tx("pin", { path: file.path })}
                  title={tx("pinHelp")}
                  aria-pressed={file.pinned ?? false}
                  // It keeps the keyboard's focus, so it is never disabled: a second click asks for the same.
                  onClick={() => change(pinFile(id, file.path, !file.pinned), setRefused)}
                >
                  <Icon of={Pin} className={file.pinned ? "fill-current text-accent" : undefined} />
                </IconButton>
                <IconButton
                  label={busy ? tx("closeLater") : tx("close", { path: file.path })}
                  disabled={busy || changing}
                  onClick={() => close(file.path)}
                >
                  <Icon of={X} />
                </IconButton>
              </>
            )}
          </li>
        ))}
      </ul>
      {refused && (
        <ProblemView
          problem={refused}
          detailed
          actions={<Button onClick={() => setRefused(null)}>{t("action.close")}</Button>}
        />
      )}
    </>
  );
}

function stateOf({ state, shown_lines: shown, lines }: PreviewFile): string {
  if (state === "window") return tx("window", { shown: formatNumber(shown), lines: formatNumber(lines) });
  return tx(state === "full" ? "full" : "stub");
}

function particulars({ lines, tokens, age, outdated }: PreviewFile): string[] {
  const words = [tx("lines", { n: lines }), tx("tokens", { n: formatNumber(tokens) })];
  words.push(age === 0 ? tx("fresh") : tx("age", { n: age }));
  if (outdated > 0) words.push(tx("outdated", { n: outdated }));
  return words;
}
