import { ExternalLink, Eye, Maximize, MousePointer2, Scaling } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { t } from "@/i18n";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { DesktopSession, type DesktopState } from "./session";

interface DesktopViewProps {
  /** WebSocket that speaks RFB. */
  url: string;
  /** A page that shows only the desktop. */
  windowUrl?: string | null;
}

/** The sandbox's desktop with its controls. Watching is the default: moving the mouse must not disturb the agent. */
export default function DesktopView({ url, windowUrl }: DesktopViewProps) {
  const target = useRef<HTMLDivElement>(null);
  const session = useRef<DesktopSession | null>(null);
  const [state, setState] = useState<DesktopState>({ kind: "connecting" });
  const [control, setControl] = useState(false);
  const [fit, setFit] = useState(true);

  useEffect(() => {
    if (!target.current) return;
    const current = new DesktopSession({
      target: target.current,
      url,
      onState: setState,
      onReleaseKeys: () => setControl(false),
    });
    session.current = current;
    return () => current.close();
  }, [url]);
  useEffect(() => session.current?.setViewOnly(!control), [control]);
  useEffect(() => session.current?.setFit(fit), [fit]);

  return (
    <section
      aria-label={t("panel.desktop")}
      data-testid="panel-desktop"
      data-state={state.kind}
      className="flex h-full min-h-0 flex-col"
    >
      <div className="flex shrink-0 items-center gap-1 border-b border-line px-2 py-1">
        <Button
          kind={control ? "primary" : "secondary"}
          aria-pressed={control}
          disabled={state.kind !== "connected"}
          icon={<Icon of={control ? Eye : MousePointer2} />}
          onClick={() => setControl(!control)}
        >
          {t(control ? "desktop.release" : "desktop.takeControl")}
        </Button>
        <span className="min-w-0 flex-1 truncate px-1 text-12 text-text-3">
          {control ? `${t("desktop.inControl")} · ${t("desktop.releaseKeys")}` : t("desktop.viewOnly")}
        </span>
        <IconButton label={t(fit ? "desktop.actual" : "desktop.fit")} onClick={() => setFit(!fit)}>
          <Icon of={fit ? Scaling : Maximize} />
        </IconButton>
        {windowUrl && (
          <a
            href={windowUrl}
            target="_blank"
            rel="noopener"
            aria-label={t("desktop.newWindow")}
            title={t("desktop.newWindow")}
            className="inline-flex size-7 items-center justify-center rounded-control text-text-2 hover:bg-hover hover:text-text pointer-coarse:size-11"
          >
            <Icon of={ExternalLink} />
          </a>
        )}
      </div>
      <div className="relative min-h-0 flex-1 bg-sunken">
        <div
          ref={target}
          role="application"
          aria-label={t("desktop.screen")}
          className={`absolute inset-0 ${fit ? "overflow-hidden" : "overflow-auto"} ${control ? "outline-2 -outline-offset-2 outline-accent" : ""}`}
        />
        {state.kind !== "connected" && <Overlay state={state} onRetry={() => session.current?.retry()} />}
      </div>
    </section>
  );
}

function Overlay({ state, onRetry }: { state: DesktopState; onRetry: () => void }) {
  return (
    <div
      role="status"
      className="absolute inset-0 flex flex-col items-center justify-center gap-2 bg-sunken p-6 text-center"
    >
      {state.kind === "failed" ? (
        <>
          <p className="font-medium">{t("desktop.failed")}</p>
          <p className="text-text-2">{state.reason || t("desktop.failedHelp", { n: state.attempts })}</p>
          <Button onClick={onRetry}>{t("action.retry")}</Button>
        </>
      ) : (
        <p className="text-text-2">
          {t(state.kind === "reconnecting" ? "desktop.reconnecting" : "desktop.connecting")}
        </p>
      )}
    </div>
  );
}
