import type { Problem } from "@/api/types";

/** Sentences in one line, each with one end. */
export function sentences(...parts: readonly (string | null | undefined)[]): string {
  const said = parts.map((part) => part?.trim() ?? "").filter((part) => part !== "");
  return said
    .map((part, n) => (n === said.length - 1 || /[.!?…:]$/.test(part) ? part : `${part}.`))
    .join(" ");
}

/** What went wrong, why, and what to do, in one line. */
export function problemInWords({ title, detail, hint }: Problem): string {
  return sentences(title, detail, hint);
}
