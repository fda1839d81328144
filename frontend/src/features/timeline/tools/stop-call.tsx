import { Square } from "lucide-react";
import { useState } from "react";
import { stopCall } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { useConversationStore } from "@/stream/react";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { showToast } from "@/ui/toast";

interface StopCallProps {
  callId: string;
  /** What the button says. */
  label: string;
  kind: "quiet" | "danger";
}

/** Stops one call; its run and the other calls go on. */
export function StopCall({ callId, label, kind }: StopCallProps) {
  const { id } = useConversationStore();
  const [stopping, setStopping] = useState(false);
  const stop = () => {
    setStopping(true);
    stopCall(id, callId).catch((error: unknown) => {
      setStopping(false);
      showToast({ level: "error", text: `${t("tool.stopFailed")}: ${toProblem(error).title}` });
    });
  };
  return (
    <Button
      kind={kind}
      title={t("tool.stopTitle")}
      icon={<Icon of={Square} className="fill-current" />}
      disabled={stopping}
      onClick={stop}
    >
      {stopping ? t("tool.stopping") : label}
    </Button>
  );
}
