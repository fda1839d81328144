import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { resetSandbox, restartSandbox } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { tb } from "@/i18n/en-sandbox";
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
    onSuccess: (_, way) => showToast({ level: "info", text: tb(`renew.${way}Done`) }),
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
          {tb("renew.restart")}
        </Button>
        <Button disabled={renew.isPending} onClick={() => setAsking("reset")}>
          {tb("renew.reset")}
        </Button>
      </div>
      {asking && (
        <Dialog
          open
          onOpenChange={(open) => !open && setAsking(null)}
          title={tb(`renew.${asking}Title`)}
          description={tb(`renew.${asking}Help`)}
        >
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(null)}>{t("action.cancel")}</Button>
            <Button kind="danger" onClick={() => confirm(asking)}>
              {tb(`renew.${asking}`)}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
