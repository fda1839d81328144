import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";

interface QuestionProps {
  conversation: Conversation;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before a running conversation is deleted. */
export default function DeleteQuestion({ conversation, onConfirm, onClose }: QuestionProps) {
  const title = conversation.title || t("sidebar.untitled");
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("sidebar.deleteTitle")}
      description={`${t("sidebar.deleteHelp", { title })} ${t("sidebar.deleteRunning")}`}
    >
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button kind="danger" onClick={onConfirm}>
          {t("action.delete")}
        </Button>
      </div>
    </Dialog>
  );
}
