import {
  Bot,
  FilePen,
  FilePlus2,
  FileSearch,
  FileText,
  FileX2,
  FolderTree,
  Globe,
  ListTodo,
  type LucideIcon,
  MessageCircleQuestionMark,
  MousePointerClick,
  ScanEye,
  Search,
  SquareTerminal,
  Wrench,
  X,
} from "lucide-react";
import type { ToolPart } from "@/api/types";
import { type MessageId, t } from "@/i18n";
import { formatTokens } from "@/i18n/units";
import { type Arguments, isRecord, number, paths, readArguments, text } from "@/ui/call/arguments";
import { readDiff } from "@/ui/call/diff-data";
import { withoutDirections } from "@/ui/directions";
import { closedSteps } from "@/ui/plan-list";
import { answerInWords } from "./answer-data";
import { readPlan } from "./plan-data";
import { pageName, webHint } from "./web-data";

/** How a tool is shown. */
interface Kind {
  icon: LucideIcon;
  doing: MessageId;
  done: MessageId;
  /** What it changes or reveals: how calls are counted in a group, and how their details look. */
  family: Family;
}

export type Family =
  | "read"
  | "search"
  | "list"
  | "edit"
  | "shell"
  | "plan"
  | "question"
  | "desktop"
  | "subagent"
  | "web"
  | "other";

const KINDS: Record<string, Kind> = {
  read_file: { icon: FileText, doing: "tool.reading", done: "tool.read", family: "read" },
  write_file: { icon: FilePlus2, doing: "tool.writing", done: "tool.write", family: "edit" },
  edit_file: { icon: FilePen, doing: "tool.editing", done: "tool.edit", family: "edit" },
  delete_file: { icon: FileX2, doing: "tool.deleting", done: "tool.deleteDone", family: "other" },
  close_file: { icon: X, doing: "tool.closing", done: "tool.closeDone", family: "other" },
  list_directory: { icon: FolderTree, doing: "tool.listing", done: "tool.list", family: "list" },
  grep_search: { icon: Search, doing: "tool.grepping", done: "tool.grep", family: "search" },
  search_files: { icon: FileSearch, doing: "tool.finding", done: "tool.find", family: "search" },
  update_plan: { icon: ListTodo, doing: "tool.planning", done: "tool.plan", family: "plan" },
  subagent: { icon: Bot, doing: "tool.delegating", done: "tool.delegating", family: "subagent" },
  ask_user: { icon: MessageCircleQuestionMark, doing: "tool.asking", done: "tool.asked", family: "question" },
  google_search: { icon: Globe, doing: "tool.webSearching", done: "tool.webSearch", family: "web" },
  web_browser: { icon: Globe, doing: "tool.browsing", done: "tool.browsed", family: "web" },
  screenshot: { icon: ScanEye, doing: "tool.looking", done: "tool.look", family: "desktop" },
  computer: { icon: MousePointerClick, doing: "tool.acting", done: "tool.act", family: "desktop" },
  run_terminal_command: { icon: SquareTerminal, doing: "tool.shell", done: "tool.shell", family: "shell" },
};

const OTHER: Kind = { icon: Wrench, doing: "tool.calling", done: "tool.other", family: "other" };

/** A tool call in one line. */
export interface Description {
  icon: LucideIcon;
  family: Family;
  verb: string;
  /** What it works on, in the machine's own words. */
  target: string;
  /** What came of it. */
  hint: string;
}

/** Models choose names, so `constructor` must not find what every object has. */
function kindOf(tool: ToolPart): Kind {
  return (Object.hasOwn(KINDS, tool.name) ? KINDS[tool.name] : undefined) ?? OTHER;
}

export function familyOf(tool: ToolPart): Family {
  return kindOf(tool).family;
}

/** Whether the call has neither ended nor been refused. */
export function isUnderWay(tool: ToolPart): boolean {
  return tool.status === "proposed" || tool.status === "running";
}

