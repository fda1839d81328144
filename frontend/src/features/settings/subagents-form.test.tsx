import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { saveSubagentSettings } from "@/api/endpoints";
import { SubagentsForm } from "./subagents-form";

const REPORT = {
  limits: { max_steps: 9, max_tokens: 1_000_000, max_minutes: 10, max_at_once: 3, max_report_chars: 24_000 },
  saved: {},
  sources: { max_steps: "env", max_tokens: "default" },
};

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  getSubagentSettings: vi.fn(() => Promise.resolve(REPORT)),
  saveSubagentSettings: vi.fn(() => Promise.resolve(REPORT)),
}));

test("limits of sub-agents are shown with their source, and only what is chosen is saved", async () => {
  const person = userEvent.setup();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SubagentsForm />
    </QueryClientProvider>,
  );
  const steps = await screen.findByLabelText<HTMLInputElement>("Steps of each");
  expect(steps.placeholder).toBe("9");
  expect(screen.getByText("from the environment")).toBeDefined();
  await person.type(steps, "12");
  await person.type(screen.getByLabelText("At the same time"), "2");
  await person.clear(steps);
  await person.click(screen.getByRole("button", { name: "Save" }));
  expect(vi.mocked(saveSubagentSettings).mock.calls[0]?.[0]).toEqual({ max_steps: null, max_at_once: 2 });
});
