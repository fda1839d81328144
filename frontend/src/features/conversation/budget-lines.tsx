import { useEffect, useState } from "react";
import { getBudget } from "@/api/endpoints";
import type { BudgetState } from "@/api/types";
import { t } from "@/i18n";

interface Line {
  name: string;
  used: string;
  limit: string;
  share: number;
}

/** What the conversation has used of each of its limits; nothing where it has none. `spent` changes with
 * every call of the model, after which the gateway is asked again. */
export function BudgetLines({ id, spent }: { id: string; spent: number }) {
  const [state, setState] = useState<BudgetState | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `spent` says when the answer is out of date.
  useEffect(() => {
    let current = true;
    getBudget(id)
      .then((budget) => current && setState(budget))
      .catch(() => {}); // The dialog behind "Limits…" says what is wrong.
    return () => {
      current = false;
    };
  }, [id, spent]);
  const lines = state ? linesOf(state) : [];
  if (lines.length === 0) return null;
  return (
    <section aria-label={t("meter.budget")} data-testid="meter-budget" className="flex flex-col gap-0.5">
      <h3 className="pt-1 text-11 font-medium text-text-3">{t("meter.budget")}</h3>
      {lines.map(({ name, used, limit, share }) => (
        <p key={name} className="flex justify-between gap-4 text-text-2">
          <span>{name}</span>
          <span className={share >= 0.9 ? "text-error" : "text-text"}>
            {t("meter.budgetOf", { used, limit })}
          </span>
        </p>
      ))}
    </section>
  );
}

function linesOf({ conversation: { limit, spent } }: BudgetState): Line[] {
  const line = (name: string, used: number, most: number | null | undefined, inWords = plain) =>
    most == null
      ? []
      : [{ name, used: inWords(used), limit: inWords(most), share: used / Math.max(1, most) }];
  return [
    ...line(t("limit.money"), spent.cost_micros, limit.cost_micros, money),
    ...line(t("limit.tokens"), spent.tokens, limit.tokens),
    ...line(t("limit.steps"), spent.steps, limit.steps),
    ...line(t("limit.minutes"), Math.round(spent.time_ms / 60_000), limit.minutes),
  ];
}

function plain(amount: number): string {
  return amount.toLocaleString("en");
}

function money(micros: number): string {
  return (micros / 1_000_000).toFixed(2);
}
