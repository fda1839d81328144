import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { updateSettings } from "@/api/endpoints";
import type { Settings } from "@/api/types";
import { ContextForm } from "./agent-settings";

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  updateSettings: vi.fn(() => Promise.resolve({})),
}));

test("how files are shown can be chosen, and nothing else is saved with it", async () => {
  const person = userEvent.setup();
  const settings = { context_mode: "per_file", instructions: "Be brief." } as unknown as Settings;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ContextForm settings={settings} />
    </QueryClientProvider>,
  );
  const choice = screen.getByLabelText<HTMLSelectElement>("How open files are shown to the model");
  expect(choice.value).toBe("per_file");
  expect([...choice.options].map((option) => option.value)).toEqual([
    "by_profile",
    "auto",
    "per_file",
    "consolidated",
  ]);
  const save = screen.getByRole<HTMLButtonElement>("button", { name: "Save" });
  expect(save.disabled).toBe(true);
  await person.selectOptions(choice, "All files together, at the end");
  await person.click(save);
  expect(vi.mocked(updateSettings).mock.calls).toEqual([[{ context_mode: "consolidated" }]]);
});
