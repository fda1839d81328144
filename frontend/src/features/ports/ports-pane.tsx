import { Suspense } from "react";
import { useInstance } from "@/api/queries";
import { t } from "@/i18n";
import { Count } from "@/ui/count";
import { lazyPart } from "@/ui/lazy-part";
import type { Visit } from "./preview-pane";

const PreviewPane = lazyPart(() => import("./preview-pane"));

/** What the agent's programs serve, loaded when it is first looked at. */
export function PortsPane(visit: Visit) {
  return (
    <Suspense fallback={<p className="p-3 text-12 text-text-3">{t("app.loading")}</p>}>
      <PreviewPane {...visit} />
    </Suspense>
  );
}

/** How many ports the agent's programs listen on. */
export function PortsBadge() {
  const n = useInstance().data?.sandbox.ports?.length ?? 0;
  return <Count n={n} label={t("ports.count", { n })} />;
}
