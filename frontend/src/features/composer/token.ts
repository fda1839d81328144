/** What somebody is writing at the caret that can be completed. */
export type Token =
  | { kind: "command"; query: string }
  | { kind: "mention"; query: string /** Where its `@` stands. */; from: number; to: number };

/** The command or the mention of a file that the caret is at the end of, if any. */
export function tokenAt(text: string, caret: number): Token | null {
  const before = text.slice(0, caret);
  const command = /^\/([\p{L}-]*)$/u.exec(before);
  if (command && caret === text.length) return { kind: "command", query: command[1] ?? "" };
  const mention = /(?:^|[\s(])@([^\s@"]*)$/u.exec(before);
  if (!mention) return null;
  const query = mention[1] ?? "";
  return { kind: "mention", query, from: caret - query.length - 1, to: caret };
}

/** The text with the mention of a path in place of what was typed, and where the caret goes. */
export function withMention(
  text: string,
  token: Token & { kind: "mention" },
  path: string,
): { text: string; caret: number } {
  const isDirectory = path.endsWith("/");
  const named = /\s/u.test(path) ? `@"${path}"` : `@${path}`;
  const after = text.slice(token.to);
  // More of the path may follow a directory; a file is done.
  const gap = isDirectory || after.startsWith(" ") ? "" : " ";
  const mention = isDirectory ? `@${path}` : named + gap;
  return { text: text.slice(0, token.from) + mention + after, caret: token.from + mention.length };
}
