import { useState } from "react";
import { toProblem } from "@/api/problem";
import type { Attachment } from "@/api/types";
import { randomId } from "@/platform/random-id";
import { sentences } from "@/ui/problem-words";

/** Most attachments of one message; the gateway takes a hundred. */
const MAX_ATTACHMENTS = 20;

/** A file that goes with the next message. */
export interface Attached {
  id: string;
  name: string;
  /** Where it is, once it is in the workspace. */
  sent: Attachment | null;
  /** Why it could not be sent. */
  problem: string | null;
}

/** Uploading is loaded with the first file that somebody attaches. */
const upload = async (workspace: string, file: File): Promise<Attachment> =>
  (await import("./upload-attachment")).upload(workspace, file);

/** Files that go with the next message; each is uploaded at once, to the conversation's workspace. */
export function useAttachments(workspace: string) {
  const [items, setItems] = useState<readonly Attached[]>([]);
  const change = (id: string, to: Partial<Attached>) =>
    setItems((all) => all.map((item) => (item.id === id ? { ...item, ...to } : item)));
  const add = (files: Iterable<File>) => {
    for (const file of [...files].slice(0, MAX_ATTACHMENTS - items.length)) {
      const id = randomId();
      setItems((all) => [...all, { id, name: file.name, sent: null, problem: null }]);
      upload(workspace, file).then(
        (sent) => change(id, { sent }),
        (error: unknown) => {
          const { title, hint } = toProblem(error);
          change(id, { problem: sentences(title, hint) });
        },
      );
    }
  };
  return {
    items,
    /** Whether some are still on their way. */
    busy: items.some((item) => !item.sent && !item.problem),
    add,
    remove: (id: string) => setItems((all) => all.filter((item) => item.id !== id)),
    /** Those that have arrived, to go with a message; the list is empty afterwards. */
    take: (): Attachment[] => {
      setItems([]);
      return items.flatMap((item) => (item.sent ? [item.sent] : []));
    },
  };
}
