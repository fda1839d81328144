import { useQuery } from "@tanstack/react-query";
import type { ToolPart } from "@/api/types";
import { filesOf } from "@/api/workspace";
import { DEFAULT_WORKSPACE } from "@/api/workspaces";
import { t } from "@/i18n";
import { useConversation } from "@/stream/react";
import { isRecord, number, text } from "@/ui/call/arguments";
import { FileLink } from "@/ui/file-link";
import { LinesText } from "@/ui/highlight/token-text";
import { useHighlight } from "@/ui/highlight/use-highlight";

/** Lines of a file that are shown here; its panel has all. */
const LINES = 12;
/** Files of which lines are shown. */
const MOST_SNIPPETS = 3;

/** The files that a call has looked at: each leads to its panel, the first ones with the lines that they begin with now. */
export function ReadDetails({ tool }: { tool: ToolPart }) {
  const files = readFiles(tool.data);
  return (
    <ul className="flex flex-col gap-2">
      {files.map(({ path, first }, place) => (
        <li key={path} className="min-w-0">
          <FileLink path={path} />
          {place < MOST_SNIPPETS && <Snippet path={path} first={first} />}
        </li>
      ))}
    </ul>
  );
}

/** The files in the data of a `read_file` call. */
export function readFiles(data: unknown): { path: string; first: number }[] {
  if (!isRecord(data) || !Array.isArray(data.files)) return [];
  return data.files
    .filter(isRecord)
    .map((file) => ({ path: text(file, "path"), first: firstLine(file.shown) }))
    .filter(({ path }) => path !== "");
}

function firstLine(shown: unknown): number {
  const [first] = Array.isArray(shown) ? shown.filter(isRecord) : [];
  return first ? (number(first, "start") ?? 1) : 1;
}

function Snippet({ path, first }: { path: string; first: number }) {
  const workspace = useConversation(({ state }) => state?.conversation.workspace_id ?? DEFAULT_WORKSPACE);
  const { data } = useQuery({
    // Kept up to date with what else is shown of the workspace.
    queryKey: ["workspace", "snippet", path, workspace, first],
    queryFn: () => filesOf(workspace).readText(path, first, LINES),
    // A file that is gone, or no text any more, has no lines to show.
    retry: false,
    enabled: !path.startsWith("/"),
  });
  const lines = useHighlight(data?.text ?? "", { path }, true);
  if (!data?.text) return null;
  return (
    <figure className="overflow-hidden rounded-card border border-line bg-sunken">
      <figcaption className="border-b border-line px-3 text-11 text-text-3">{t("tool.asNow")}</figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
        tabIndex={0}
        className="max-h-60 overflow-auto px-3 py-2 text-code"
      >
        <code>{lines ? <LinesText lines={lines} /> : data.text}</code>
      </pre>
    </figure>
  );
}
