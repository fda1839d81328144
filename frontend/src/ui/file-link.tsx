import { t } from "@/i18n";
import { openFile } from "./open-file";

/** A path, which opens the file in the panel of files where it is one of the workspace. */
export function FileLink({ path }: { path: string }) {
  // What is outside of the workspace is not in the panel.
  if (path.startsWith("/")) return <span className="font-mono text-12 break-all">{path}</span>;
  return (
    <button
      type="button"
      data-testid="file-link"
      title={t("tool.openFile")}
      onClick={() => openFile(path)}
      className="tap max-w-full rounded-control text-left font-mono text-12 break-all text-accent hover:underline"
    >
      {path}
    </button>
  );
}
