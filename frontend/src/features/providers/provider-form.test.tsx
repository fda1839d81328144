import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Provider } from "@/api/types";
import { subjectOfProvider } from "./form-state";
import { ProviderForm } from "./provider-form";

const saveProvider = vi.hoisted(() => vi.fn());
vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  saveProvider,
  listProviderModels: () => Promise.resolve({ models: [], fetched_at: 0 }),
}));

const PROVIDER = {
  id: "mine",
  profile: "custom",
  name: "Mine",
  base_url: "http://localhost:1/v1",
  models: ["m-1"],
} as unknown as Provider;

/** Opens the form for a provider, makes a choice about pictures if there is one to make, saves. */
async function saved(sees: boolean | undefined, choice?: string): Promise<unknown> {
  saveProvider.mockReset().mockResolvedValue({});
  const subject = subjectOfProvider({ ...PROVIDER, sees }, []);
  const view = render(
    <QueryClientProvider client={new QueryClient()}>
      <ProviderForm subject={subject} onSaved={() => {}} />
    </QueryClientProvider>,
  );
  const person = userEvent.setup();
  if (choice) await person.selectOptions(screen.getByLabelText("Pictures"), choice);
  await person.click(screen.getByTestId("provider-save"));
  await waitFor(() => expect(saveProvider).toHaveBeenCalled());
  view.unmount();
  return saveProvider.mock.calls[0]?.[1]?.sees;
}

test("whether models see is kept, chosen and left to what is known", async () => {
  expect(await saved(undefined)).toBeUndefined();
  expect(await saved(true)).toBe(true);
  expect(await saved(false)).toBe(false);
  expect(await saved(undefined, "Its models see pictures")).toBe(true);
  expect(await saved(undefined, "Its models see none")).toBe(false);
  expect(await saved(true, "As known of each model")).toBeUndefined();
});
