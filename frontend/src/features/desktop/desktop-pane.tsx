import { Suspense } from "react";
import { API_BASE } from "@/api/client";
import { useInstance } from "@/api/queries";
import { t } from "@/i18n";
import { lazyPart } from "@/ui/lazy-part";
import { useRunPause } from "./pause-toggle";

/** noVNC is large and only wanted here. */
const DesktopView = lazyPart(() => import("./desktop-view"));

/** The desktop as a pane of the app, or why there is none. */
export function DesktopPane() {
  const instance = useInstance().data;
  const pause = useRunPause();
  if (!instance) return <Nothing>{t("app.loading")}</Nothing>;
  if (!instance.sandbox.attached) return <Nothing>{t("desktop.detached")}</Nothing>;
  if (!instance.sandbox.desktop) return <Nothing>{t("desktop.off")}</Nothing>;
  return (
    <Suspense fallback={<Nothing>{t("desktop.connecting")}</Nothing>}>
      <DesktopView
        url={socketUrl(`${API_BASE}/desktop`)}
        windowUrl={instance.desktop_url}
        personDrives={instance.sandbox.person_drives ?? false}
        pause={pause}
      />
    </Suspense>
  );
}

function Nothing({ children }: { children: string }) {
  return (
    <p
      data-testid="panel-desktop"
      data-state="off"
      role="status"
      className="flex h-full items-center justify-center bg-sunken p-6 text-center text-text-2"
    >
      {children}
    </p>
  );
}

function socketUrl(path: string): string {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`;
}
