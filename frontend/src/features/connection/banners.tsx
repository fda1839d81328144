import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useInstance, useStorageTrouble } from "@/api/queries";
import { t } from "@/i18n";
import { useConnection, useSession } from "@/stream/react";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { useNow } from "@/ui/use-now";
import { useRestarted } from "./restarted";

const SHOW_AFTER_MS = 2_000;

/** What the person must know wherever they are: a lost connection, a sandbox that is none. */
export function Banners() {
  return (
    <>
      <LostConnection />
      <StorageTrouble />
      <SandboxWarning />
    </>
  );
}

function LostConnection() {
  const session = useSession();
  const state = useConnection();
  const now = useNow(state.kind === "reconnecting");
  const restarted = useRestarted();
  if (restarted) return <Banner>{t("connection.restartedHelp")}</Banner>;
  if (state.kind !== "reconnecting" || now - state.since < SHOW_AFTER_MS) return null;
  return (
    <Banner>
      <span className="flex-1">{t(navigator.onLine ? "connection.lost" : "connection.lostOffline")}</span>
      <Button kind="quiet" onClick={() => session.wake()}>
        {t("connection.tryNow")}
      </Button>
    </Banner>
  );
}

/** Nothing can be saved: runs wait, and go on by themselves. */
function StorageTrouble() {
  const problem = useStorageTrouble();
  if (!problem) return null;
  return <Banner>{[problem.title, problem.detail, problem.hint].filter(Boolean).join(" · ")}</Banner>;
}

function SandboxWarning() {
  const sandbox = useInstance().data?.sandbox;
  const text = sandbox?.attached === false ? t("connection.sandboxGone") : sandbox?.warning;
  return text ? <Banner>{text}</Banner> : null;
}

function Banner({ children }: { children: ReactNode }) {
  return (
    <div
      role="status"
      className="flex shrink-0 items-center gap-2 border-b border-line bg-sunken px-4 py-1 text-12 text-text"
    >
      <Icon of={TriangleAlert} className="shrink-0 text-waiting" />
      {children}
    </div>
  );
}
