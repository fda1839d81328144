import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { OwnKeys } from "./own-keys";

const sent: string[] = [];

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method !== "GET") {
    sent.push(`${request.method} ${pathname} ${await request.text()}`);
    return new Response(null, { status: 204 });
  }
  if (pathname.endsWith("/keys")) {
    return Response.json([{ provider_id: "deepseek", in_use: true, created_at: 0 }]);
  }
  return Response.json({
    providers: [
      { id: "deepseek", name: "DeepSeek", models: [] },
      { id: "demo", name: "Demo", models: [], scripted: true },
    ],
    presets: [],
    default_model: { provider_id: "deepseek", model: "m" },
  });
}

test("a key of one's own goes in, and can be removed", async () => {
  vi.stubGlobal("fetch", vi.fn(answer));
  const person = userEvent.setup();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <OwnKeys />
    </QueryClientProvider>,
  );
  const key = await screen.findByLabelText<HTMLInputElement>("Key for DeepSeek");
  expect(key.type).toBe("password");
  expect(screen.queryByLabelText("Key for Demo")).toBeNull();
  await person.type(key, "sk-own");
  await person.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(key.value).toBe(""));
  await person.click(await screen.findByRole("button", { name: "Remove" }));
  await waitFor(() => expect(sent.length).toBe(2));
  expect(sent).toEqual([
    'PUT /api/v1/account/keys/deepseek {"api_key":"sk-own"}',
    "DELETE /api/v1/account/keys/deepseek ",
  ]);
});
