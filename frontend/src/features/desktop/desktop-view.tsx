import { Camera, Eye, MousePointer2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { startDesktop } from "@/api/endpoints";
import { t } from "@/i18n";
import { randomId } from "@/platform/random-id";
import { runAction } from "@/ui/actions/registry";
import { useGiveFiles } from "@/ui/attaching";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { useIsShown } from "@/ui/pane-shown";
import { ClipboardBox } from "./clipboard-box";
import { type Driver, useDriver } from "./driver";
import { PauseToggle, type RunPause } from "./pause-toggle";
import { type DesktopQuality, DesktopSession, type DesktopSize, type DesktopState } from "./session";
import { SizeMenu } from "./size-menu";
import { WindowLink } from "./window-link";

interface DesktopViewProps {
  /** WebSocket that speaks RFB. */
  url: string;
  /** A page that shows only the desktop. */
  windowUrl?: string | null;
  /** Whether a person drives, as the event stream says; absent where there is none. */
  personDrives?: boolean;
  /** Pausing the agent's run; absent where there is no conversation. */
  pause?: RunPause;
}

/** The sandbox's desktop with its controls. Watching is the default; who takes control keeps the agent out. */
export default function DesktopView({ url, windowUrl, personDrives, pause }: DesktopViewProps) {
  const target = useRef<HTMLDivElement>(null);
  const session = useRef<DesktopSession | null>(null);
  const [state, setState] = useState<DesktopState>({ kind: "connecting" });
  const [size, setSize] = useState<DesktopSize>("fit");
  const [quality, setQuality] = useState<DesktopQuality>("usual");
  const [copied, setCopied] = useState("");
  const [viewer] = useState(randomId);
  const driver = useDriver(viewer, personDrives);
  const { mine } = driver;
  const release = useRef(() => {});
  release.current = () => {
    driver.giveBack();
    pause?.release();
  };

  useEffect(() => {
    if (!target.current) return;
    const current = new DesktopSession({
      target: target.current,
      url: `${url}?viewer=${viewer}`,
      start: startDesktop,
      onState: setState,
      onReleaseKeys: () => {
        release.current();
        // What is typed next is for the agent, not for its desktop.
        runAction("composer.focus");
      },
      onCopied: setCopied,
    });
    session.current = current;
    return () => current.close();
  }, [url, viewer]);
  const shown = useIsShown();
  useEffect(() => session.current?.setShown(shown), [shown]);
  useEffect(() => {
    // Nobody drives what they do not see.
    if (!shown && mine) release.current();
  }, [shown, mine]);
  useEffect(() => session.current?.setViewOnly(!mine), [mine]);
  useEffect(() => session.current?.setSize(size), [size]);
  useEffect(() => session.current?.setQuality(quality), [quality]);
  const give = useGiveFiles();
  const attachPicture = async () => {
    const picture = await session.current?.picture();
    if (picture) give?.([new File([picture], "desktop.png", { type: "image/png" })]);
  };

  return (
    <section
      aria-label={t("panel.desktop")}
      data-testid="panel-desktop"
      data-state={state.kind}
      data-driver={mine ? "you" : driver.person ? "person" : "agent"}
      className="flex h-full min-h-0 flex-col"
    >
      <div className="flex shrink-0 items-center gap-1 border-b border-line px-2 py-1">
        <ControlButton
          driver={driver}
          disabled={state.kind !== "connected"}
          onRelease={() => release.current()}
        />
        {pause && <PauseToggle pause={pause} driving={mine} />}
        <span role="status" className="min-w-0 flex-1 truncate px-1 text-12 text-text-3">
          {driver.problem ? (
            <span className="text-error">{`${t("desktop.controlFailed")}: ${driver.problem.title}`}</span>
          ) : (
            standing(driver)
          )}
        </span>
        <ClipboardBox
          copied={copied}
          canSend={mine && state.kind === "connected"}
          onSend={(text) => session.current?.paste(text)}
        />
        {give && (
          <IconButton
            label={t("desktop.attach")}
            disabled={state.kind !== "connected"}
            onClick={() => void attachPicture()}
          >
            <Icon of={Camera} />
          </IconButton>
        )}
        <SizeMenu size={size} onChange={setSize} quality={quality} onQuality={setQuality} />
        {windowUrl && <WindowLink url={windowUrl} />}
      </div>
      <div className="relative min-h-0 flex-1 bg-sunken">
        <div
          ref={target}
          role="application"
          aria-label={t("desktop.screen")}
          className={`absolute inset-0 ${size === "actual" ? "overflow-auto" : "overflow-hidden"} ${mine ? "outline-2 -outline-offset-2 outline-accent" : ""}`}
        />
        {state.kind !== "connected" && <Overlay state={state} onRetry={() => session.current?.retry()} />}
      </div>
    </section>
  );
}

function standing({ mine, person }: Driver): string {
  if (mine) return `${t("desktop.inControl")} · ${t("desktop.releaseKeys")}`;
  return t(person ? "desktop.inControlElsewhere" : "desktop.viewOnly");
}

/** Takes control, or gives it back wherever it was taken. */
function ControlButton({
  driver,
  disabled,
  onRelease,
}: {
  driver: Driver;
  disabled: boolean;
  onRelease: () => void;
}) {
  const { mine, person, take } = driver;
  const gives = mine || person;
  return (
    <Button
      kind={mine ? "primary" : "secondary"}
      aria-pressed={mine}
      disabled={disabled && !gives}
      icon={<Icon of={gives ? Eye : MousePointer2} />}
      onClick={gives ? onRelease : take}
    >
      {t(gives ? "desktop.release" : "desktop.takeControl")}
    </Button>
  );
}

const WAITING = {
  connecting: "desktop.connecting",
  connected: "desktop.connecting",
  reconnecting: "desktop.reconnecting",
  hidden: "desktop.hidden",
} as const;

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
        <p className="text-text-2">{t(WAITING[state.kind])}</p>
      )}
    </div>
  );
}
