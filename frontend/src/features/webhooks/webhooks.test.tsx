import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { Webhook, WebhookDelivery } from "@/api/types";
import { Webhooks } from "./webhooks";

const HOOK: Webhook = {
  id: "wh_1",
  url: "https://example.com/hook",
  events: ["run.failed"],
  private_network: false,
  enabled: true,
  created_at: 0,
};
const DELIVERY: WebhookDelivery = {
  id: "dlv_1",
  event: "run.failed",
  state: "failed",
  attempts: 9,
  status: 500,
  error: "the other side answered HTTP 500",
  created_at: 0,
};

const asked: { method: string; path: string; body: unknown }[] = [];

/** A gateway with one webhook. */
async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const text = await request.text();
  asked.push({ method: request.method, path: pathname, body: text ? JSON.parse(text) : null });
  if (pathname.endsWith("/deliveries")) return Response.json({ items: [DELIVERY] });
  if (request.method === "GET") return Response.json({ items: [HOOK] });
  if (pathname.endsWith("/secret")) return Response.json({ webhook: HOOK, secret: "whsec_new" });
  if (pathname === "/api/v1/webhooks") return Response.json({ webhook: HOOK, secret: "whsec_abc" });
  if (request.method === "PATCH") return Response.json(HOOK);
  return new Response(null, { status: 204 });
}

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal("fetch", vi.fn(answer));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Webhooks mayUsePrivate />
    </QueryClientProvider>,
  );
});

const changes = () => asked.filter(({ method }) => method !== "GET");

test("a webhook is added, and its secret shown until it is kept", async () => {
  const person = userEvent.setup();
  await person.type(screen.getByLabelText("Address"), "https://other.example/");
  await person.click(screen.getByLabelText("A run is done"));
  await person.click(screen.getByRole("button", { name: "Add a webhook" }));
  expect(await screen.findByText("whsec_abc")).toBeDefined();
  expect(changes()[0]).toEqual({
    method: "POST",
    path: "/api/v1/webhooks",
    body: {
      url: "https://other.example/",
      events: ["run.needs_input", "run.failed", "budget.near", "budget.reached"],
      private_network: false,
    },
  });
  await person.click(screen.getByRole("button", { name: "I have kept it" }));
  expect(screen.queryByText("whsec_abc")).toBeNull();
});

test("another secret is shown once", async () => {
  const person = userEvent.setup();
  await person.click(await screen.findByRole("button", { name: "New secret" }));
  expect(await screen.findByText("whsec_new")).toBeDefined();
  expect(changes()).toEqual([
    { method: "POST", path: "/api/v1/webhooks/wh_1/secret", body: { keep_hours: null } },
  ]);
});

test("a webhook is tested, switched off and removed, and what failed is sent again", async () => {
  const person = userEvent.setup();
  await screen.findByText(HOOK.url);
  await screen.findByText("A run has failed: given up, 9 attempts (the other side answered HTTP 500)");
  for (const name of ["Send a test", "Switch off", "Send again"]) {
    await person.click(screen.getByRole("button", { name, hidden: true }));
  }
  await person.click(screen.getByRole("button", { name: "Remove" }));
  const buttons = await screen.findAllByRole("button", { name: "Remove" });
  await person.click(buttons[buttons.length - 1] as HTMLElement);
  await waitFor(() => expect(changes().length).toBe(4));
  expect(changes().map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /api/v1/webhooks/wh_1/test",
    "PATCH /api/v1/webhooks/wh_1",
    "POST /api/v1/webhooks/wh_1/deliveries/dlv_1/retry",
    "DELETE /api/v1/webhooks/wh_1",
  ]);
  expect(changes()[1]?.body).toMatchObject({ enabled: false, url: null });
});
