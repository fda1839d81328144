import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { RetentionForm } from "./retention-form";
import { SecretKey } from "./secret-key";
import { SettingTable } from "./setting-table";

const REPORT = {
  retention: { archived_days: 90, checkpoint_days: 0, replaced_days: 0, events: 20_000 },
  saved: { events: 5000 },
  sources: { archived_days: "env", events: "instance" },
};
const ENTRY = { name: "limits.max_steps", value: 9, scope: "instance", source: "file", variable: "X" };

const sent: { path: string; body: unknown }[] = [];

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const text = await request.text();
  if (request.method !== "GET") sent.push({ path: pathname, body: text ? JSON.parse(text) : null });
  if (pathname === "/api/v1/settings/all") return Response.json({ items: [ENTRY] });
  if (pathname.startsWith("/api/v1/secret-key")) {
    return Response.json({ place: "data_directory", rotation_pending: request.method === "POST" });
  }
  return Response.json(REPORT);
}

beforeEach(() => {
  sent.length = 0;
  vi.stubGlobal("fetch", vi.fn(answer));
});

const show = (page: React.ReactNode) =>
  render(<QueryClientProvider client={new QueryClient()}>{page}</QueryClientProvider>);

test("what is kept is shown with its source, and never is chosen by 0", async () => {
  const person = userEvent.setup();
  show(<RetentionForm />);
  const archived = await screen.findByLabelText<HTMLInputElement>(
    "Days until archived conversations are deleted",
  );
  expect(archived.placeholder).toBe("90");
  expect(screen.getByText("from the environment")).toBeDefined();
  await person.type(archived, "0");
  await person.clear(screen.getByLabelText("Events kept for readers that come back"));
  await person.click(screen.getByRole("button", { name: "Save" }));
  expect(sent).toEqual([{ path: "/api/v1/settings/retention", body: { archived_days: 0, events: null } }]);
});

test("only whoever runs the instance may replace the secret key", async () => {
  const person = userEvent.setup();
  show(<SecretKey owner={false} />).unmount();
  show(<SecretKey owner={false} />);
  await screen.findByText("It lies in the file secret.key of the data directory.");
  expect(screen.queryByRole("button")).toBeNull();
  show(<SecretKey owner />);
  await person.click(await screen.findByRole("button", { name: "Replace it" }));
  expect(await screen.findByText(/A new key waits/)).toBeDefined();
  expect(screen.queryByRole("button")).toBeNull();
});

test("every setting is told with its scope and source", async () => {
  show(<SettingTable />);
  const row = await screen.findByRole("row", { name: /limits.max_steps/, hidden: true });
  expect(row.textContent).toBe("limits.max_steps9everybody herefrom .env");
});
