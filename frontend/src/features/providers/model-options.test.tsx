import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Provider } from "@/api/types";
import { subjectOfPreset, subjectOfProvider } from "./form-state";
import { ModelOptions } from "./model-options";

const listProviderModels = vi.hoisted(() => vi.fn());
vi.mock("@/api/endpoints", async (original) => ({ ...(await original<object>()), listProviderModels }));

const PROVIDER = {
  id: "mine",
  profile: "custom",
  name: "Mine",
  base_url: "",
  models: ["m-1"],
} as unknown as Provider;
const PRESET = {
  profile: "new",
  name: "New",
  base_url: "",
  key_url: "",
  needs_key: false,
  models: ["known"],
};

function options(subject: Parameters<typeof ModelOptions>[0]["subject"]): HTMLElement {
  const client = new QueryClient();
  return render(
    <QueryClientProvider client={client}>
      <ModelOptions id="models" subject={subject} />
    </QueryClientProvider>,
  ).container;
}

const namesIn = (container: HTMLElement) =>
  [...container.querySelectorAll("option")].map((option) => [option.value, option.textContent]);

test("what a stored provider offers follows what is known, with its window", async () => {
  listProviderModels.mockResolvedValue({
    models: [{ name: "m-2", context_window: 8000 }, { name: "m-1" }],
    fetched_at: 0,
  });
  const container = options(subjectOfProvider(PROVIDER, []));
  await waitFor(() => expect(namesIn(container)).toHaveLength(2));
  const [first, second] = namesIn(container);
  expect(first).toEqual(["m-1", ""]);
  expect(second?.[0]).toBe("m-2");
  expect(second?.[1]).toMatch(/window of 8.* tokens/);
});

test("a provider that is not stored yet is not asked", () => {
  listProviderModels.mockClear();
  const container = options(subjectOfPreset(PRESET, []));
  expect(namesIn(container)).toEqual([["known", ""]]);
  expect(listProviderModels).not.toHaveBeenCalled();
});
