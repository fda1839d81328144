import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { branchMessage, getStateBefore } from "@/api/branches";
import { previewRestore, restoreFiles } from "@/api/changes";
import { toProblem } from "@/api/problem";
import type { Message, RestorePreview } from "@/api/types";
import { randomId } from "@/platform/random-id";
import { useSession } from "@/stream/react";
import { problemInWords } from "@/ui/problem-words";
import { tellRestored } from "@/ui/restored";
import { showToast } from "@/ui/toast";
import { useAttempt } from "@/ui/use-attempt";

/** The state of the files before a message, and what going back to it would do. */
export interface FilesQuestion {
  conversation: string;
  checkpoint: string;
  preview: RestorePreview;
}

/** What becomes of the files; `overwrite` names those that somebody else has changed and that go back all the same. */
export type FilesAnswer = { kind: "keep" | "cancel" } | { kind: "restore"; overwrite: string[] };

/**
 * Putting a message in other words: first it is asked what becomes of files that have changed since, then the branch
 * is made and opened. A branch that fails after files were restored leaves a way to undo that.
 */
export function useBranch(message: Message) {
  const session = useSession();
  const navigate = useNavigate();
  const [question, setQuestion] = useState<FilesQuestion | null>(null);
  const { busy, attempt } = useAttempt();
  const pending = useRef<{ text: string; clientId: string; done: () => void } | null>(null);

  const make = async () => {
    if (!pending.current) return;
    const { text, clientId, done } = pending.current;
    const made = await branchMessage(message.conversation_id, message.id, { text, client_id: clientId });
    done();
    session.list.put(made.conversation);
    await navigate({ to: "/c/$id", params: { id: made.conversation.id }, search: (now) => now });
  };
  const send = (text: string, done: () => void) =>
    attempt(async () => {
      // The same words sent again after a failure are the same request.
      const known = pending.current?.text === text ? pending.current.clientId : randomId();
      pending.current = { text, clientId: known, done };
      const found = await look(message);
      if (found) setQuestion(found);
      else await make();
    });
  const answer = (given: FilesAnswer) => {
    const asked = question;
    if (given.kind === "cancel" || !asked) return setQuestion(null);
    void attempt(async () => {
      if (given.kind === "restore") await goBack(asked, given.overwrite);
      setQuestion(null);
      await make();
    });
  };
  return { send, question, busy, answer };
}

const ALL = { paths: [], overwrite: [], hunk: null };

/** What there is to be asked; null when no file would change. */
async function look(message: Message): Promise<FilesQuestion | null> {
  const { checkpoint } = await getStateBefore(message.conversation_id, message.id);
  if (!checkpoint) return null;
  const conversation = checkpoint.conversation_id;
  const preview = await previewRestore(conversation, { ...ALL, checkpoint_id: checkpoint.id });
  return preview.total > 0 ? { conversation, checkpoint: checkpoint.id, preview } : null;
}

async function goBack({ conversation, checkpoint }: FilesQuestion, overwrite: string[]): Promise<void> {
  const receipt = await restoreFiles(conversation, { ...ALL, checkpoint_id: checkpoint, overwrite });
  const undo = () =>
    void restoreFiles(conversation, { ...ALL, checkpoint_id: receipt.before }).catch((error: unknown) =>
      showToast({ level: "error", text: problemInWords(toProblem(error)) }),
    );
  tellRestored(receipt, undo);
}
