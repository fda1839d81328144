import { restartSandbox } from "@/api/endpoints";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useAttempt } from "@/ui/use-attempt";

interface ForceStopProps {
  /** Asks the run to stop once more, when nothing is left that could hold it. */
  onStop: () => void;
  onClose: () => void;
}

/** Asks before every process of the sandbox is killed: others' work ends with it. */
export default function ForceStop({ onStop, onClose }: ForceStopProps) {
  const { busy, attempt } = useAttempt();
  const kill = () =>
    attempt(async () => {
      await restartSandbox();
      onStop();
      onClose();
    });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("composer.forceTitle")}
      description={t("composer.forceHelp")}
    >
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button kind="danger" disabled={busy} onClick={() => void kill()}>
          {t("composer.forceStop")}
        </Button>
      </div>
    </Dialog>
  );
}
