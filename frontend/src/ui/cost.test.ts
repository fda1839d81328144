import { afterEach, expect, test } from "vitest";
import type { Spending, TurnUsage, Usage } from "@/api/types";
import { loadLocale } from "@/i18n/locale";
import { NO_USAGE } from "@/testing/events";
import { costInWords, drawnMoney, turnCost } from "./cost";

const usage = (change: Partial<Usage>): Usage => ({
  ...NO_USAGE,
  input: 70,
  cached: 20,
  output: 10,
  ...change,
});
const turn = (change: Partial<TurnUsage>): TurnUsage => ({
  run_id: "run_1",
  model: "m",
  started_at: 1,
  steps: 1,
  tokens: 100,
  cost_micros: 0,
  included: 0,
  time_ms: 1,
  ...change,
});

afterEach(() => loadLocale("en"));

test.each<[Partial<Usage>, string]>([
  [{ cost_micros: 420_000 }, "$0.4200"],
  [{ cost_micros: 420_000, source: "estimated" }, "≈ $0.4200"],
  [{ cost_micros: 420_000, cost_incomplete: true }, "at least $0.4200; some prices are unknown"],
  [{}, "unknown"],
  [{ included: 100 }, "included"],
  [{ included: 100, source: "estimated" }, "included"],
  [{ cost_micros: 0, included: 60 }, "included"],
  [{ cost_micros: 420_000, included: 60 }, "$0.4200 + included"],
  [{ included: 60 }, "unknown + included"],
  [
    { cost_micros: 420_000, cost_incomplete: true, included: 60 },
    "at least $0.4200 + included; some prices are unknown",
  ],
])("a conversation that used %o cost %s", (change, words) => {
  expect(costInWords(usage(change))).toBe(words);
});

test("what an earlier version has recorded is not included in anything", () => {
  const { included: _, ...old } = usage({ cost_micros: 420_000 });
  expect(costInWords(old as Usage)).toBe("$0.4200");
});

test("each turn of a conversation with several kinds tells its own cost", () => {
  const priced = turn({ cost_micros: 420_000 });
  const included = turn({ included: 100 });
  const both = turn({ cost_micros: 420_000, included: 60 });
  const whole = usage({ cost_micros: 840_000, included: 160 });
  const words = (of: Usage) => [priced, included, both].map((one) => turnCost(one, of));
  expect(words(whole)).toEqual(["$0.4200", "included", "$0.4200 + included"]);
  expect(turnCost(included, usage({ included: 100 }))).toBe("included");
  expect(turnCost(turn({}), usage({ cost_micros: 0 }))).toBe("$0.0000");
  // Beside turns without a known price, one that kept no amount may have cost something.
  const incomplete = usage({ cost_micros: 420_000, cost_incomplete: true });
  expect(turnCost(turn({}), incomplete)).toBe("unknown");
  expect(turnCost(turn({ included: 60 }), incomplete)).toBe("unknown + included");
  expect(turnCost(priced, usage({}))).toBe("≈ $0.4200");
});

test("what a budget of money tells leaves out what a plan includes", () => {
  const spent = (change: Partial<Spending>): Spending => ({
    ...{ steps: 1, tokens: 100, cost_micros: 0, included: 0, time_ms: 1 },
    ...change,
  });
  expect(drawnMoney(spent({ cost_micros: 430_000 }))).toBe("$0.43");
  expect(drawnMoney(spent({ included: 100 }))).toBe("included");
  expect(drawnMoney(spent({ cost_micros: 430_000, included: 60 }))).toBe("$0.43 + included");
});

test("it is said in German too", async () => {
  await loadLocale("de");
  expect(costInWords(usage({ included: 100 }))).toBe("enthalten");
  expect(costInWords(usage({ cost_micros: 420_000, included: 60 }))).toMatch(/ \+ Enthaltenes$/);
});
