import type { Usage } from "@/api/types";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/numbers";

/** An amount of money. */
export function money(micros: number): string {
  const amount = micros / 1_000_000;
  return `$${formatNumber(amount, amount < 1 ? 4 : 2)}`;
}

/** What something has cost, as far as that is known; "≈" where the tokens are estimated. */
export function costInWords({ cost_micros: micros, cost_incomplete: incomplete, source }: Usage): string {
  if (micros == null) return t("meter.costUnknown");
  const cost = `${source === "reported" ? "" : "≈ "}${money(micros)}`;
  return incomplete ? t("meter.costAtLeast", { cost }) : cost;
}

/** The same of a turn, of which only the amount is kept: what has no price is not known to have cost nothing. */
export function turnCost(micros: number, whole: Usage): string {
  if (micros > 0)
    return `${whole.source === "reported" && !whole.cost_incomplete ? "" : "≈ "}${money(micros)}`;
  return whole.cost_micros == null ? t("meter.costUnknown") : money(0);
}
