import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { minifySync, type Plugin, type Rolldown } from "vite";

/** Files of `public/` that the page begins with. */
const PUBLIC = ["/begin.js", "/theme.js", "/icon.svg", "/icon-waiting.svg"];
/** What is loaded of the fonts for most languages. */
const FONTS = /(?:plex-sans-latin-[456]00-normal|jetbrains-mono-latin-wght-normal)-[\w-]{8}\.woff2$/;
/** The worker that reads the events for all tabs. */
const WORKER = /shared-worker-[\w-]{8}\.js$/;
/** The modules whose code the first page needs, with all that they import. */
const BEGIN = ["/index.html", "/src/routes/conversation.tsx", "/src/stream/without-worker.ts"];

/** Tells the service worker which files of the build it keeps: those that a conversation needs to be seen. */
export function shellFiles(): Plugin {
  return {
    name: "slipway-shell-files",
    generateBundle(_, bundle) {
      const worker = bundle["sw.js"];
      if (worker?.type !== "chunk") throw new Error("the build has no sw.js");
      const files = [...shellOf(bundle)].sort();
      const hash = createHash("sha256").update(files.join("\n"));
      for (const file of PUBLIC) hash.update(readFileSync(join(import.meta.dirname, "public", file)));
      const version = hash.digest("hex").slice(0, 12);
      const addresses = [...PUBLIC, ...files.map((file) => `/${file}`)];
      worker.code = worker.code
        .replaceAll("__SHELL_FILES__", JSON.stringify(addresses))
        .replaceAll("__SHELL_VERSION__", JSON.stringify(version));
    },
  };
}

/** Makes the scripts that the page begins with small too: they are sent as they lie in `public/`, for they are no modules. */
export function smallPublicScripts(): Plugin {
  return {
    name: "slipway-small-public-scripts",
    apply: "build",
    writeBundle({ dir = "" }) {
      for (const name of PUBLIC.filter((one) => one.endsWith(".js"))) {
        const script = readFileSync(join(import.meta.dirname, "public", name), "utf8");
        writeFileSync(join(dir, name), minifySync(name, script).code);
      }
    },
  };
}

/** The route that most pages begin with or come to next. */
const CONVERSATION = "/src/routes/conversation.tsx";

/** Has the page fetch the conversation's code together with its own, and not only once that has run. */
export function conversationAhead(): Plugin {
  return {
    name: "slipway-conversation-ahead",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle, path }) {
        if (!bundle || path !== "/index.html") return [];
        return [...importsOf(bundle, CONVERSATION)]
          .filter((file) => !html.includes(file))
          .map((file) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` },
            injectTo: "head",
          }));
      },
    },
  };
}

/** The chunk of a module, and those that it imports. */
function importsOf(bundle: Rolldown.OutputBundle, module: string): Set<string> {
  const files = new Set<string>();
  const add = (name: string): void => {
    const output = bundle[name];
    if (output?.type !== "chunk" || files.has(name)) return;
    files.add(name);
    for (const imported of output.imports) add(imported);
  };
  for (const [name, output] of Object.entries(bundle))
    if (output.type === "chunk" && output.facadeModuleId?.endsWith(module)) add(name);
  return files;
}

function shellOf(bundle: Rolldown.OutputBundle): Set<string> {
  const files = new Set<string>();
  const add = (name: string): void => {
    const output = bundle[name];
    if (!output || files.has(name)) return;
    files.add(name);
    if (output.type !== "chunk") return;
    for (const imported of output.imports) add(imported);
    for (const css of output.viteMetadata?.importedCss ?? []) add(css);
  };
  for (const [name, output] of Object.entries(bundle)) {
    const module = output.type === "chunk" ? (output.facadeModuleId ?? "") : "";
    if (BEGIN.some((begin) => module.endsWith(begin)) || FONTS.test(name) || WORKER.test(name)) add(name);
  }
  return files;
}
