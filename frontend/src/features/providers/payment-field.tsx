import { useId } from "react";
import type { Payment } from "@/api/types";
import { tc } from "@/i18n/en-cost";

interface PaymentFieldProps {
  value: Payment;
  onChange: (payment: Payment) => void;
}

/** Whether a subscription includes what a provider's models use. */
export function PaymentField({ value, onChange }: PaymentFieldProps) {
  const help = useId();
  return (
    <div className="flex flex-col gap-1">
      <label className="tap flex items-center gap-2">
        <input
          type="checkbox"
          aria-describedby={help}
          checked={value === "flat_plan"}
          onChange={(event) => onChange(event.target.checked ? "flat_plan" : "by_use")}
        />
        {tc("flatPlanLabel")}
      </label>
      <p id={help} className="text-12 text-text-3">
        {tc("flatPlanHelp")}
      </p>
    </div>
  );
}
