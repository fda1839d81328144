/** A tool call's arguments as far as they can be known. */
export type Arguments = Readonly<Record<string, unknown>>;

/** Reads the arguments text; of a text that is still streaming, the string fields that have begun. */
export function readArguments(text: string): Arguments {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return partialStrings(text);
  }
}

const FIELD = /"(\w+)"\s*:\s*"((?:[^"\\]|\\.)*)("?)/g;

function partialStrings(text: string): Arguments {
  const found: Record<string, unknown> = {};
  for (const [, name, raw, closed] of text.matchAll(FIELD)) {
    if (name && !(name in found)) found[name] = decodeString(raw ?? "", closed === '"');
  }
  return found;
}

function decodeString(raw: string, whole: boolean): string {
  // A four-digit escape may be cut in the middle.
  const safe = whole ? raw : raw.replace(/(?<!\\)((?:\\\\)*)\\u[0-9a-fA-F]{0,3}$/, "$1");
  try {
    return JSON.parse(`"${safe}"`) as string;
  } catch {
    return safe;
  }
}

/** A text field, or an empty text. */
export function text(record: Arguments, name: string): string {
  const value = record[name];
  return typeof value === "string" ? value : "";
}

/** A number field, or null. */
export function number(record: Arguments, name: string): number | null {
  const value = record[name];
  return typeof value === "number" ? value : null;
}

/** The files or the directory that a call is about. */
export function paths(record: Arguments): string[] {
  const value = record.file ?? record.path;
  if (typeof value === "string" && value !== "") return [value];
  return Array.isArray(value) ? value.filter((path) => typeof path === "string") : [];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
