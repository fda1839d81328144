import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Usage } from "@/api/types";
import { snapshot } from "@/testing/events";
import RowCost from "./row-cost";

const getConversation = vi.hoisted(() => vi.fn());
vi.mock("@/api/endpoints", async (original) => ({ ...(await original<object>()), getConversation }));

/** What a row tells of a conversation that has used this. */
async function told(change: Partial<Usage>): Promise<string | null> {
  const usage = { ...snapshot().usage, input: 1_000, ...change };
  getConversation.mockResolvedValueOnce(snapshot({ usage }));
  const view = render(
    <QueryClientProvider client={new QueryClient()}>
      <RowCost id="conv_1" />
    </QueryClientProvider>,
  );
  const { textContent } = await screen.findByTestId("row-cost");
  view.unmount();
  return textContent;
}

test("a row tells what is priced and what a plan includes, and tokens where neither is known", async () => {
  expect(await told({ cost_micros: 420_000 })).toBe("Cost: $0.4200");
  expect(await told({ included: 1_000 })).toBe("Cost: included");
  expect(await told({ cost_micros: 420_000, included: 400 })).toBe("Cost: $0.4200 + included");
  expect(await told({})).toMatch(/^Cost: 1.* tokens$/);
});
