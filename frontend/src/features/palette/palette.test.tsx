import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { conversation } from "@/testing/events";
import { chooseKeys, keysOf, useAction } from "@/ui/actions/registry";
import { PaletteHost } from "./palette-host";

const navigate = vi.hoisted(() => vi.fn());
const findFiles = vi.hoisted(() => vi.fn());
vi.mock("@tanstack/react-router", () => ({
  useNavigate: () => navigate,
  useParams: () => ({ id: "conv_7" }),
}));
vi.mock("@/stream/react", () => ({
  useConversationList: (select: (list: unknown) => unknown) =>
    select({ items: [conversation({ id: "conv_7", title: "Port to Windows" })] }),
  useWorkspaceOf: () => "pond",
}));
vi.mock("@/api/workspace", () => ({
  filesOf: (workspace: string) => ({ findFiles: (query: string) => findFiles(workspace, query) }),
}));
const role = vi.hoisted(() => ({ current: "admin" }));
vi.mock("@/api/account-queries", () => ({
  useOwnAccount: () => ({ data: { account: { role: role.current } } }),
}));

beforeEach(() => {
  localStorage.clear();
  findFiles.mockResolvedValue({ paths: [], more: 0 });
});
afterEach(() => {
  chooseKeys("settings.open", null);
  chooseKeys("run.stop", null);
  role.current = "admin";
  vi.resetAllMocks();
});

interface PageProps {
  onSettings: () => void;
  onFiles?: () => void;
  onStop?: () => void;
}

function Page(props: PageProps) {
  return (
    <QueryClientProvider client={new QueryClient()}>
      <Bound {...props} />
    </QueryClientProvider>
  );
}

function Bound({ onSettings, onFiles, onStop }: PageProps) {
  useAction("settings.open", onSettings);
  useAction("panel.files", onFiles ?? null);
  useAction("run.stop", onStop ?? null);
  return <PaletteHost />;
}

test("an action is found by a part of its name and done with Enter", async () => {
  const onSettings = vi.fn();
  render(<Page onSettings={onSettings} />);
  await userEvent.keyboard("{Control>}k{/Control}");
  const box = await screen.findByRole("combobox");
  expect(screen.queryByRole("option", { name: /Desktop/ })).toBeNull();
  await userEvent.type(box, "setti");
  expect(screen.getByRole("option", { selected: true }).textContent).toContain("Settings");
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(onSettings).toHaveBeenCalledTimes(1));
  expect(screen.queryByRole("combobox")).toBeNull();
});

test("a conversation is found by its title", async () => {
  render(<Page onSettings={vi.fn()} />);
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.type(await screen.findByRole("combobox"), "port win");
  await userEvent.keyboard("{Enter}");
  expect(navigate).toHaveBeenCalledWith({ to: "/c/$id", params: { id: "conv_7" } });
});

test("files of the conversation's workspace and settings stand in groups of their own", async () => {
  const onFiles = vi.fn();
  findFiles.mockResolvedValue({ paths: ["src/context.rs"], more: 0 });
  render(<Page onSettings={vi.fn()} onFiles={onFiles} />);
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.type(await screen.findByRole("combobox"), "context");
  await screen.findByText("context.rs");
  expect(findFiles).toHaveBeenLastCalledWith("pond", "context");
  const groups = screen.getAllByRole("presentation").map((heading) => heading.textContent);
  expect(groups).toEqual(["Files", "Settings"]);
  await userEvent.keyboard("{Enter}");
  expect(onFiles).toHaveBeenCalledTimes(1);
});

test("a part of the settings is opened by its address, and only one's own are offered", async () => {
  const view = render(<Page onSettings={vi.fn()} />);
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.type(await screen.findByRole("combobox"), "people");
  await userEvent.keyboard("{Enter}");
  expect(navigate).toHaveBeenCalledWith({ to: "/settings", hash: "people" });
  // No conversation is open in a way that could show files.
  expect(findFiles).not.toHaveBeenCalled();
  view.unmount();
  role.current = "member";
  render(<Page onSettings={vi.fn()} />);
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.type(await screen.findByRole("combobox"), "people");
  expect(screen.queryByRole("option")).toBeNull();
});

test("says when nothing fits", async () => {
  render(<Page onSettings={vi.fn()} />);
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.type(await screen.findByRole("combobox"), "qqqq");
  expect(screen.getByRole("status").textContent).toContain("qqqq");
});

test("the help lists every key, and takes others", async () => {
  render(<Page onSettings={vi.fn()} />);
  await userEvent.keyboard("?");
  await userEvent.click(await screen.findByRole("button", { name: /“Settings”/ }));
  await userEvent.keyboard("{Alt>}s{/Alt}");
  expect(keysOf("settings.open")).toBe("Alt+S");
  // Keys that another action has are taken from it, and that is said.
  await userEvent.click(await screen.findByRole("button", { name: /“Settings”/ }));
  await userEvent.keyboard("{Control>}b{/Control}");
  expect(keysOf("sidebar.toggle")).toBe("");
  expect(screen.getByRole("status").textContent).toContain("Show or hide the conversations");
  await userEvent.click(screen.getByRole("button", { name: /Reset/ }));
  expect(keysOf("settings.open")).toBe("Mod+,");
});

test("Esc Esc stops, and has other keys when the person wants others", async () => {
  const onStop = vi.fn();
  render(<Page onSettings={vi.fn()} onStop={onStop} />);
  await userEvent.keyboard("{Escape}");
  expect(onStop).not.toHaveBeenCalled();
  await userEvent.keyboard("{Escape}");
  expect(onStop).toHaveBeenCalledTimes(1);
  await userEvent.keyboard("?");
  await userEvent.click(await screen.findByRole("button", { name: /“Stop the run”/ }));
  await userEvent.keyboard("{Control>}.{/Control}{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await userEvent.keyboard("{Escape}{Escape}");
  expect(onStop).toHaveBeenCalledTimes(1);
  await userEvent.keyboard("{Control>}.{/Control}");
  expect(onStop).toHaveBeenCalledTimes(2);
});
