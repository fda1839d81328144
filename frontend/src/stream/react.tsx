import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { Beginning } from "./beginnings";
import type { ConnectionState } from "./connection";
import type { ConversationStore, ConversationView } from "./conversation-store";
import type { ListView } from "./list-store";
import type { Session } from "./session";

const SessionContext = createContext<Session | null>(null);
const ConversationContext = createContext<ConversationStore | null>(null);

/** Makes a session available below, and keeps it connected while mounted. */
export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  useEffect(() => session.start(), [session]);
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error("useSession needs a SessionProvider above");
  return session;
}

export function useConnection(): ConnectionState {
  return useStore(useSession().connection, ({ state }) => state);
}

/** When another Slipway than before began to answer. */
export function useRestartedAt(): number | null {
  return useStore(useSession().connection, ({ restartedAt }) => restartedAt);
}

/** Conversations that are to begin as soon as somebody answers. */
export function useBeginnings(): readonly Beginning[] {
  return useStore(useSession().beginnings.view, ({ items }) => items);
}

/** The workspace of a conversation; null where there is none, or none that is known. */
export function useWorkspaceOf(id: string | undefined): string | null {
  const session = useSession();
  return id === undefined ? null : session.workspaceOf(id);
}

export function useConversationList<T>(select: (view: ListView) => T): T {
  return useStore(useSession().list.view, select);
}

/** Opens a conversation for what is below. */
export function ConversationProvider({ id, children }: { id: string; children: ReactNode }) {
  const session = useSession();
  const [store, setStore] = useState<ConversationStore | null>(null);
  useEffect(() => {
    setStore(session.acquire(id));
    return () => session.release(id);
  }, [session, id]);
  // Between two conversations the old one must not show under the new address.
  if (store?.id !== id) return null;
  return <ConversationContext value={store}>{children}</ConversationContext>;
}

export function useConversationStore(): ConversationStore {
  const store = use(ConversationContext);
  if (!store) throw new Error("useConversationStore needs a ConversationProvider above");
  return store;
}

export function useConversation<T>(select: (view: ConversationView) => T): T {
  return useStore(useConversationStore().view, select);
}
