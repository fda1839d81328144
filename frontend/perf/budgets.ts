import { readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";

const FILE = join(import.meta.dirname, "budgets.json");

/** What may be consumed (null: only told, because it depends on what else the machine does), and what was when this was last looked at. */
type Budgets = Record<string, { limit: number | null; measured: number }>;

const budgets = JSON.parse(readFileSync(FILE, "utf8")) as Budgets;

/** Fails beyond a budget; says the figure in any case. */
export function within(name: string, value: number): void {
  const { limit } = told(name, value);
  if (limit === null) throw new Error(`budgets.json has no limit for ${name}`);
  expect(value, name).toBeLessThanOrEqual(limit);
}

/** Says a figure that no machine under load could be held to. */
export function report(name: string, value: number): void {
  told(name, value);
}

function told(name: string, value: number): { limit: number | null } {
  const budget = budgets[name];
  if (!budget) throw new Error(`budgets.json does not hold ${name}`);
  const bound = budget.limit === null ? "told only" : `at most ${budget.limit}`;
  const load = loadavg()[0]?.toFixed(1);
  process.stdout.write(`${name}: ${value.toFixed(3)} (was ${budget.measured}, ${bound}; load ${load})\n`);
  if (process.env.PERF_RECORD) {
    budget.measured = Number(value.toPrecision(3));
    writeFileSync(
      FILE,
      `${JSON.stringify(budgets, null, 2).replaceAll(/\{\n\s+("limit".*)\n\s+("measured".*)\n\s+\}/g, "{ $1 $2 }")}\n`,
    );
  }
  return budget;
}
