import { render, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { getBudget } from "@/api/endpoints";
import type { BudgetState } from "@/api/types";
import { BudgetLines } from "./budget-lines";

const NONE = { steps: null, tokens: null, cost_micros: null, minutes: null };

vi.mock("@/api/endpoints", async (original) => ({ ...(await original<object>()), getBudget: vi.fn() }));

function stateWith(limit: Partial<typeof NONE | Record<string, number>>): BudgetState {
  return {
    own: { run: NONE, conversation: NONE },
    run: NONE,
    conversation: {
      limit: { ...NONE, ...limit },
      spent: { steps: 4, tokens: 11_500, cost_micros: 430_000, included: 0, time_ms: 61_000 },
    },
  };
}

beforeEach(() => {
  vi.mocked(getBudget).mockReset();
});

test("each limit is shown with what is used of it, and asked for again after a call", async () => {
  vi.mocked(getBudget).mockResolvedValueOnce(stateWith({ tokens: 12_000, cost_micros: 2_000_000 }));
  const { rerender } = render(<BudgetLines id="conv_1" spent={1} />);
  const lines = await screen.findByTestId("meter-budget");
  expect([...lines.querySelectorAll("p")].map((line) => line.textContent)).toEqual([
    "Money ($)0.43 of 2.00",
    "Tokens11,500 of 12,000",
  ]);
  expect(screen.getByText("11,500 of 12,000").className).toContain("text-error");
  expect(screen.getByText("0.43 of 2.00").className).not.toContain("text-error");

  vi.mocked(getBudget).mockResolvedValueOnce(stateWith({ minutes: 30, steps: 9 }));
  rerender(<BudgetLines id="conv_1" spent={2} />);
  await waitFor(() => expect(lines.textContent).toBe("BudgetSteps4 of 9Minutes1 of 30"));
});

test("without limits there is nothing to show", async () => {
  vi.mocked(getBudget).mockResolvedValueOnce(stateWith({}));
  const { container } = render(<BudgetLines id="conv_1" spent={1} />);
  await waitFor(() => expect(getBudget).toHaveBeenCalledTimes(1));
  await Promise.resolve();
  expect(container.textContent).toBe("");
});
