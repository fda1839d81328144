import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { applyGit } from "@/api/git";
import type { Repository } from "@/api/types";
import GitBranch from "./git-branch";

const GET = vi.hoisted(() => vi.fn());
vi.mock("@/api/client", () => ({
  api: { GET },
  contentOf: async (answer: Promise<{ data: unknown }>) => (await answer).data,
}));
vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  getInstance: vi.fn(() => Promise.resolve({ sandbox: { attached: true } })),
}));

const MAIN: Repository = { path: "", head: { type: "branch", name: "main" } };
const DETACHED: Repository = { path: "site", head: { type: "detached", commit: "abc1234def" } };

/** Shows the branch of a workspace of these repositories; the client takes what is streamed. */
function show(repositories: Repository[], workspace = "default", deleted_at: number | null = null) {
  const client = new QueryClient();
  GET.mockReset();
  GET.mockImplementation(async (path: string) => ({
    data: path.endsWith("/git") ? { repositories } : { items: [{ id: workspace, deleted_at }] },
  }));
  render(
    <QueryClientProvider client={client}>
      <GitBranch workspace={workspace} />
    </QueryClientProvider>,
  );
  return client;
}

const asked = () => GET.mock.calls.filter(([path]) => String(path).endsWith("/git"));

test("the branch is told, and follows what is streamed", async () => {
  const client = show([MAIN]);
  expect((await screen.findByTestId("git-branch")).textContent).toBe("Git branch: main");
  applyGit(client, "default", { repositories: [{ ...MAIN, operation: "rebase" }] });
  await screen.findByText("a rebase is going on");
  applyGit(client, "default", { repositories: [DETACHED] });
  const shown = await screen.findByText("detached abc1234");
  expect(shown.parentElement?.title).toBe("site · detached abc1234");
});

test.each([
  ["none", []],
  ["several", [MAIN, DETACHED]],
  ["one that nobody understands", [{ path: "", head: { type: "unknown" as const } }]],
])("of %s nothing is told", async (_name, repositories) => {
  show(repositories);
  await vi.waitFor(() => expect(asked()).toHaveLength(1));
  await asked()[0]?.[1];
  expect(screen.queryByTestId("git-branch")).toBeNull();
});

test("a workspace in the trash is not asked about", async () => {
  show([MAIN], "site", 7);
  await vi.waitFor(() => expect(GET).toHaveBeenCalled());
  await GET.mock.results[0]?.value;
  expect(asked()).toEqual([]);
});
