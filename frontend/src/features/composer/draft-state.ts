import type { Draft } from "@/api/types";

/** A draft as this browser knows it. */
export interface LocalDraft {
  text: string;
  /** When the server's draft was edited that this one goes on from. */
  base: number;
  /** Whether there is something in it that the server does not have. */
  dirty: boolean;
}

export const NO_DRAFT: LocalDraft = { text: "", base: 0, dirty: false };

/** What was typed here, and what the server has: the newest stands, and what neither knew of the other stays too. */
export function merged(local: LocalDraft, remote: Draft): LocalDraft {
  const theirs: LocalDraft = { text: remote.text, base: remote.edited_at, dirty: false };
  if (local.text === remote.text) return theirs;
  if (!local.dirty) return theirs;
  if (remote.edited_at <= local.base) return local;
  return { text: joined(remote.text, local.text), base: remote.edited_at, dirty: true };
}

/** Both texts, once each. */
function joined(theirs: string, own: string): string {
  if (theirs.includes(own) && own !== "") return theirs;
  if (own.includes(theirs)) return own;
  // Cleared here while it was edited elsewhere: what was edited stays.
  return own === "" ? theirs : `${theirs}\n\n${own}`;
}
