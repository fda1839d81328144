import type { Approval, PermissionRule } from "@/api/types";
import { t } from "@/i18n";
import { isRecord } from "@/ui/call/arguments";

/** What a call would work on: the path that it names, and the text or all that it is given. */
export function contentOfCall({ arguments: given }: Pick<Approval, "arguments">): {
  path: string;
  body: string;
} {
  const fields = isRecord(given) ? given : {};
  const path = [fields.file, fields.path].find((value) => typeof value === "string") ?? "";
  const text = fields.content;
  return { path, body: typeof text === "string" ? text : JSON.stringify(given, null, 2) };
}

/** The rule that asks, in a sentence. */
export function ruleInWords(rule: PermissionRule | null): string {
  if (rule === null) return t("approval.noRule");
  const { about } = rule;
  if (about.type === "command") return t("approval.ruleCommand", { pattern: about.pattern });
  if (about.type === "tool") return t("approval.ruleTool", { name: about.name });
  return t(about.type === "any" ? "approval.ruleAny" : "approval.ruleChanges");
}
