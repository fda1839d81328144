import { defineConfig } from "vitest/config";
import stage from "./vitest.config";

/** Takes pictures instead of checking. */
export default defineConfig({ ...stage, test: { ...stage.test, include: ["*.pictures.ts"] } });
