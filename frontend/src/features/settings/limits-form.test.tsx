import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { updateSettings } from "@/api/endpoints";
import type { Settings } from "@/api/types";
import { LimitsForm } from "./agent-settings";

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  updateSettings: vi.fn(() => Promise.resolve({})),
}));

const SETTINGS = {
  default_model: { provider_id: "demo", model: "demo" },
  limits: { max_steps: 40, max_parallel_calls: 5, max_output_tokens: 32_768, max_cost_micros: 1_500_000 },
  instructions: "Be brief.",
  setup_done: true,
} as unknown as Settings;

test("limits of runs and conversations are saved, and what is empty is none", async () => {
  const person = userEvent.setup();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LimitsForm settings={SETTINGS} />
    </QueryClientProvider>,
  );
  const run = within(screen.getByRole("group", { name: "Each run" }));
  const conversation = within(screen.getByRole("group", { name: /Each conversation/ }));
  expect(run.getByLabelText<HTMLInputElement>("Money ($)").value).toBe("1.5");
  expect(conversation.getByLabelText<HTMLInputElement>("Tokens").placeholder).toBe("no limit");
  const save = screen.getByRole<HTMLButtonElement>("button", { name: "Save" });
  expect(save.disabled).toBe(true);

  await person.clear(run.getByLabelText("Money ($)"));
  await person.clear(run.getByLabelText("Steps"));
  await person.type(run.getByLabelText("Minutes"), "20");
  await person.type(conversation.getByLabelText("Money ($)"), "0.25");
  await person.type(conversation.getByLabelText("Tokens"), "900000");
  await person.click(save);
  expect(vi.mocked(updateSettings).mock.calls).toEqual([
    [
      {
        limits: {
          max_steps: 30,
          max_parallel_calls: 5,
          max_output_tokens: 32_768,
          max_total_tokens: null,
          max_cost_micros: null,
          max_minutes: 20,
        },
        conversation_budget: { steps: null, tokens: 900_000, cost_micros: 250_000, minutes: null },
      },
    ],
  ]);
});
