import { t } from "@/i18n";
import { isRecord } from "@/ui/call/arguments";

/** The person's answer in a few words, from the data of an `ask_user` call. */
export function answerInWords(data: unknown): string {
  if (!isRecord(data)) return t("question.byMessage");
  const chosen = Array.isArray(data.chosen) ? data.chosen.map(String) : [];
  const text = typeof data.text === "string" ? data.text : "";
  return [
    chosen.length > 0 && t("question.chosen", { labels: chosen.join(", ") }),
    text && t("question.wrote", { text }),
  ]
    .filter(Boolean)
    .join(" · ");
}
