import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { resetSandbox, restartSandbox } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ProblemView } from "@/ui/problem-view";
import { showToast } from "@/ui/toast";

type Way = "restart" | "reset";

/** Starting the sandbox again, and making it anew; both after a question. */
export function RenewSandbox() {
  const [asking, setAsking] = useState<Way | null>(null);
  const renew = useMutation({
    mutationFn: (way: Way) => (way === "reset" ? resetSandbox() : restartSandbox()),
    onSuccess: (_, way) => showToast({ level: "info", text: t(`sandbox.${way}Done`) }),
  });
  const confirm = (way: Way) => {
    setAsking(null);
    renew.mutate(way);
  };
  return (
    <div className="flex flex-col gap-2">
      {renew.error && <ProblemView problem={toProblem(renew.error)} />}
      <div className="flex gap-2">
        <Button disabled={renew.isPending} onClick={() => setAsking("restart")}>
          {t("sandbox.restart")}
        </Button>
        <Button disabled={renew.isPending} onClick={() => setAsking("reset")}>
          {t("sandbox.reset")}
        </Button>
      </div>
      {asking && (
        <Dialog
          open
          onOpenChange={(open) => !open && setAsking(null)}
          title={t(`sandbox.${asking}Title`)}
          description={t(`sandbox.${asking}Help`)}
        >
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(null)}>{t("action.cancel")}</Button>
            <Button kind="danger" onClick={() => confirm(asking)}>
              {t(`sandbox.${asking}`)}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
