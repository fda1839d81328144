import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { providersQuery } from "@/api/queries";
import type { ProviderList as Providers } from "@/api/types";
import { ProviderList } from "./provider-list";

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  saveProvider: () => Promise.resolve({}),
  listProviders: () => Promise.reject(new Error("not asked here")),
}));

const DEMO = { id: "demo", name: "Demo", models: ["scripted-demo"], scripted: true };
const REAL = { id: "real", name: "Real", models: ["m-1"], scripted: false, has_key: true, origin: "person" };
const PRESET = { profile: "ollama", name: "Ollama", base_url: "http://localhost:11434/v1", key_url: "" };

/** Adds a model while `current` is the default, and returns what was asked to become the default. */
async function add(current: typeof DEMO | typeof REAL): Promise<unknown[]> {
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  });
  client.setQueryData(providersQuery.queryKey, {
    providers: [REAL, DEMO],
    presets: [{ ...PRESET, models: ["qwen"], needs_key: false }],
    default_model: { provider_id: current.id, model: current.models[0] },
  } as unknown as Providers);
  const onDefault = vi.fn();
  const view = render(
    <QueryClientProvider client={client}>
      <ProviderList onDefault={onDefault} />
    </QueryClientProvider>,
  );
  const person = userEvent.setup();
  await person.click(screen.getByRole("button", { name: "Add a model" }));
  await person.click(screen.getByRole("radio", { name: /Ollama/ }));
  await person.click(screen.getByTestId("provider-save"));
  await screen.findByRole("button", { name: "Add a model" });
  view.unmount();
  return onDefault.mock.calls.flat();
}

test("a model that is added takes over from the script, but not from another model", async () => {
  expect(await add(DEMO)).toEqual([{ provider_id: "ollama", model: "qwen" }]);
  expect(await add(REAL)).toEqual([]);
});
