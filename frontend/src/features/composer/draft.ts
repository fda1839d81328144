import { useEffect, useRef, useState } from "react";
import { DraftStore, read } from "./draft-store";

/** A text that is kept for each conversation: here at once, and on the server, for other browsers. */
export function useDraft(scope: string): [string, (text: string) => void] {
  const [draft, setDraft] = useState(() => ({ scope, text: read(scope).text }));
  const store = useRef<DraftStore | null>(null);
  // Another conversation has its own draft.
  const current = draft.scope === scope ? draft : { scope, text: read(scope).text };
  if (current !== draft) setDraft(current);
  useEffect(() => {
    const opened = new DraftStore(scope, (text) => setDraft({ scope, text }));
    store.current = opened;
    opened.open();
    return () => opened.close();
  }, [scope]);
  const change = (text: string) => {
    setDraft({ scope, text });
    store.current?.change(text);
  };
  return [current.text, change];
}
