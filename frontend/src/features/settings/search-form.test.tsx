import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { saveSearch } from "@/api/endpoints";
import type { SearchSettings } from "@/api/types";
import { SearchForm } from "./search-form";

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  saveSearch: vi.fn((body: object) => Promise.resolve({ ...body, has_key: true, from_environment: false })),
}));

const BRAVE: SearchSettings = {
  engine: "brave",
  cx: "",
  base_url: "",
  has_key: true,
  from_environment: false,
};

function show(search: SearchSettings) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SearchForm search={search} />
    </QueryClientProvider>,
  );
}

test("a key that is kept is not asked for again, and another engine's is", async () => {
  const person = userEvent.setup();
  show(BRAVE);
  expect(screen.getByText(/A key is kept/)).toBeDefined();
  await person.click(screen.getByRole("button", { name: "Save" }));
  expect(vi.mocked(saveSearch).mock.lastCall?.[0]).toEqual({
    engine: "brave",
    cx: "",
    base_url: "",
    api_key: null,
  });
  await person.selectOptions(screen.getByLabelText("Search engine"), "google");
  expect(screen.queryByText(/A key is kept/)).toBeNull();
  await person.type(screen.getByLabelText("Search engine id (cx)"), "my-cx");
  await person.type(screen.getByLabelText("Key"), "secret");
  await person.click(screen.getByRole("button", { name: "Save" }));
  expect(vi.mocked(saveSearch).mock.lastCall?.[0]).toEqual({
    engine: "google",
    cx: "my-cx",
    base_url: "",
    api_key: "secret",
  });
  expect(screen.getByLabelText<HTMLInputElement>("Key").value).toBe("");
});
