import { t } from "@/i18n";
import { TextField } from "./field";

interface LimitFieldProps {
  label: string;
  help?: string;
  /** The limit; `null` when there is none. Money is in millionths. */
  value: number | null | undefined;
  unit?: "count" | "money";
  /** What holds where this field is empty; by default that nothing does. */
  fallback?: number | null | undefined;
  onChange: (value: number | null) => void;
}

const MICROS = 1_000_000;

/** A limit that may be left empty. */
export function LimitField({ label, help, value, unit = "count", fallback, onChange }: LimitFieldProps) {
  const scale = unit === "money" ? MICROS : 1;
  return (
    <TextField
      type="number"
      label={label}
      help={help}
      min={unit === "money" ? 0 : 1}
      step={unit === "money" ? "any" : 1}
      className="max-w-40"
      placeholder={fallback == null ? t("limit.none") : String(fallback / scale)}
      value={value == null ? "" : value / scale}
      onChange={({ target }) =>
        onChange(target.value === "" ? null : Math.round(Number(target.value) * scale))
      }
    />
  );
}
