import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  closeTerminal,
  killProcess,
  listProcesses,
  listTerminals,
  openTerminal,
  renameTerminal,
} from "@/api/terminals";
import type { Terminal } from "@/api/types";
import { tt } from "@/i18n/en-terminal";

/** What a shell starts with; it takes the pane's size when it is shown. */
const FIRST_SIZE = { columns: 80, rows: 24 };
/** How often the agent's processes are looked at while they are shown. */
const LOOK_MS = 2_000;
/** How often they are counted while the panel is open. */
const COUNT_MS = 10_000;

const shellsKey = (id: string) => ["terminals", id];
const processesKey = (id: string) => ["processes", id];

/** What a shell is called. */
export const nameOf = ({ name, number }: Terminal): string => name ?? tt("shell", { number });

export const useShells = (id: string) =>
  useQuery({ queryKey: shellsKey(id), queryFn: () => listTerminals(id), refetchOnWindowFocus: true });

/** Asks for the list of shells again. */
export function useShellsChanged(id: string): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: shellsKey(id) });
}

function useShellChange<Input, Output>(id: string, change: (input: Input) => Promise<Output>) {
  const changed = useShellsChanged(id);
  return useMutation({ mutationFn: change, onSettled: changed });
}

export const useOpenShell = (id: string) => useShellChange(id, () => openTerminal(id, FIRST_SIZE));

export const useRenameShell = (id: string) =>
  useShellChange(id, ({ shell, name }: { shell: string; name: string }) => renameTerminal(id, shell, name));

export const useCloseShell = (id: string) => useShellChange(id, (shell: string) => closeTerminal(id, shell));

/** What the agent left running, looked at again and again: no event tells of it. */
export const useProcesses = (id: string) =>
  useQuery({ queryKey: processesKey(id), queryFn: () => listProcesses(id), refetchInterval: LOOK_MS });

/** How many of them run; a list that is not to be had counts nothing. */
export const useRunningProcesses = (id: string): number =>
  useQuery({
    queryKey: processesKey(id),
    queryFn: () => listProcesses(id),
    refetchInterval: COUNT_MS,
    retry: false,
    select: ({ items }) => items.filter(({ status }) => status === "running").length,
  }).data ?? 0;

export function useKillProcess(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (process: string) => killProcess(id, process),
    onSettled: () => client.invalidateQueries({ queryKey: processesKey(id) }),
  });
}
