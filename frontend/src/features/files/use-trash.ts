import { useQueryClient } from "@tanstack/react-query";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { showToast } from "@/ui/toast";
import { nameOf } from "./paths";
import { useFiles } from "./use-files";
import { tf } from "./words";

/** Deletes into the trash, with a chance to take it back; `onGone` is told when something has gone there. */
export function useTrash(onGone: (path: string) => void): (path: string) => void {
  const client = useQueryClient();
  const files = useFiles();
  const refresh = () => void client.invalidateQueries({ queryKey: ["workspace", "entries"] });
  const bringBack = async (id: string) => {
    try {
      await files.restoreEntry(id);
      refresh();
    } catch (error) {
      const { title, detail } = toProblem(error);
      showToast({ level: "error", text: `${tf("undoFailed")}: ${detail || title}` });
    }
  };
  const remove = async (path: string) => {
    try {
      const { id } = await files.trashEntry(path);
      onGone(path);
      refresh();
      showToast({
        level: "info",
        text: tf("deleted", { name: nameOf(path) }),
        action: { label: t("action.undo"), run: () => void bringBack(id) },
      });
    } catch (error) {
      const { title, detail } = toProblem(error);
      showToast({ level: "error", text: `${tf("failed")}: ${detail || title}` });
    }
  };
  return (path) => void remove(path);
}
