import type { InstanceEnvironment } from "@/api/types";

/** Steps of the set-up, in their order. */
export const STEPS = ["environment", "account", "model", "workspace", "task"] as const;

export type StepName = (typeof STEPS)[number];
export type StepState = "done" | "todo" | "problem" | "skipped" | "looking";
export type StepStates = Readonly<Record<StepName, StepState>>;

/** What is known of the instance; what is not known yet is undefined. */
export interface Facts {
  environment: Pick<InstanceEnvironment, "disks" | "sandbox"> | undefined;
  /** Whether only people at this machine can have opened the page. */
  isLocal: boolean;
  /** Whether more than the launcher's link leads in. */
  hasPassword: boolean | undefined;
  /** Whether there is a model that is no script. */
  hasModel: boolean | undefined;
  /** Files and folders at the top of the workspace; null when nobody can tell. */
  entries: number | null | undefined;
  hasConversation: boolean | undefined;
}

/** The steps that may be passed over: the others solve themselves, or nothing goes without them. */
export const SKIPPABLE: readonly StepName[] = ["account", "model", "workspace"];

/** How far each step is, as the facts say; so nothing is lost when the page is left. */
export function statesOf(facts: Facts, skipped: readonly string[]): StepStates {
  const { environment, entries } = facts;
  const states: Record<StepName, StepState> = {
    environment: environment ? stateOf(environment) : "looking",
    account: facts.isLocal ? "done" : known(facts.hasPassword),
    model: known(facts.hasModel),
    workspace: entries === null ? "todo" : known(entries === undefined ? undefined : entries > 0),
    task: known(facts.hasConversation),
  };
  for (const name of SKIPPABLE)
    if (states[name] === "todo" && skipped.includes(name)) states[name] = "skipped";
  return states;
}

const stateOf = ({ sandbox, disks }: Pick<InstanceEnvironment, "disks" | "sandbox">): StepState =>
  sandbox.attached && !disks.some((disk) => disk.is_low) ? "done" : "problem";

const known = (fact: boolean | undefined): StepState =>
  fact === undefined ? "looking" : fact ? "done" : "todo";

/** The step to go on with: the first that the person can do something about; null while that is not known. */
export function currentOf(states: StepStates): StepName | null {
  for (const name of STEPS) {
    if (states[name] === "todo") return name;
    // A later one must not be offered, and then an earlier one after all.
    if (states[name] === "looking" && name !== "environment") return null;
  }
  return STEPS.find((name) => states[name] === "problem") ?? null;
}

/** Whether a page at this host name is seen from this machine only. */
export function isThisMachine(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);
}
