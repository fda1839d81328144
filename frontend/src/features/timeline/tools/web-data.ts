import type { ToolPart } from "@/api/types";
import { t } from "@/i18n";
import { isRecord, number, text } from "@/ui/call/arguments";

/** An address that a tool has come upon, as it is. */
export interface Source {
  url: string;
  title: string;
  /** What is said of it. */
  note: string;
}

/** The title of the page that was read, where it is known. */
export function pageName(tool: ToolPart): string {
  return isRecord(tool.data) ? text(tool.data, "title") : "";
}

/** What came of a look at the web, in a word. */
export function webHint(data: Record<string, unknown>): string {
  if (Array.isArray(data.results)) return t("tool.results", { n: data.results.length });
  if (data.type === "redirect") return t("tool.redirected");
  const status = number(data, "status");
  if (status !== null && status >= 400) return `HTTP ${status}`;
  return text(data, "summary") !== "" ? t("tool.summarised") : "";
}

/** The addresses in a tool's data, in its order; only those that a browser may be led to. */
export function sourcesOf(tool: ToolPart): Source[] {
  const data = isRecord(tool.data) ? tool.data : {};
  const found = Array.isArray(data.results) ? data.results.filter(isRecord).map(resultOf) : [pageOf(data)];
  return found.filter(({ url }) => /^https?:\/\//i.test(url));
}

function resultOf(result: Record<string, unknown>): Source {
  return { url: text(result, "url"), title: text(result, "title"), note: text(result, "excerpt") };
}

function pageOf(data: Record<string, unknown>): Source {
  const url = data.type === "redirect" ? text(data, "to") : text(data, "url");
  return { url, title: text(data, "title"), note: text(data, "summary") };
}
