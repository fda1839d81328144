import { API_BASE, api, contentOf } from "./client";

const ofShell = (id: string, terminal_id: string) => ({ params: { path: { id, terminal_id } } });
const ofProcess = (id: string, process_id: string) => ({ params: { path: { id, process_id } } });

/** The person's shells in a conversation's workspace. */
export const listTerminals = (id: string) =>
  contentOf(api.GET("/api/v1/conversations/{id}/terminals", { params: { path: { id } } }));

export const openTerminal = (id: string, size: { columns: number; rows: number }) =>
  contentOf(
    api.POST("/api/v1/conversations/{id}/terminals", {
      params: { path: { id } },
      body: { name: null, ...size },
    }),
  );

/** Gives a shell another name; an empty one leaves its number. */
export const renameTerminal = (id: string, terminal: string, name: string) =>
  contentOf(
    api.PATCH("/api/v1/conversations/{id}/terminals/{terminal_id}", {
      ...ofShell(id, terminal),
      body: { name },
    }),
  );

/** Ends a shell with everything that it started. */
export const closeTerminal = (id: string, terminal: string) =>
  contentOf(api.DELETE("/api/v1/conversations/{id}/terminals/{terminal_id}", ofShell(id, terminal)));

/** Where a shell's stream is, beginning with the output's byte `from`. */
export function terminalSocket(id: string, terminal: string, from: number | null): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const path = `/conversations/${encodeURIComponent(id)}/terminals/${encodeURIComponent(terminal)}/stream`;
  return `${scheme}//${location.host}${API_BASE}${path}${from === null ? "" : `?from=${from}`}`;
}

/** What the agent's commands left running. */
export const listProcesses = (id: string) =>
  contentOf(api.GET("/api/v1/conversations/{id}/processes", { params: { path: { id } } }));

/** Ends one of those with everything that it started. */
export const killProcess = (id: string, process: string) =>
  contentOf(api.DELETE("/api/v1/conversations/{id}/processes/{process_id}", ofProcess(id, process)));

/** What one of those has printed from byte `from` on. */
export const getProcessOutput = (id: string, process: string, from: number) =>
  contentOf(
    api.GET("/api/v1/conversations/{id}/processes/{process_id}/output", {
      params: { path: { id, process_id: process }, query: { from } },
    }),
  );
