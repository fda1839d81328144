import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { t } from ".";
import { DE } from "./de";
import { en } from "./en";
import { ACCOUNTS } from "./en-accounts";
import { ACTION_WORDS } from "./en-actions";
import { API } from "./en-api";
import { APPEARANCE_WORDS } from "./en-appearance";
import { BRANCHES } from "./en-branches";
import { CHANGES } from "./en-changes";
import { CONTEXT } from "./en-context";
import { COST } from "./en-cost";
import { DATA } from "./en-data";
import { FILES } from "./en-files";
import { PROVIDERS } from "./en-providers";
import { SANDBOX } from "./en-sandbox";
import { SETTINGS_WORDS } from "./en-settings";
import { SETUP } from "./en-setup";
import { TERMINAL } from "./en-terminal";
import { WORKSPACES } from "./en-workspaces";
import { format } from "./format";
import { type CatalogueName, loadLocale, wantedLocale } from "./locale";
import { formatBytes, formatTokens } from "./units";

const ENGLISH: Record<CatalogueName, Readonly<Record<string, string>>> = {
  main: en,
  accounts: ACCOUNTS,
  actions: ACTION_WORDS,
  api: API,
  appearance: APPEARANCE_WORDS,
  branches: BRANCHES,
  changes: CHANGES,
  context: CONTEXT,
  cost: COST,
  data: DATA,
  files: FILES,
  providers: PROVIDERS,
  sandbox: SANDBOX,
  settings: SETTINGS_WORDS,
  setup: SETUP,
  terminal: TERMINAL,
  workspaces: WORKSPACES,
};
const NAMES = Object.keys(ENGLISH) as CatalogueName[];

afterEach(async () => {
  localStorage.clear();
  await loadLocale("en");
});

/** Names of the values that a sentence wants, each once. */
function placeholders(message: string): string[] {
  const asked = new Set<string>();
  for (const n of [0, 1, 2]) {
    const get = (_: object, name: string | symbol) => {
      asked.add(String(name));
      return n;
    };
    format(message, new Proxy<Record<string, number>>({}, { get }));
  }
  return [...asked].sort();
}

describe.each(NAMES)("%s", (name) => {
  const english = ENGLISH[name];
  const german = DE[name];

  test("says the same things in every language, with the same values", () => {
    expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
    for (const [id, message] of Object.entries(english)) {
      expect(placeholders(german[id] ?? ""), id).toEqual(placeholders(message));
      expect((german[id] ?? "").trim(), id).not.toBe("");
    }
  });

  test("has a case for every number", () => {
    for (const [id, message] of [...Object.entries(english), ...Object.entries(german)]) {
      for (const [plural] of message.matchAll(/\{\w+, plural,.*/g)) expect(plural, id).toContain("other {");
      for (const n of [0, 1, 2, 5]) {
        const values = Object.fromEntries(placeholders(message).map((value) => [value, n]));
        expect(format(message, values), id).not.toMatch(/[{}#]/);
      }
    }
  });
});

const CATALOGUES = /^i18n\/(en|de\/)/;
/** Names of events, which the gateway sends. */
const SAID_BY_GATEWAY = new Set(["webhook.test"]);
const SRC = join(import.meta.dirname, "..");
const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !CATALOGUES.test(path) && !/\.test\.|\.d\.ts$/.test(path))
  .map((path) => readFileSync(join(SRC, path), "utf8"))
  .join("\n");
/** Sentences whose id is put together are found by its beginning and its end. */
const composed = [...sources.matchAll(/`([\w.]*)\$\{[^}]*\}([\w.]*)`/g)].filter(
  ([, start, end]) => start !== "" || (end ?? "").startsWith("."),
);

test("no sentence is left over that nothing says", () => {
  // The titles of actions have their ids, and looks are named after themselves.
  const others = ["actions", "appearance"];
  const unused = NAMES.filter((name) => !others.includes(name)).flatMap((name) =>
    Object.keys(ENGLISH[name]).filter(
      (id) =>
        !SAID_BY_GATEWAY.has(id) &&
        !sources.includes(`"${id}"`) &&
        !composed.some(([, start = "", end = ""]) => id.startsWith(start) && id.endsWith(end)),
    ),
  );
  expect(unused).toEqual([]);
});

test("the language is the chosen one, else the browser's, else English", () => {
  expect(wantedLocale(["de-AT", "en"])).toBe("de");
  expect(wantedLocale(["fr", "de"])).toBe("de");
  expect(wantedLocale(["fr"])).toBe("en");
  localStorage.setItem("slipway.language", "en");
  expect(wantedLocale(["de"])).toBe("en");
  localStorage.setItem("slipway.language", "constructor");
  expect(wantedLocale(["de"])).toBe("de");
});

test("words, numbers and plurals follow the language", async () => {
  expect(t("tool.lines", { n: 1_200 })).toBe("1,200 lines");
  await loadLocale("de");
  expect(document.documentElement.lang).toBe("de");
  expect(t("tool.lines", { n: 1_200 })).toBe("1.200 Zeilen");
  expect(t("tool.lines", { n: 1 })).toBe("1 Zeile");
  expect([formatBytes(1_536), formatTokens(12_345)]).toEqual(["1,5 KiB", "12,3k"]);
});
