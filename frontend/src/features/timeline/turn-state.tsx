import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { getStateBefore } from "@/api/branches";
import { listCheckpoints } from "@/api/changes";
import { isActive } from "@/api/status";
import type { Message } from "@/api/types";
import { tc } from "@/i18n/en-changes";
import { useConversation } from "@/stream/react";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { RestoreDialog } from "@/ui/restore/restore-dialog";
import { useRestore } from "@/ui/restore/use-restore";
import { showToast } from "@/ui/toast";
import { useAttempt } from "@/ui/use-attempt";

interface TurnStateProps {
  message: Message;
  /** How it looks where no state is known to be recorded. */
  hidden: string;
}

/** The state of the files before a message: a mark where one is recorded, and the way back to it. */
export default function TurnState({ message, hidden }: TurnStateProps) {
  const { conversation_id: id, run_id: run } = message;
  const working = useConversation(({ state }) => isActive(state?.conversation.status ?? "idle"));
  const isRecorded = useRecordedRuns(id).has(run ?? "");
  const restoring = useRestore(id);
  const { busy, attempt } = useAttempt();
  const look = () =>
    attempt(async () => {
      if (working) return showToast({ level: "info", text: tc("busy") });
      const { checkpoint } = await getStateBefore(id, message.id);
      if (!checkpoint) return showToast({ level: "info", text: tc("before.none") });
      // What was said before a branch is in the conversation that this one branched off.
      await restoring.ask({
        title: tc("title.before"),
        conversation: checkpoint.conversation_id,
        request: { checkpoint_id: checkpoint.id },
      });
    });
  const { question } = restoring;
  return (
    <>
      <IconButton
        label={tc("before.label")}
        data-testid="turn-state"
        data-recorded={isRecorded}
        disabled={busy || restoring.busy}
        className={`-my-1.5 -ml-1 text-text-3 pointer-coarse:-my-3.5 ${isRecorded ? "" : hidden}`}
        onClick={look}
      >
        <Icon of={History} />
      </IconButton>
      {question && (
        <RestoreDialog
          question={question}
          busy={restoring.busy}
          onConfirm={() => restoring.confirm(question)}
          onClose={restoring.close}
        />
      )}
    </>
  );
}

/** The runs before which the files were recorded, among the newest states; one question for all messages. */
function useRecordedRuns(id: string): ReadonlySet<string> {
  const newest = useConversation(({ state }) => state?.checkpoint ?? null);
  const { data } = useQuery({
    queryKey: ["checkpoints", id, newest],
    queryFn: () => listCheckpoints(id),
    select: ({ items }) =>
      new Set(items.flatMap(({ kind, run_id }) => (kind === "before_run" && run_id ? [run_id] : []))),
  });
  return data ?? NONE;
}

const NONE: ReadonlySet<string> = new Set();
