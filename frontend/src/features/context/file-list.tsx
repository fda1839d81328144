import { X } from "lucide-react";
import { useState } from "react";
import { closeFiles } from "@/api/context";
import { toProblem } from "@/api/problem";
import type { PreviewFile } from "@/api/types";
import { tx } from "@/i18n/en-context";
import { formatNumber } from "@/i18n/numbers";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { showToast } from "@/ui/toast";

interface FileListProps {
  /** The conversation. */
  id: string;
  files: readonly PreviewFile[];
  /** Whether the model is at work, so that nothing can be closed. */
  busy: boolean;
  onClosed: () => void;
}

/** The files that the model has open, and how much of each it is shown. */
export function FileList({ id, files, busy, onClosed }: FileListProps) {
  const [closing, setClosing] = useState<string | null>(null);
  const close = (path: string) => {
    setClosing(path);
    closeFiles(id, [path])
      .then(onClosed)
      .catch((error: unknown) =>
        showToast({ level: "error", text: `${tx("closeFailed")}: ${toProblem(error).title}` }),
      )
      .finally(() => setClosing(null));
  };
  return (
    <ul className="flex flex-col">
      {files.map((file) => (
        <li
          key={file.path}
          data-testid="context-file"
          data-path={file.path}
          data-state={file.state}
          className="flex items-start gap-2 py-1"
        >
          <span className="flex min-w-0 flex-1 flex-col">
            <span className="font-mono text-12 break-all">{file.path}</span>
            <span className="flex flex-wrap items-center gap-x-1.5 text-12 text-text-3">
              <Badge>{stateOf(file)}</Badge>
              {particulars(file).join(" · ")}
            </span>
          </span>
          <IconButton
            label={busy ? tx("closeLater") : tx("close", { path: file.path })}
            disabled={busy || closing !== null}
            onClick={() => close(file.path)}
          >
            <Icon of={X} />
          </IconButton>
        </li>
      ))}
    </ul>
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
