import { readStored, writeStored } from "@/platform/storage";

/** Languages of the UI, each by its own name. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;

export type Locale = keyof typeof LANGUAGES;

/** Catalogues by name; English is in the code of the features, others are loaded as a whole. */
export type CatalogueName =
  | "main"
  | "accounts"
  | "actions"
  | "api"
  | "appearance"
  | "branches"
  | "changes"
  | "context"
  | "cost"
  | "data"
  | "files"
  | "providers"
  | "sandbox"
  | "settings"
  | "setup"
  | "terminal"
  | "workspaces";
export type Translations = Readonly<Record<CatalogueName, Readonly<Record<string, string>>>>;

const KEY = "slipway.language";
const LOADERS: Record<Exclude<Locale, "en">, () => Promise<Translations>> = {
  de: async () => (await import("./de")).DE,
};

let active: Locale = "en";
let translations: Translations | null = null;

/** The language that is shown. */
export function locale(): Locale {
  return active;
}

/** What somebody has chosen, else the first language of the browser that there is. */
export function wantedLocale(languages: readonly string[] = navigator.languages): Locale {
  const stored = readStored(KEY);
  const names = [stored ?? "", ...languages.map((language) => language.slice(0, 2).toLowerCase())];
  return names.find((name): name is Locale => Object.hasOwn(LANGUAGES, name)) ?? "en";
}

/** Loads the wanted language; before anything is shown, so that nothing is shown in another one. */
export async function loadLocale(wanted = wantedLocale()): Promise<void> {
  try {
    translations = wanted === "en" ? null : await LOADERS[wanted]();
    active = wanted;
  } catch {
    // English is always there.
    translations = null;
    active = "en";
  }
  document.documentElement.lang = active;
}

/** Keeps the choice; it holds from the next load of the page on. */
export function storeLocale(wanted: Locale): void {
  writeStored(KEY, wanted);
}

/** The sentence in the language that is shown; the English one where there is no other. */
export function sentence(name: CatalogueName, id: string, english: string): string {
  return translations?.[name][id] ?? english;
}
