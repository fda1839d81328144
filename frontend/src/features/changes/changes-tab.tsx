import { lazy, Suspense } from "react";
import { t } from "@/i18n";
import type { ChangesPaneProps } from "./changes-pane";

const ChangesPane = lazy(() => import("./changes-pane"));
const Badge = lazy(() => import("./changes-badge"));
const Footer = lazy(() => import("./turn-footer"));

/** What the agent has changed, loaded when it is first looked at. */
export function ChangesTab(props: ChangesPaneProps) {
  return (
    <Suspense fallback={<p className="p-3 text-12 text-text-3">{t("app.loading")}</p>}>
      <ChangesPane {...props} />
    </Suspense>
  );
}

/** How many files the last turn has changed. */
export function TurnFooter({ onShow }: { onShow: () => void }) {
  return (
    <Suspense>
      <Footer onShow={onShow} />
    </Suspense>
  );
}

/** How many files the last turn has changed, as a number beside the tab's name. */
export function ChangesBadge() {
  return (
    <Suspense>
      <Badge />
    </Suspense>
  );
}
