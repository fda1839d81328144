/** What is being put in other words, by message: a turn that is scrolled out of sight loses its fields. */
const drafts = new Map<string, string>();

export const editDraft = (messageId: string): string | undefined => drafts.get(messageId);

/** Keeps a draft; `null` gives it up. */
export function keepEditDraft(messageId: string, text: string | null): void {
  if (text === null) drafts.delete(messageId);
  else drafts.set(messageId, text);
}
