import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { addPerson, changePassword, endSession, logOut, removePerson, updatePerson } from "@/api/accounts";
import { AccountSettings } from "./account";
import { PeopleSettings } from "./people";

const OWNER = { id: "user_owner", name: "ada", role: "admin", owner: true, has_password: true };
const BOB = { id: "user_2", name: "bob", role: "member", owner: false, has_password: true, disabled: false };
const SESSIONS = [
  { id: "aa", current: true, agent: "Firefox", created_at: 0, seen_at: 0, expires_at: 1 },
  { id: "bb", current: false, agent: "", created_at: 0, seen_at: 0, expires_at: 1 },
];

vi.mock("@/api/accounts", async (original) => ({
  ...(await original<object>()),
  getAccount: vi.fn(() => Promise.resolve({ account: OWNER, sessions: SESSIONS })),
  changePassword: vi.fn(() => Promise.resolve()),
  endSession: vi.fn(() => Promise.resolve()),
  logOut: vi.fn(() => Promise.resolve()),
  listPeople: vi.fn(() => Promise.resolve([OWNER, BOB])),
  addPerson: vi.fn(() => Promise.resolve({ account: BOB, password: "ab-cd" })),
  removePerson: vi.fn(() => Promise.resolve()),
  updatePerson: vi.fn(() => Promise.resolve(BOB)),
}));

const show = (page: ReactNode) =>
  render(<QueryClientProvider client={new QueryClient()}>{page}</QueryClientProvider>);

test("a password is changed with the present one, and sessions are ended, here and elsewhere", async () => {
  const person = userEvent.setup();
  show(<AccountSettings />);
  expect(await screen.findByText("You are ada, administrator.")).toBeDefined();
  await person.type(screen.getByLabelText("Present password"), "old");
  await person.type(screen.getByLabelText("New password"), "correct horse");
  await person.click(screen.getByRole("button", { name: "Change password" }));
  expect(vi.mocked(changePassword).mock.calls[0]?.[0]).toEqual({ current: "old", new: "correct horse" });
  expect(await screen.findByText("The password is set; other sessions have ended.")).toBeDefined();
  const [here, elsewhere] = screen.getAllByRole("button", { name: "Log out" });
  await person.click(elsewhere as HTMLElement);
  expect(vi.mocked(endSession).mock.calls[0]?.[0]).toBe("bb");
  expect(logOut).not.toHaveBeenCalled();
  await person.click(here as HTMLElement);
  expect(logOut).toHaveBeenCalledOnce();
});

test("a person who is added gets a password that is shown, and the owner stays as they are", async () => {
  const person = userEvent.setup();
  show(<PeopleSettings />);
  const row = await screen.findByRole("listitem", { name: "bob" });
  expect(within(screen.getByRole("listitem", { name: "ada" })).queryByRole("button")).toBeNull();
  await person.type(screen.getByLabelText("Name of the new person"), "bob");
  await person.click(screen.getByRole("button", { name: "Add" }));
  expect(vi.mocked(addPerson).mock.calls[0]?.[0]).toEqual({ name: "bob", role: "member" });
  expect(await screen.findByText("ab-cd")).toBeDefined();
  await person.selectOptions(within(row).getByLabelText("Role of bob"), "viewer");
  await person.click(within(row).getByRole("button", { name: "Disable" }));
  const changes = vi.mocked(updatePerson).mock.calls.map(([change]) => change);
  expect(changes).toEqual([
    { id: "user_2", role: "viewer" },
    { id: "user_2", disabled: true },
  ]);
});

test("who removes a person says what becomes of their conversations", async () => {
  const person = userEvent.setup();
  show(<PeopleSettings />);
  const row = await screen.findByRole("listitem", { name: "bob" });
  await person.click(within(row).getByRole("button", { name: "Remove" }));
  await person.click(await screen.findByRole("button", { name: "Hand conversations over to the owner" }));
  expect(vi.mocked(removePerson).mock.calls[0]?.[0]).toEqual({ id: "user_2", conversations: "hand_over" });
});
