import { Pause } from "lucide-react";
import { useRef } from "react";
import { continueRun, pauseRun } from "@/api/endpoints";
import { t } from "@/i18n";
import { useConversation, useConversationStore } from "@/stream/react";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { useAttempt } from "@/ui/use-attempt";

/** What the desktop's pane can ask of the conversation's run. */
export interface RunPause {
  /** The run rests or is about to. */
  on: boolean;
  /** Whether there is a run that could. */
  possible: boolean;
  busy: boolean;
  toggle: () => void;
  /** Lets the run go on that was paused here: the person has given control back. */
  release: () => void;
}

const PAUSABLE = ["running", "starting_sandbox"];

/** Pausing the conversation's run while the person drives. What was paused elsewhere is not ended by giving control back. */
export function useRunPause(): RunPause {
  const { id } = useConversationStore();
  const status = useConversation(({ state }) => state?.conversation.status ?? "idle");
  const { busy, attempt } = useAttempt();
  const mine = useRef(false);
  const on = status === "pausing" || status === "paused";
  const goOn = () => {
    mine.current = false;
    void attempt(() => continueRun(id));
  };
  const pause = () => {
    mine.current = true;
    void attempt(() => pauseRun(id));
  };
  return {
    on,
    possible: on || PAUSABLE.includes(status),
    busy,
    toggle: on ? goOn : pause,
    release: () => mine.current && on && goOn(),
  };
}

/** Keeps the agent from working while the person drives. */
export function PauseToggle({ pause, driving }: { pause: RunPause; driving: boolean }) {
  return (
    <Button
      data-testid="pause-while-driving"
      kind={pause.on ? "primary" : "secondary"}
      aria-pressed={pause.on}
      title={t(pause.possible ? "desktop.pauseHelp" : "desktop.pauseNothing")}
      disabled={pause.busy || !(pause.on || (driving && pause.possible))}
      icon={<Icon of={Pause} />}
      onClick={pause.toggle}
    >
      {t("desktop.pause")}
    </Button>
  );
}
