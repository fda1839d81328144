import type { RunStatus } from "./types";

const ACTIVE: ReadonlySet<RunStatus> = new Set([
  "queued",
  "starting_sandbox",
  "running",
  "waiting_approval",
  "waiting_user",
  "pausing",
  "paused",
  "stopping",
]);

const CONTINUABLE: ReadonlySet<RunStatus> = new Set(["stopped", "limit_reached", "error"]);

/** Whether a run is going on. */
export function isActive(status: RunStatus): boolean {
  return ACTIVE.has(status);
}

/** Whether the last run can be taken up where it ended. */
export function isContinuable(status: RunStatus): boolean {
  return CONTINUABLE.has(status);
}
