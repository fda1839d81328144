import { defineConfig } from "vitest/config";

/** What does not depend on how fast it is drawn, and so may share the machine. */
const SIDE_BY_SIDE = ["accessibility.*.test.ts"];

/** Checks of the built UI in a real browser; `npm run test:browser` builds it first. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../node_modules/.vite-stage",
  test: {
    environment: "node",
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: { name: "side by side", include: SIDE_BY_SIDE, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: ["*.test.ts"],
          exclude: SIDE_BY_SIDE,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
