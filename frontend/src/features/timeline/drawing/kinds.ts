/** What a text can be drawn as. */
export type Drawing = "formula" | "diagram";

const BY_LANGUAGE: Record<string, Drawing> = {
  mermaid: "diagram",
  math: "formula",
  latex: "formula",
  tex: "formula",
  katex: "formula",
};

/** What code in this language can be drawn as; null for most. */
export function drawingOf(language: string): Drawing | null {
  const name = language.toLowerCase();
  return Object.hasOwn(BY_LANGUAGE, name) ? (BY_LANGUAGE[name] ?? null) : null;
}
