import { type ReactNode, useState } from "react";
import { stopRun } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { isActive } from "@/api/status";
import { DEFAULT_WORKSPACE } from "@/api/workspaces";
import { t } from "@/i18n";
import { useConversation, useConversationStore } from "@/stream/react";
import { runAction, useAction } from "@/ui/actions/registry";
import { type Preferred, usePreference } from "@/ui/preferences";
import { showToast } from "@/ui/toast";
import { AddModelHint } from "./add-model-hint";
import { Composer, type ComposerRun } from "./composer";
import { useEscapeTwice } from "./escape";
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
  const send = usePreference("send");
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
  else if (isActive(status))
    run = status === "stopping" || (stopping !== null && stopping === runId) ? "stopping" : "running";
  useAction("run.stop", run === "running" || run === "waiting" ? stop : null);
  const editLast = () => {
    const waiting = store.view.getState().state?.queue.at(-1);
    if (waiting) setEditing(waiting.message_id);
    else runAction("message.editLast");
  };
  const armed = useEscapeTwice(run === "running" || run === "waiting", stop);

  if (!ready) return null;
  return (
    <Composer
      scope={store.id}
      workspace={workspace}
      run={run}
      autoFocus
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
      below={hint(armed, scripted, send)}
    />
  );
}

function hint(armed: boolean, scripted: boolean, send: Preferred<"send">): string {
  if (armed) return t("composer.escape");
  if (scripted) return t("composer.script");
  return t(send === "enter" ? "composer.hint" : "composer.hintMod");
}
