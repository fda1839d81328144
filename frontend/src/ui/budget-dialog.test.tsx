import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { saveBudget } from "@/api/endpoints";
import { ApiError } from "@/api/problem";
import type { BudgetState, Problem } from "@/api/types";
import { BudgetDialog } from "./budget-dialog";

const NONE = { steps: null, tokens: null, cost_micros: null, minutes: null };
const STATE: BudgetState = {
  own: { run: NONE, conversation: { ...NONE, tokens: 12_000 } },
  run: { ...NONE, steps: 30 },
  conversation: {
    limit: { ...NONE, tokens: 12_000 },
    spent: { steps: 4, tokens: 11_500, cost_micros: 430_000, included: 0, time_ms: 61_000 },
  },
};

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  getBudget: () => Promise.resolve(STATE),
  saveBudget: vi.fn(),
}));

test("it shows what is used, and saves other limits before the work goes on", async () => {
  const person = userEvent.setup();
  const onSaved = vi.fn();
  render(<BudgetDialog id="conv_1" saveLabel="Save and continue" onClose={() => {}} onSaved={onSaved} />);
  const spent = await screen.findByTestId("budget-spent");
  expect(spent.textContent).toBe("Used so far: 4 steps, 11,500 tokens, $0.43, 1 min.");
  const all = within(screen.getByRole("group", { name: "All runs together" }));
  const run = within(screen.getByRole("group", { name: "Each run" }));
  expect(run.getByLabelText<HTMLInputElement>("Steps").placeholder).toBe("30");

  const refusal = { code: "invalid_value", title: "Too many", status: 422 } as Problem;
  vi.mocked(saveBudget).mockRejectedValueOnce(new ApiError(refusal));
  await person.clear(all.getByLabelText("Tokens"));
  await person.type(all.getByLabelText("Tokens"), "50000");
  await person.click(screen.getByRole("button", { name: "Save and continue" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Too many");
  expect(onSaved).not.toHaveBeenCalled();

  vi.mocked(saveBudget).mockResolvedValueOnce(STATE);
  await person.click(screen.getByRole("button", { name: "Save and continue" }));
  expect(onSaved).toHaveBeenCalledTimes(1);
  expect(vi.mocked(saveBudget).mock.lastCall).toEqual([
    "conv_1",
    { run: NONE, conversation: { ...NONE, tokens: 50_000 } },
  ]);
});
