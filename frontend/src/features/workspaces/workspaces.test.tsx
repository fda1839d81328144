import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import type { Workspace } from "@/api/types";
import { WorkspacePicker } from "./workspace-picker";
import { WorkspaceSettings } from "./workspace-settings";

const api = vi.hoisted(() => ({
  GET: vi.fn(),
  POST: vi.fn(),
  PATCH: vi.fn(),
  DELETE: vi.fn(),
}));
vi.mock("@/api/client", () => ({
  api,
  contentOf: async (answer: Promise<{ data: unknown }>) => (await answer).data,
}));

afterEach(() => vi.resetAllMocks());

const first: Workspace = { id: "default", name: "", created_at: 0 };
const site: Workspace = { id: "site", name: "Site", created_at: 1 };

function show(items: Workspace[], can_create: boolean, content: ReactNode) {
  api.GET.mockResolvedValue({ data: { items, can_create } });
  render(<QueryClientProvider client={new QueryClient()}>{content}</QueryClientProvider>);
}

test("where there is no choice there is no picker", async () => {
  show([first, { ...site, deleted_at: 2 }], false, <WorkspacePicker chosen="default" onChoose={vi.fn()} />);
  await waitFor(() => expect(api.GET).toHaveBeenCalled());
  await Promise.resolve();
  expect(screen.queryByTestId("workspace-picker")).toBeNull();
});

test("a workspace is chosen, or made and chosen at once", async () => {
  const onChoose = vi.fn();
  show([first, site], true, <WorkspacePicker chosen="default" onChoose={onChoose} />);
  const picker = await screen.findByTestId("workspace-picker");
  expect(picker.textContent).toBe("Default");
  await userEvent.click(picker);
  await userEvent.click(await screen.findByRole("menuitemcheckbox", { name: "Site" }));
  expect(onChoose).toHaveBeenLastCalledWith("site");

  api.POST.mockResolvedValue({ data: { id: "my-shop", name: "My shop", created_at: 3 } });
  // Loaded with the menu, it is another element now.
  await userEvent.click(screen.getByTestId("workspace-picker"));
  await userEvent.click(await screen.findByRole("menuitem", { name: "New workspace…" }));
  await userEvent.type(await screen.findByLabelText("Name"), " My shop {Enter}");
  await waitFor(() => expect(onChoose).toHaveBeenLastCalledWith("my-shop"));
  expect(api.POST).toHaveBeenCalledWith("/api/v1/workspaces", { body: { name: "My shop" } });
});

test("deleting asks first; what is in the trash is brought back", async () => {
  show([first, site, { id: "old", name: "Old", created_at: 1, deleted_at: 2 }], true, <WorkspaceSettings />);
  api.DELETE.mockResolvedValue({ data: { ...site, deleted_at: 4 } });
  await userEvent.click(await screen.findByRole("button", { name: "Delete Site" }));
  expect(api.DELETE).not.toHaveBeenCalled();
  const dialog = await screen.findByRole("dialog");
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete" }));
  await waitFor(() =>
    expect(api.DELETE).toHaveBeenCalledWith("/api/v1/workspaces/{id}", { params: { path: { id: "site" } } }),
  );
  api.POST.mockResolvedValue({ data: { id: "old", name: "Old", created_at: 1 } });
  await userEvent.click(screen.getByRole("button", { name: "Bring Old back" }));
  await waitFor(() =>
    expect(api.POST).toHaveBeenCalledWith("/api/v1/workspaces/{id}/restore", {
      params: { path: { id: "old" } },
    }),
  );
  // The first one is everybody's.
  expect(screen.queryByRole("button", { name: "Delete Default" })).toBeNull();
});
