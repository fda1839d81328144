import { defineConfig } from "vitest/config";

/** Checks of the built UI in a real browser; `npm run test:browser` builds it first. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../node_modules/.vite-stage",
  test: {
    include: ["*.test.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
