import { Play } from "lucide-react";
import { continueRun } from "@/api/endpoints";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { useAttempt } from "@/ui/use-attempt";

/** Lets a run go on that was paused, from wherever that was. */
export function ResumeButton({ conversation: { id, status } }: { conversation: Conversation }) {
  const { busy, attempt } = useAttempt();
  if (status !== "paused" && status !== "pausing") return null;
  return (
    <Button
      data-testid="resume"
      kind={status === "paused" ? "primary" : "secondary"}
      title={t("run.resumeHelp")}
      icon={<Icon of={Play} />}
      disabled={busy}
      onClick={() => void attempt(() => continueRun(id))}
    >
      {t("run.resume")}
    </Button>
  );
}
