import { execFileSync } from "node:child_process";
import { environment } from "./environment";

/** What a program in the sandbox prints, started by nobody's agent. */
export const inSandbox = (command: string): string =>
  execFileSync("docker", ["exec", environment.sandbox, "sh", "-c", command], { encoding: "utf8" }).trim();
