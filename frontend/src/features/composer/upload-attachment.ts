import { ApiError, problemFromAnswer } from "@/api/problem";
import type { Attachment } from "@/api/types";
import { filesOf, OWN_DIRECTORY } from "@/api/workspace";

/** Where attached files go in the workspace. */
const DIRECTORY = `${OWN_DIRECTORY}/uploads`;
/** Names that are tried for a file whose own is taken. */
const MAX_NAMES = 50;

/** Uploads a file under its own name, or one with a number when that is taken. */
export async function upload(workspace: string, file: File): Promise<Attachment> {
  const { uploadAddress } = filesOf(workspace);
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
