import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

/** What is being put in other words, by message: a turn that is scrolled out of sight loses its fields. */
const drafts = createStore<{ texts: ReadonlyMap<string, string> }>(() => ({ texts: new Map() }));

export const editDraft = (messageId: string): string | undefined => drafts.getState().texts.get(messageId);

/** Whether a message is being put in other words. */
export function useIsEdited(messageId: string): boolean {
  return useStore(drafts, ({ texts }) => texts.has(messageId));
}

/** Keeps a draft, which opens the message for it; `null` gives it up. */
export function keepEditDraft(messageId: string, text: string | null): void {
  const texts = new Map(drafts.getState().texts);
  if (text === null) texts.delete(messageId);
  else texts.set(messageId, text);
  drafts.setState({ texts });
}
