import { lazy, Suspense } from "react";
import { t } from "@/i18n";

const PreviewPane = lazy(() => import("./preview-pane"));

/** What the agent's programs serve, loaded when it is first looked at. */
export function PortsPane() {
  return (
    <Suspense fallback={<p className="p-3 text-12 text-text-3">{t("app.loading")}</p>}>
      <PreviewPane />
    </Suspense>
  );
}
