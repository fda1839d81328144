import type { Spending, TurnUsage, Usage } from "@/api/types";
import { tc } from "@/i18n/en-cost";
import { formatNumber } from "@/i18n/numbers";

/** An amount of money. */
export function money(micros: number): string {
  const amount = micros / 1_000_000;
  return `$${formatNumber(amount, amount < 1 ? 4 : 2)}`;
}

/** What something has cost, as far as that is known; "≈" where the tokens are estimated. */
export function costInWords(usage: Usage): string {
  const { cost_micros: micros, cost_incomplete: incomplete, included, source } = usage;
  const onlyIncluded = micros == null ? included >= tokensOf(usage) : micros === 0 && !incomplete;
  if (included > 0 && onlyIncluded) return tc("included");
  const estimated = source === "reported" ? "" : "≈ ";
  const cost = beside(included, micros == null ? tc("unknown") : `${estimated}${money(micros)}`);
  return incomplete ? tc("atLeast", { cost }) : cost;
}

/** The same of a turn, of which only the amount is kept: what has no price is not known to have cost nothing. */
export function turnCost({ tokens, cost_micros: micros, included }: TurnUsage, whole: Usage): string {
  const known = whole.cost_micros != null && !whole.cost_incomplete;
  if (included > 0 && micros === 0 && (known || included >= tokens)) return tc("included");
  const estimated = known && whole.source === "reported" ? "" : "≈ ";
  const nothing = known ? money(0) : tc("unknown");
  return beside(included, micros > 0 ? `${estimated}${money(micros)}` : nothing);
}

/** What was drawn on a budget of money. */
export function drawnMoney({ tokens, cost_micros: micros, included }: Spending): string {
  if (included > 0 && micros === 0 && included >= tokens) return tc("included");
  return beside(included, `$${formatNumber(micros / 1_000_000, 2)}`);
}

/** What some of it costs, where a flat plan includes the rest. */
function beside(included: number, cost: string): string {
  return included > 0 ? tc("partly", { cost }) : cost;
}

function tokensOf({ input, cached, written, output, reasoning }: Usage): number {
  return input + cached + written + output + reasoning;
}
