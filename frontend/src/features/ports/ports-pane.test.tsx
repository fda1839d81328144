import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { applySandbox, createQueryClient, instanceQuery } from "@/api/queries";
import type { Instance, SandboxStatus } from "@/api/types";
import { PortsPane } from "./ports-pane";

const sandbox: SandboxStatus = { attached: true, desktop: false, workspace: "/workspace" };
const instance: Instance = { version: "1", number: 0, needs_setup: false, max_upload_bytes: 1_000, sandbox };

test("ports come with the sandbox's status and lead to previews in a window of their own", async () => {
  const client = createQueryClient();
  client.setQueryData(instanceQuery.queryKey, instance);
  render(
    <QueryClientProvider client={client}>
      <PortsPane />
    </QueryClientProvider>,
  );
  expect(screen.getByText("No program of the agent listens on a port.")).toBeDefined();
  const port = { port: 5173, conversation_id: "conv_1", process_id: "p1", command: "npm run <b>dev</b>" };
  applySandbox(client, { ...sandbox, ports: [port] });
  const link = await screen.findByRole("link", { name: "Open preview of port 5173" });
  expect(link.getAttribute("href")).toBe("/api/v1/ports/5173/preview");
  expect(link.getAttribute("rel")).toBe("noopener noreferrer");
  expect(screen.getByText("p1 · npm run <b>dev</b>")).toBeDefined();
});
