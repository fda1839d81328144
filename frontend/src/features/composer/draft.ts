import { useState } from "react";
import { readStored, writeStored } from "@/platform/storage";

/** A text that is kept at once for each conversation, over reloads and restarts of the browser. */
export function useDraft(scope: string): [string, (text: string) => void] {
  const key = `slipway.draft.${scope}`;
  const [draft, setDraft] = useState(() => ({ key, text: readStored(key) ?? "" }));
  // Another conversation has its own draft.
  const current = draft.key === key ? draft : { key, text: readStored(key) ?? "" };
  if (current !== draft) setDraft(current);
  const change = (text: string) => {
    writeStored(key, text === "" ? null : text);
    setDraft({ key, text });
  };
  return [current.text, change];
}