export function describe(tool: ToolPart): Description {
  const kind = kindOf(tool);
  const given = readArguments(tool.arguments);
  const target = targetOf(tool, kind, given);
  return {
    icon: kind.icon,
    family: kind.family,
    // What was not done is not said in the past tense: the status tells how the attempt ended.
    verb: t(tool.status === "ok" ? kind.done : kind.doing),
    target: withoutDirections(target),
    hint: isUnderWay(tool) ? "" : hintOf(tool, kind.family),
  };
}

function targetOf(tool: ToolPart, kind: Kind, given: Arguments): string {
  if (kind === OTHER) return tool.name;
  if (kind.family === "plan") return "";
  if (kind.family === "question") return text(given, "question");
  if (kind.family === "subagent") return text(given, "title") || text(given, "task");
  if (kind.family === "shell") return text(given, "command");
  if (kind.family === "web") return text(given, "query") || pageName(tool) || text(given, "url");
  if (kind.family === "desktop") return actionsOf(given) || text(given, "window") || t("tool.desktop");
  if (kind.family === "search") return text(given, "pattern") || text(given, "query");
  const [first, ...others] = paths(given);
  if (first === undefined || first === ".")
    return kind.family === "list" ? t("tool.workspace") : (first ?? "");
  return others.length > 0 ? t("tool.andMore", { first, n: others.length }) : first;
}

/** What is done at the desktop, in the tool's own words. */
function actionsOf(given: Arguments): string {
  const actions = Array.isArray(given.actions) ? given.actions.filter(isRecord) : [];
  const words = actions.map((action) => {
    const kind = text(action, "action") || text(action, "type") || "click";
    const what = text(action, "text") || text(action, "keys") || text(action, "window");
    const [x, y] = [number(action, "x"), number(action, "y")];
    return [kind, what || (x === null || y === null ? "" : `${x},${y}`)].filter(Boolean).join(" ");
  });
  return words.join(" · ");
}

function hintOf(tool: ToolPart, family: Family): string {
  const data = isRecord(tool.data) ? tool.data : {};
  if (family === "shell") {
    const code = exitCode(tool);
    if (code !== null) return t("tool.exit", { code });
    return text(data, "status") === "running" ? t("tool.background") : "";
  }
  if (family === "web") return webHint(data);
  if (family === "subagent") return consumedBy(data);
  if (tool.status !== "ok") return "";
  if (family === "question") return answerInWords(tool.data);
  if (family === "plan") {
    const plan = readPlan(tool.data);
    return plan ? t("plan.progress", { closed: closedSteps(plan), all: plan.steps.length }) : "";
  }
  if (family === "edit") {
    const diff = readDiff(tool.data);
    if (!diff) return "";
    return diff.added + diff.removed === 0 ? t("tool.unchanged") : `+${diff.added} −${diff.removed}`;
  }
  if (family === "search") return t("tool.matches", { n: number(data, "matches") ?? 0 });
  if (family === "list" && Array.isArray(data.entries)) {
    return t("tool.entries", { n: data.entries.length + (number(data, "more") ?? 0) });
  }
  if (family === "read" && Array.isArray(data.files)) {
    return t("tool.lines", {
      n: data.files.filter(isRecord).reduce((sum, file) => sum + (number(file, "lines") ?? 0), 0),
    });
  }
  return "";
}

/** What a sub-agent that has ended has consumed. */
export function consumedBy(data: Arguments): string {
  const steps = t("subagent.steps", { n: number(data, "steps") ?? 0 });
  const tokens = number(data, "tokens");
  return tokens === null ? steps : t("subagent.consumed", { steps, tokens: formatTokens(tokens) });
}

/** The exit code of a command that has one. */
export function exitCode(tool: ToolPart): number | null {
  return isRecord(tool.data) ? number(tool.data, "exit_code") : null;
}
