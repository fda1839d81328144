import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { openPreviewFrame } from "@/api/endpoints";
import { applySandbox, createQueryClient, instanceQuery } from "@/api/queries";
import type { Instance, SandboxStatus } from "@/api/types";
import { PortsPane } from "./ports-pane";

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  openPreviewFrame: vi.fn(),
}));

const sandbox: SandboxStatus = { attached: true, desktop: false, workspace: "/workspace" };
const instance: Instance = { version: "1", number: 0, needs_setup: false, max_upload_bytes: 1_000, sandbox };

beforeEach(() => {
  localStorage.clear();
  const address = "http://p-5173-x.localhost:3000/.slipway/enter-frame?ticket=t";
  vi.mocked(openPreviewFrame).mockResolvedValue({ address });
});

test("ports come with the sandbox's status, are framed on a name of their own, and go", async () => {
  const client = createQueryClient();
  client.setQueryData(instanceQuery.queryKey, instance);
  render(
    <QueryClientProvider client={client}>
      <PortsPane port={null} path="/" onVisit={() => {}} />
    </QueryClientProvider>,
  );
  expect(await screen.findByText("No program of the agent listens on a port.")).toBeDefined();
  const port = { port: 5173, conversation_id: "conv_1", process_id: "p1", command: "npm run <b>dev</b>" };
  act(() => applySandbox(client, { ...sandbox, ports: [port] }));
  const link = await screen.findByRole("link", { name: "Open preview of port 5173" });
  expect(link.getAttribute("href")).toBe("/api/v1/ports/5173/preview");
  expect(link.getAttribute("rel")).toBe("noopener noreferrer");
  const button = screen.getByRole("button", { name: "5173" });
  expect(button.getAttribute("title")).toBe("p1 · npm run <b>dev</b>");
  const frame = await screen.findByTestId("preview-frame");
  expect(frame.getAttribute("sandbox")).not.toContain("top-navigation");
  act(() => button.click());
  act(() => applySandbox(client, sandbox));
  expect(await screen.findByText("Nothing listens on port 5173 any more.")).toBeDefined();
});
