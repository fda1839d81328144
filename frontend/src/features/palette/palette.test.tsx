import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { conversation } from "@/testing/events";
import { chooseKeys, keysOf, useAction } from "@/ui/actions/registry";
import { PaletteHost } from "./palette-host";

const navigate = vi.hoisted(() => vi.fn());
vi.mock("@tanstack/react-router", () => ({ useNavigate: () => navigate }));
vi.mock("@/stream/react", () => ({
  useConversationList: (select: (list: unknown) => unknown) =>
    select({ items: [conversation({ id: "conv_7", title: "Port to Windows" })] }),
}));

beforeEach(() => localStorage.clear());
afterEach(() => {
  chooseKeys("settings.open", null);
  vi.resetAllMocks();
});

function Page({ onSettings }: { onSettings: () => void }) {
  useAction("settings.open", onSettings);
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
