import { locale } from "./locale";

/** A number with as many decimals as asked for, as it is written in the language that is shown. */
export function formatNumber(value: number, decimals = 0): string {
  return value.toLocaleString(locale(), {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}
