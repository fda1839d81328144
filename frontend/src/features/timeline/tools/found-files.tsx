import type { ToolPart } from "@/api/types";
import { isRecord } from "@/ui/call/arguments";
import { FileLink } from "@/ui/file-link";

/** Files that are listed; what the model was told has the rest. */
const MOST_FILES = 50;

/** The files in which a search has found something, or that it has found; each leads to its panel. */
export function FoundFiles({ tool }: { tool: ToolPart }) {
  const paths = isRecord(tool.data) && Array.isArray(tool.data.paths) ? tool.data.paths : [];
  const files = paths.filter((path): path is string => typeof path === "string").slice(0, MOST_FILES);
  if (files.length === 0) return null;
  return (
    <ul data-testid="found-files" className="flex max-h-48 flex-col overflow-y-auto">
      {files.map((path) => (
        <li key={path} className="min-w-0">
          <FileLink path={path} />
        </li>
      ))}
    </ul>
  );
}
