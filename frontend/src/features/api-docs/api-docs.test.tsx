import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import committed from "../../../openapi.json";
import { ApiDocsScreen } from "./api-docs-screen";

vi.mock("@/ui/drawer", () => ({ DrawerButton: () => null }));

test("the reference is found through and opened", async () => {
  const person = userEvent.setup();
  vi.stubGlobal(
    "fetch",
    vi.fn(() => Promise.resolve(Response.json(committed))),
  );
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ApiDocsScreen />
    </QueryClientProvider>,
  );
  await person.type(await screen.findByLabelText("Find an operation"), "create_webhook");
  await waitFor(() => expect(screen.getAllByText("/api/v1/webhooks").length).toBe(1));
  const operation = screen.getByText("/api/v1/webhooks").closest("details") as HTMLDetailsElement;
  operation.open = true;
  fireEvent(operation, new Event("toggle"));
  expect(await screen.findByText("Idempotency-Key")).toBeDefined();
  expect(screen.getByText("application/problem+json")).toBeDefined();
  const body = screen.getByText("CreateWebhook", { selector: "summary" }).closest("details");
  (body as HTMLDetailsElement).open = true;
  fireEvent(body as HTMLDetailsElement, new Event("toggle"));
  expect(await screen.findByText("private_network")).toBeDefined();
});
