import { defineConfig } from "vitest/config";

/** Measurements of the built UI; `npm run perf` builds it first. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../node_modules/.vite-perf",
  test: {
    include: ["*.test.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
