import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { conversation } from "@/testing/events";
import { Toaster, toasts } from "@/ui/toast";
import { useDelete } from "./delete";

const { list, navigate } = vi.hoisted(() => ({
  list: { put: vi.fn(), remove: vi.fn() },
  navigate: vi.fn(),
}));
vi.mock("@/stream/react", () => ({ useSession: () => ({ list }) }));
vi.mock("@tanstack/react-router", () => ({
  useNavigate: () => navigate,
  useParams: () => ({ id: "conv_1" }),
}));

const DONE = conversation({ status: "done", title: "Boats" });
const asked: string[] = [];
let refused = false;

beforeEach(() => {
  vi.clearAllMocks();
  toasts.setState({ items: [] });
  asked.length = 0;
  refused = false;
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    if (refused) return Response.json({ title: "No space left", status: 507, code: "x" }, { status: 507 });
    return Response.json(request.method === "DELETE" ? { undo_until: 1 } : DONE);
  });
});

function Page() {
  const { remove } = useDelete();
  return (
    <>
      <button type="button" onClick={() => remove(DONE)}>
        delete
      </button>
      <Toaster />
    </>
  );
}

function show() {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Page />
    </QueryClientProvider>,
  );
}

test("the gateway is told at once, and Undo asks it for the conversation again", async () => {
  show();
  await userEvent.click(screen.getByText("delete"));
  expect(list.remove).toHaveBeenCalledWith("conv_1");
  expect(navigate).toHaveBeenCalledWith({ to: "/" });
  await screen.findByText("“Boats” was deleted");
  expect(asked).toEqual(["DELETE /api/v1/conversations/conv_1"]);
  await userEvent.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(() => expect(list.put).toHaveBeenCalledWith(DONE));
  expect(asked[1]).toBe("POST /api/v1/conversations/conv_1/undelete");
});

test("what could not be deleted stays, with the reason", async () => {
  refused = true;
  show();
  await userEvent.click(screen.getByText("delete"));
  await screen.findByText("No space left");
  expect(list.put).toHaveBeenCalledWith(DONE);
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
});
