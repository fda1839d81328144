import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { resetSandbox, restartSandbox, saveSandboxSettings } from "@/api/endpoints";
import { RenewSandbox } from "./renew";
import { SandboxSettingsForm } from "./settings-form";
import { SandboxUsage } from "./usage";

const REPORT = {
  settings: {
    profile: "installable",
    egress: "public",
    egress_hosts: ["pypi.org"],
    system_packages: true,
    memory_mib: 0,
    cpu_percent: 0,
    processes: 512,
    workspace_mib: 20_480,
    command_seconds: 120,
    desktop_idle_minutes: 10,
  },
  saved: {},
  sources: { profile: "default", memory_mib: "env" },
  at_next_start: ["profile", "memory_mib"],
  can_reset: true,
};

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  getSandboxSettings: vi.fn(() => Promise.resolve(REPORT)),
  saveSandboxSettings: vi.fn(() => Promise.resolve(REPORT)),
  getSandboxUsage: vi.fn(() =>
    Promise.resolve({
      cpu_percent: 12.4,
      memory_bytes: 3.9 * 1024 ** 3,
      memory_limit: 4 * 1024 ** 3,
      processes: 7,
      processes_limit: 512,
      workspace_bytes: 1024 ** 2,
      workspace_limit: null,
      further_workspaces: [{ id: "site", bytes: 3 * 1024 ** 2 }],
      all_workspaces_bytes: 9 * 1024 ** 2,
      out_of_memory_kills: 0,
    }),
  ),
  restartSandbox: vi.fn(() => Promise.resolve()),
  resetSandbox: vi.fn(() => Promise.resolve()),
}));

vi.mock("@/api/workspaces", () => ({
  useWorkspaces: () => ({ data: { items: [{ id: "site", name: "The shop" }] } }),
}));

function show(page: ReactNode) {
  return render(<QueryClientProvider client={new QueryClient()}>{page}</QueryClientProvider>);
}

test("what is chosen is saved, what is open is left to others, and sources are told", async () => {
  const person = userEvent.setup();
  show(<SandboxSettingsForm />);
  const profile = await screen.findByLabelText<HTMLSelectElement>("Profile");
  expect(profile.value).toBe("");
  expect(screen.getByText("from the environment")).toBeDefined();
  expect(screen.queryByLabelText("Hosts")).toBeNull();
  await person.selectOptions(profile, "strict");
  await person.selectOptions(screen.getByLabelText("What it may reach"), "allowlist");
  await person.type(screen.getByLabelText("Hosts"), "example.com");
  await person.type(screen.getByLabelText("Memory (MiB)"), "512");
  await person.click(screen.getByRole("button", { name: "Save" }));
  expect(vi.mocked(saveSandboxSettings).mock.calls[0]?.[0]).toEqual({
    profile: "strict",
    egress: "allowlist",
    egress_hosts: ["example.com"],
    memory_mib: 512,
  });
});

test("what is used is shown, and what is almost used up stands out", async () => {
  show(<SandboxUsage />);
  expect((await screen.findByText("3.9 GiB of 4.0 GiB")).className).toContain("text-error");
  expect(screen.getByText("7 of 512").className).not.toContain("text-error");
  expect(screen.getByText("12 %")).toBeDefined();
  expect(screen.getByText("1.0 MiB")).toBeDefined();
  expect(screen.getByText("Workspace “The shop”").nextSibling?.textContent).toBe("3.0 MiB");
  expect(screen.getByText("All workspaces").nextSibling?.textContent).toBe("9.0 MiB");
});

test("nothing is renewed before the person has said so", async () => {
  const person = userEvent.setup();
  show(<RenewSandbox />);
  await person.click(screen.getByRole("button", { name: "Reset…" }));
  expect(screen.getByText(/The workspace stays as it is/)).toBeDefined();
  await person.click(screen.getByRole("button", { name: "Cancel" }));
  expect(resetSandbox).not.toHaveBeenCalled();
  await person.click(screen.getByRole("button", { name: "Restart" }));
  await person.click(screen.getAllByRole("button", { name: "Restart" }).at(-1) as HTMLElement);
  expect(restartSandbox).toHaveBeenCalledTimes(1);
  expect(resetSandbox).not.toHaveBeenCalled();
});
