import type { RestoreReceipt } from "@/api/types";
import { t } from "@/i18n";
import { showToast } from "./toast";

/** Failures that are told one by one. */
const MOST_FAILURES = 3;

/** Says what a restoration has done, with the way to undo it, and which files it could not restore. */
export function tellRestored({ restored, failed }: RestoreReceipt, undo: () => void): void {
  showToast({
    level: "info",
    text: t("restore.done", { n: restored }),
    action: { label: t("action.undo"), run: undo },
  });
  for (const { path, reason } of failed.slice(0, MOST_FAILURES)) {
    showToast({ level: "warning", text: t("restore.failed", { path, reason }) });
  }
}
