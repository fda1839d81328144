import { useState } from "react";
import { ApiError, problemFromAnswer, toProblem } from "@/api/problem";
import type { Attachment } from "@/api/types";
import { uploadAddress } from "@/api/workspace";
import { randomId } from "@/platform/random-id";

/** Where attached files go in the workspace: Slipway's own directory, which version control leaves alone. */
const DIRECTORY = ".slipway/uploads";
/** Most attachments of one message; the gateway takes a hundred. */
const MAX_ATTACHMENTS = 20;
/** Names that are tried for a file whose own is taken. */
const MAX_NAMES = 50;

/** A file that goes with the next message. */
export interface Attached {
  id: string;
  name: string;
  /** Where it is, once it is in the workspace. */
  sent: Attachment | null;
  /** Why it could not be sent. */
  problem: string | null;
}

/** Files that go with the next message; each is uploaded at once. */
export function useAttachments() {
  const [items, setItems] = useState<readonly Attached[]>([]);
  const change = (id: string, to: Partial<Attached>) =>
    setItems((all) => all.map((item) => (item.id === id ? { ...item, ...to } : item)));
  const add = (files: Iterable<File>) => {
    for (const file of [...files].slice(0, MAX_ATTACHMENTS - items.length)) {
      const id = randomId();
      setItems((all) => [...all, { id, name: file.name, sent: null, problem: null }]);
      upload(file).then(
        (sent) => change(id, { sent }),
        (error: unknown) => {
          const { title, hint } = toProblem(error);
          change(id, { problem: [title, hint].filter(Boolean).join(". ") });
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

/** Uploads a file under its own name, or one with a number when that is taken. */
async function upload(file: File): Promise<Attachment> {
  const name = file.name.replaceAll(/[/\\\p{Cc}]/gu, "_") || "file";
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let number = 1; ; number += 1) {
    const path = `${DIRECTORY}/${number === 1 ? name : `${stem}-${number}${ending}`}`;
    const answer = await fetch(uploadAddress(path, false), {
      method: "PUT",
      body: file,
      credentials: "same-origin",
      headers: { "Content-Type": "application/octet-stream" },
    });
    if (answer.ok) return { path, media_type: file.type || "application/octet-stream" };
    const problem = problemFromAnswer(answer.status, await answer.json().catch(() => null));
    if (problem.code !== "already_exists" || number === MAX_NAMES) throw new ApiError(problem);
  }
}
