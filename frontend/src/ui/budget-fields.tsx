import type { Budget } from "@/api/types";
import { t } from "@/i18n";
import { LimitField } from "./limit-field";

interface BudgetFieldsProps {
  /** Whose budget it is; heads the fields. */
  title: string;
  value: Budget;
  /** What holds where a field is empty. */
  fallback?: Budget;
  onChange: (budget: Budget) => void;
}

/** The four limits of a budget, each of which may be empty. */
export function BudgetFields({ title, value, fallback, onChange }: BudgetFieldsProps) {
  const field = (name: keyof Budget) => ({
    value: value[name],
    fallback: fallback?.[name],
    onChange: (limit: number | null) => onChange({ ...value, [name]: limit }),
  });
  return (
    <fieldset className="grid grid-cols-2 gap-3">
      <legend className="pb-1 text-13 font-medium">{title}</legend>
      <LimitField label={t("limit.steps")} {...field("steps")} />
      <LimitField label={t("limit.tokens")} {...field("tokens")} />
      <LimitField label={t("limit.money")} unit="money" {...field("cost_micros")} />
      <LimitField label={t("limit.minutes")} {...field("minutes")} />
    </fieldset>
  );
}
