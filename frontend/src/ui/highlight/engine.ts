import { LanguageDescription } from "@codemirror/language";
import { languages } from "@codemirror/language-data";
import type { Parser } from "@lezer/common";
import { type Clock, type TokenLine, tokenLines } from "./tokens";
import type { Syntax } from "./use-highlight";

/** Gives way until the browser has nothing better to do, but not for ever. */
const pause = () =>
  new Promise<void>((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: 300 });
    else setTimeout(resolve, 16);
  });

const CLOCK: Clock = { now: () => performance.now(), pause };

/** The lines of a text in the colours of its language; null for languages that nobody knows. */
export async function highlight(
  text: string,
  syntax: Syntax,
  signal: AbortSignal,
): Promise<TokenLine[] | null> {
  const parser = await parserOf(syntax);
  await pause();
  if (!parser || signal.aborted) return null;
  return tokenLines(text, parser, signal, CLOCK);
}

async function parserOf({ language, path }: Syntax): Promise<Parser | null> {
  const found =
    (language && LanguageDescription.matchLanguageName(languages, language, false)) ||
    (path && LanguageDescription.matchFilename(languages, path.slice(path.lastIndexOf("/") + 1)));
  if (!found) return null;
  return (await found.load()).language.parser;
}
