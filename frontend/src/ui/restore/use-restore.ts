import { useState } from "react";
import { previewRestore, restoreFiles } from "@/api/changes";
import type { RestoreFiles, RestorePreview } from "@/api/types";
import { tc } from "@/i18n/en-changes";
import { tellRestored } from "@/ui/restored";
import { useAttempt } from "@/ui/use-attempt";

/** What is to be restored, in words and as the gateway is asked. */
export interface Intent {
  title: string;
  /** The conversation whose state it is; the one that is asked for otherwise. */
  conversation?: string;
  request: Partial<RestoreFiles> & { checkpoint_id: string };
}

export interface Question extends Intent {
  preview: RestorePreview;
}

const ALL = { paths: [], overwrite: [], hunk: null };

/**
 * Restoring files: `ask` shows first what it would do, `restore` does it at once unless something would be lost.
 * Either way it can be undone from the message that says that it is done.
 */
export function useRestore(id: string) {
  const [question, setQuestion] = useState<Question | null>(null);
  const { busy, attempt } = useAttempt();
  const look = async (intent: Intent): Promise<Question> => ({
    ...intent,
    preview: await previewRestore(intent.conversation ?? id, { ...ALL, ...intent.request }),
  });
  const carryOut = async (intent: Intent, overwrite: string[]) => {
    const receipt = await restoreFiles(intent.conversation ?? id, { ...ALL, ...intent.request, overwrite });
    setQuestion(null);
    const { hunk, paths } = intent.request;
    // Only what was restored goes back: others' changes of other files since then are not concerned.
    const request = { checkpoint_id: receipt.before, paths: hunk ? [hunk.path] : (paths ?? []) };
    const undo: Intent = { title: tc("title.undo"), conversation: intent.conversation, request };
    tellRestored(receipt, () => void restore(undo));
  };
  const ask = (intent: Intent) => attempt(async () => setQuestion(await look(intent)));
  const restore = (intent: Intent) =>
    attempt(async () => {
      const seen = await look(intent);
      const { conflicts, impossible } = seen.preview;
      if (conflicts.length > 0 || impossible.length > 0) setQuestion(seen);
      else await carryOut(intent, []);
    });
  const confirm = (asked: Question) => attempt(() => carryOut(asked, asked.preview.conflicts));
  return { ask, restore, confirm, question, close: () => setQuestion(null), busy };
}
