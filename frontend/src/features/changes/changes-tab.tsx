import { Suspense } from "react";
import { t } from "@/i18n";
import { lazyPart } from "@/ui/lazy-part";
import type { ChangesPaneProps } from "./changes-pane";

const ChangesPane = lazyPart(() => import("./changes-pane"));
const Badge = lazyPart(() => import("./changes-badge"), { otherwise: "quiet" });
const Footer = lazyPart(() => import("./turn-footer"), { otherwise: "quiet" });

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
