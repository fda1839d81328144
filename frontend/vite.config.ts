import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { conversationAhead, shellFiles, smallPublicScripts } from "./build-shell.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Where the gateway listens while the UI is developed with `npm run dev`, or a build is tried with `vite preview`. */
const gateway = process.env.SLIPWAY_URL ?? "http://127.0.0.1:3000";
const proxy = { "/api": { target: gateway, ws: true }, "/login": { target: gateway } };

/** Every browser that this is built for knows woff2: the same fonts in older formats need not be shipped. */
const onlyWoff2: Plugin = {
  name: "only-woff2",
  enforce: "pre",
  transform(code, id) {
    if (!/katex[^?]*\.css/.test(id)) return null;
    return code.replaceAll(/,url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)/g, "");
  },
};

export default defineConfig({
  plugins: [onlyWoff2, react(), tailwindcss(), shellFiles(), conversationAhead(), smallPublicScripts()],
  resolve: { alias: { "@": path("./src") } },
  build: {
    // noVNC uses a top-level await.
    target: "es2022",
    // Keeps `light-dark()` as written: every browser of that age knows it.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    // The page's content security policy forbids inline data scripts; fonts stay files too.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        index: path("./index.html"),
        desktop: path("./desktop.html"),
        sw: path("./src/service-worker.ts"),
      },
      // The browser asks for the service worker by this address, for each version anew.
      output: {
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
        // A file for each icon that two others share would be more address than picture.
        codeSplitting: { groups: [{ name: "icons", test: /lucide-react/, minShareCount: 2 }] },
      },
    },
  },
  worker: { format: "es" },
  server: { proxy },
  preview: { proxy },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test-setup.ts"],
    testTimeout: 60_000,
  },
});
