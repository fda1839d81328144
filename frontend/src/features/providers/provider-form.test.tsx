import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Provider, ProviderPreset, SaveProvider } from "@/api/types";
import { type ProviderSubject, subjectOfPreset, subjectOfProvider } from "./form-state";
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

type Person = ReturnType<typeof userEvent.setup>;

/** Opens the form, has the person change what they want, saves; gives what was saved. */
async function save(
  subject: ProviderSubject,
  change: (person: Person) => Promise<void>,
): Promise<SaveProvider> {
  saveProvider.mockReset().mockResolvedValue({});
  const view = render(
    <QueryClientProvider client={new QueryClient()}>
      <ProviderForm subject={subject} onSaved={() => {}} />
    </QueryClientProvider>,
  );
  const person = userEvent.setup();
  await change(person);
  await person.click(screen.getByTestId("provider-save"));
  await waitFor(() => expect(saveProvider).toHaveBeenCalled());
  view.unmount();
  return saveProvider.mock.calls[0]?.[1];
}

/** Opens the form for a provider, makes a choice about pictures if there is one to make, saves. */
async function saved(sees: boolean | undefined, choice?: string): Promise<unknown> {
  const given = await save(subjectOfProvider({ ...PROVIDER, sees }, []), async (person) => {
    if (choice) await person.selectOptions(screen.getByLabelText("Pictures"), choice);
  });
  return given.sees;
}

test("whether models see is kept, chosen and left to what is known", async () => {
  expect(await saved(undefined)).toBeUndefined();
  expect(await saved(true)).toBe(true);
  expect(await saved(false)).toBe(false);
  expect(await saved(undefined, "Its models see pictures")).toBe(true);
  expect(await saved(undefined, "Its models see none")).toBe(false);
  expect(await saved(true, "As known of each model")).toBeUndefined();
});

test("a flat plan is what the profile says until the person says otherwise", async () => {
  const mark = () => screen.getByLabelText<HTMLInputElement>("A subscription includes what its models use");
  const press = (person: Person) => person.click(mark());
  const leave = async () => {};
  const provider = (payment?: Provider["payment"]) => subjectOfProvider({ ...PROVIDER, payment }, []);
  expect((await save(provider(), leave)).payment).toBe("by_use");
  expect((await save(provider("flat_plan"), leave)).payment).toBe("flat_plan");
  expect((await save(provider("by_use"), press)).payment).toBe("flat_plan");
  expect((await save(provider("flat_plan"), press)).payment).toBe("by_use");
  const preset = {
    ...{ profile: "house", name: "House", base_url: "http://localhost:1/v1", key_url: "" },
    ...{ needs_key: false, models: ["m-1"], payment: "flat_plan" },
  } as const satisfies ProviderPreset;
  const ofProfile = subjectOfPreset({ ...preset, models: [...preset.models] }, []);
  expect((await save(ofProfile, leave)).payment).toBe("flat_plan");
});
