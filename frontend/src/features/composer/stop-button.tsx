import { OctagonX, Square } from "lucide-react";
import { Suspense, useEffect, useState } from "react";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { lazyPart } from "@/ui/lazy-part";

const ForceStop = lazyPart(() => import("./force-stop"), { otherwise: "over" });

/** How long a stop may take before a harder way is offered. */
const PATIENCE_MS = 5_000;

/** Stops the run; when that does not come to an end, a harder way is offered. */
export function StopButton({ stopping, onStop }: { stopping: boolean; onStop: () => void }) {
  const late = useLate(stopping);
  const [asking, setAsking] = useState(false);
  if (stopping && late) {
    return (
      <>
        <Button
          data-testid="force-stop"
          kind="danger"
          icon={<Icon of={OctagonX} />}
          onClick={() => setAsking(true)}
        >
          {t("composer.forceStop")}
        </Button>
        <Suspense>{asking && <ForceStop onStop={onStop} onClose={() => setAsking(false)} />}</Suspense>
      </>
    );
  }
  return (
    <Button
      data-testid="stop"
      kind="danger"
      icon={<Icon of={Square} className="fill-current" />}
      disabled={stopping}
      onClick={onStop}
    >
      {t(stopping ? "composer.stopping" : "composer.stop")}
    </Button>
  );
}

/** Whether something has been so for longer than is usual. */
function useLate(active: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!active) return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [active]);
  return late;
}
