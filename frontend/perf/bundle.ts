import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Where `npm run build` leaves the pages. */
export const DIST = join(import.meta.dirname, "../dist");

/** What a file of the build imports before it can run. */
const STATIC_IMPORT = /(?:from|import)\s*"\.\/([^"]+\.js)"/g;
/** Scripts and styles that a page names. */
const OF_PAGE = /(?:src|href)="\/([^"]+\.(?:js|css))"/g;

/** Size in bytes of one file as it is sent. */
export function gzipped(path: string): number {
  return gzipSync(readFileSync(join(DIST, path)), { level: 9 }).length;
}

/** The file whose name begins so, such as a route's. */
export function chunk(name: string): string {
  const pattern = new RegExp(`^${name}-[\\w-]{8}\\.js$`);
  const found = readdirSync(join(DIST, "assets")).filter((file) => pattern.test(file));
  if (found.length !== 1) throw new Error(`${found.length} files are called ${name}-*.js; run npm run build`);
  return `assets/${found[0]}`;
}

/** What a page loads at once: its scripts and styles with all that they import. */
export function ofPage(page: string): Set<string> {
  const names = [...readFileSync(join(DIST, page), "utf8").matchAll(OF_PAGE)].map(([, name = ""]) => name);
  return closure(names);
}

/** Files with everything that they import, directly and indirectly. */
export function closure(files: readonly string[]): Set<string> {
  const all = new Set<string>();
  const add = (file: string): void => {
    if (all.has(file)) return;
    all.add(file);
    if (!file.endsWith(".js")) return;
    const text = readFileSync(join(DIST, file), "utf8");
    for (const [, name = ""] of text.matchAll(STATIC_IMPORT)) add(`assets/${name}`);
  };
  for (const file of files) add(file);
  return all;
}

/** Bytes of several files as they are sent. */
export function sum(files: Iterable<string>): number {
  return [...files].reduce((bytes, file) => bytes + gzipped(file), 0);
}

/** Everything of the build, as it is sent. */
export function wholeBuild(): number {
  return sum(
    readdirSync(DIST, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(DIST.length + 1)),
  );
}
