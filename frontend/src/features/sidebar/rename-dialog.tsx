import { type FormEvent, useState } from "react";
import { updateConversation } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { useSession } from "@/stream/react";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";

/** Asks for a conversation's new name. */
export function RenameDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const session = useSession();
  const [title, setTitle] = useState(conversation.title);
  const [error, setError] = useState<string | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    try {
      session.list.put(await updateConversation(conversation.id, { title: title.trim() }));
      onClose();
    } catch (failure) {
      setError(toProblem(failure).title);
    }
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("sidebar.renameTitle")}>
      <form onSubmit={save} className="flex flex-col gap-3">
        <TextField
          label={t("sidebar.renameLabel")}
          value={title}
          maxLength={200}
          error={error}
          onChange={(event) => setTitle(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" disabled={title.trim() === ""}>
            {t("action.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
