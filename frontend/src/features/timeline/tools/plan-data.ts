import type { Plan, PlanStatus, PlanStep } from "@/api/types";
import { isRecord } from "@/ui/call/arguments";

const STATUSES: readonly string[] = ["pending", "in_progress", "done", "skipped"] satisfies PlanStatus[];

/** The plan that a call of `update_plan` has made; null when the data are something else. */
export function readPlan(data: unknown): Plan | null {
  if (!isRecord(data) || !Array.isArray(data.steps)) return null;
  return data.steps.every(isStep) ? { steps: data.steps } : null;
}

function isStep(step: unknown): step is PlanStep {
  return isRecord(step) && typeof step.text === "string" && STATUSES.includes(String(step.status));
}
