import { locale } from "./locale";

/** What placeholders stand for. */
export type Values = Readonly<Record<string, string | number>>;

/** Fills in an ICU message: `{name}` and `{n, plural, =0 {…} one {…} other {… # …}}` by the rules of the language. */
export function format(message: string, values: Values): string {
  let text = "";
  for (let at = 0; at < message.length; ) {
    const open = message.indexOf("{", at);
    if (open < 0) return text + message.slice(at);
    const close = closing(message, open);
    text += message.slice(at, open) + argument(message.slice(open + 1, close), values);
    at = close + 1;
  }
  return text;
}

function argument(inside: string, values: Values): string {
  const plural = /^\s*(\w+)\s*,\s*plural\s*,/.exec(inside);
  if (!plural) return String(values[inside.trim()] ?? "");
  const n = Number(values[plural[1] ?? ""]);
  const cases = pluralCases(inside.slice(plural[0].length));
  const chosen =
    cases.get(`=${n}`) ?? cases.get(new Intl.PluralRules(locale()).select(n)) ?? cases.get("other") ?? "";
  return format(chosen.replaceAll("#", n.toLocaleString(locale())), values);
}

function pluralCases(text: string): Map<string, string> {
  const cases = new Map<string, string>();
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf("{", at);
    if (open < 0) break;
    const close = closing(text, open);
    cases.set(text.slice(at, open).trim(), text.slice(open + 1, close));
    at = close + 1;
  }
  return cases;
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    else if (text[at] === "}") {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return text.length;
}
