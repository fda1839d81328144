import { useQuery } from "@tanstack/react-query";
import { PEOPLE_QUERY, useOwnAccount } from "@/api/account-queries";
import { listPeople } from "@/api/accounts";
import { toProblem } from "@/api/problem";
import { useEnvironment, useProviders } from "@/api/queries";
import type { Account, Instance, InstanceEnvironment, Problem, ProviderList } from "@/api/types";
import { filesOf, OWN_DIRECTORY } from "@/api/workspace";
import { type Facts, isThisMachine } from "@/features/setup/steps";
import { useConversationList } from "@/stream/react";
import { useChosenWorkspace } from "../chosen-workspace";

/** What the first-run screen knows of the instance. */
export interface Known {
  facts: Facts;
  instance: Instance | undefined;
  environment: InstanceEnvironment | undefined;
  /** Why nobody tells what the instance stands on. */
  environmentProblem: Problem | null;
  account: Account | undefined;
  /** How many people have accounts; null for whom that is none of their business. */
  people: number | null;
  providers: ProviderList | undefined;
  /** Whether a script answers new conversations. */
  isScripted: boolean;
  /** Where new conversations work. */
  workspace: string;
  chooseWorkspace: (id: string) => void;
}

/** Asks for what the steps are judged by, and goes on asking for what can change by itself. */
export function useSetupFacts(instance: Instance | undefined): Known {
  const { data: environment, error } = useEnvironment();
  const account = useOwnAccount().data?.account;
  const isAdmin = account?.role === "admin";
  const people = useQuery({ queryKey: PEOPLE_QUERY, queryFn: listPeople, enabled: isAdmin }).data;
  const providers = useProviders().data;
  const [workspace, chooseWorkspace] = useChosenWorkspace();
  const attached = environment?.sandbox.attached ?? instance?.sandbox.attached;
  const entries = useEntries(workspace, attached ?? false);
  const listed = useConversationList(({ phase, items }) =>
    items.length > 0 ? true : phase === "ready" ? false : undefined,
  );
  const chosen = providers?.providers.find(({ id }) => id === providers.default_model.provider_id);
  return {
    facts: {
      environment,
      isLocal: isThisMachine(window.location.hostname),
      hasPassword: account?.has_password,
      hasModel: providers?.providers.some(({ scripted }) => !scripted),
      entries: attached === false ? null : entries,
      hasConversation: listed,
    },
    instance,
    environment,
    environmentProblem: !environment && error ? toProblem(error) : null,
    account,
    people: people?.length ?? null,
    providers,
    isScripted: chosen?.scripted ?? true,
    workspace,
    chooseWorkspace,
  };
}

/** How many files and folders of the person are at the top of a workspace; null when nobody can tell. */
function useEntries(workspace: string, wanted: boolean): number | null | undefined {
  const { data, error } = useQuery({
    // As the lists of files are called: what is uploaded or cloned is counted at once.
    queryKey: ["workspace", "entries", "", "count", workspace],
    queryFn: () => filesOf(workspace).listEntries("", true),
    enabled: wanted,
    retry: false,
    select: ({ entries, more }) => entries.filter(({ name }) => name !== OWN_DIRECTORY).length + more,
  });
  return data ?? (error ? null : undefined);
}
