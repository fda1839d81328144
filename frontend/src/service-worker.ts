/**
 * Keeps the files that the page begins with, and nothing else: so that it opens while nobody answers, and can be installed.
 * Pages always come from Slipway where it answers, hence never of an old version; what the API answers is never kept.
 */

/** The service worker's global scope, as far as it is used here (the DOM library does not declare it). */
interface Scope {
  addEventListener(
    type: "install" | "activate",
    run: (event: { waitUntil(done: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    type: "fetch",
    run: (event: { request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}

/** Addresses of the files, put in by the build. */
declare const __SHELL_FILES__: readonly string[];
/** Another one for other files. */
declare const __SHELL_VERSION__: string;

const scope = self as unknown as Scope;
const PREFIX = "slipway-shell-";
const CACHE = `${PREFIX}${__SHELL_VERSION__}`;
/** A file is the same however it is asked for. */
const KEPT = { cacheName: CACHE, ignoreVary: true };
const FILES = new Set(__SHELL_FILES__);
const PAGE = "/";
/** What is no page of the app, though it may be opened like one. */
const OTHERS = /^\/(api|login)(\/|$)/;

scope.addEventListener("install", (event) => {
  event.waitUntil(install());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || OTHERS.test(pathname)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (FILES.has(pathname)) event.respondWith(file(request));
});

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([PAGE, ...FILES]);
  await scope.skipWaiting();
}

async function activate(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(PAGE, KEPT);
    if (kept) return kept;
    throw error;
  }
}

/** The names of these files hold a hash of what is in them, but for a few small ones that any version can use. */
async function file(request: Request): Promise<Response> {
  return (await caches.match(request, KEPT)) ?? fetch(request);
}
