import { type ReactNode, useState } from "react";
import { pauseRun, stopRun } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { isActive } from "@/api/status";
import { DEFAULT_WORKSPACE } from "@/api/workspaces";
import { t } from "@/i18n";
import { useConversation, useConversationStore } from "@/stream/react";
import { keysInWords } from "@/ui/actions/keys";
import { runAction, useAction, useKeys } from "@/ui/actions/registry";
import { useBegun } from "@/ui/actions/shortcuts";
import { type Preferred, usePreference } from "@/ui/preferences";
import { showToast } from "@/ui/toast";
import { useAttempt } from "@/ui/use-attempt";
import { AddModelHint } from "./add-model-hint";
import { useArrival } from "./arrival";
import { Composer, type ComposerRun } from "./composer";
import { QueueList } from "./queue-list";

/** The composer of an open conversation. */
export function ConversationComposer({ above }: { above?: ReactNode }) {
  const store = useConversationStore();
  const status = useConversation(({ state }) => state?.conversation.status ?? "idle");
  const runId = useConversation(({ state }) => state?.conversation.run_id ?? null);
  const scripted = useConversation(({ state }) => state?.conversation.scripted ?? false);
  const workspace = useConversation(({ state }) => state?.conversation.workspace_id ?? DEFAULT_WORKSPACE);
  const ready = useConversation(({ phase }) => phase === "ready");
  const [editing, setEditing] = useState<string | null>(null);
  const arrival = useArrival();
  const send = usePreference("send");
  const { attempt } = useAttempt();
  const [stopping, setStopping] = useState<string | null>(null);

  const stop = () => {
    setStopping(runId);
    stopRun(store.id).catch((error: unknown) => {
      setStopping(null);
      showToast({ level: "error", text: `${t("composer.stopFailed")}: ${toProblem(error).title}` });
    });
  };
  let run: ComposerRun = "idle";
  if (status === "waiting_user" || status === "waiting_approval") run = "waiting";
  else if (status === "paused") run = "paused";
  else if (isActive(status))
    run = status === "stopping" || (stopping !== null && stopping === runId) ? "stopping" : "running";
  const stoppable = run === "running" || run === "waiting" || run === "paused";
  useAction("run.stop", stoppable ? stop : null);
  const pause = () => void attempt(() => pauseRun(store.id));
  useAction("run.pause", status === "running" || status === "starting_sandbox" ? pause : null);
  const editLast = () => {
    const waiting = store.view.getState().state?.queue.at(-1);
    if (waiting) setEditing(waiting.message_id);
    else runAction("message.editLast");
  };
  const armed = useBegun("run.stop") && stoppable;
  const keys = useKeys();

  if (!ready) return null;
  return (
    <Composer
      scope={store.id}
      workspace={workspace}
      run={run}
      focusFrom={arrival}
      onSend={(text, mode, _restore, attachments) => void store.send(text, mode, attachments)}
      onStop={stop}
      onUp={editLast}
      above={
        <>
          {above}
          <AddModelHint />
          <QueueList editing={editing} onEdit={setEditing} />
        </>
      }
      below={armed ? t("composer.again", { key: lastKey(keys("run.stop")) }) : hint(scripted, send)}
    />
  );
}

/** The last stroke of keys, as it is printed on a keyboard. */
const lastKey = (keys: string) => (keysInWords(keys).at(-1) ?? []).join("+");

function hint(scripted: boolean, send: Preferred<"send">): string {
  if (scripted) return t("composer.script");
  return t(send === "enter" ? "composer.hint" : "composer.hintMod");
}
