/** What is said of a code block behind its fence. */
export interface CodeInfo {
  language: string;
  /** The file of the workspace that the code is of, if one is named. */
  path?: string;
}

/** `title="src/a.rs"` and the like. */
const NAMED = /\b(?:title|file|filename|path)=(?:"([^"]+)"|'([^']+)'|(\S+))/;

/** Reads `rust`, `rust src/a.rs`, `rust:src/a.rs` and `rust title="src/a.rs"`. */
export function codeInfo(info: string): CodeInfo {
  const [first = "", second = ""] = info.trim().split(/\s+/);
  const [, glued] = /^[\w+#-]*:(.+)$/.exec(first) ?? [];
  const named = NAMED.exec(info);
  const language = glued === undefined ? first : first.slice(0, first.indexOf(":"));
  const path = [named?.[1] ?? named?.[2] ?? named?.[3], glued, second].find(isPath);
  return path === undefined ? { language } : { language, path };
}

/** Whether it can be a file of the workspace: relative, or below an absolute path, and with an end or a directory. */
function isPath(text: string | undefined): text is string {
  if (!text || text.includes("://") || text.split("/").includes("..")) return false;
  return /^[\w@./+ -]+$/.test(text) && /\/[^/]|\.\w+$/.test(text) && !text.endsWith("/");
}
