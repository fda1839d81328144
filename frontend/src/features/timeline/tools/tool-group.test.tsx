import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Part, ToolPart } from "@/api/types";
import { toolPart } from "@/testing/events";
import { RevealedProvider } from "../reveal";
import { ToolCard } from "./tool-card";
import { ToolGroup } from "./tool-group";

vi.mock("@/stream/react", () => ({
  useConversationStore: () => ({ id: "conv_1" }),
  useConversation: () => false,
}));

let shown = 0;

// What is opened stays so, by its id.
beforeEach(() => {
  shown += 1;
});

/** A look at a file, which took half a second if it has ended. */
function look(file: string, change: Partial<ToolPart> = {}): Part {
  const ended = { status: "ok", duration_ms: 500 } as const;
  const call = { name: "read_file", arguments: JSON.stringify({ file }), ...ended, ...change };
  return toolPart(`${file}-${shown}`, "m1", call);
}

const search = (): Part =>
  toolPart(`search-${shown}`, "m1", {
    name: "grep_search",
    arguments: '{"pattern":"x"}',
    status: "ok",
    duration_ms: 1_000,
  });

const line = () => screen.getByTestId("tool-group").querySelector("button") as HTMLButtonElement;

describe("ToolGroup", () => {
  test("tells how much was looked at, and how long that took in all", () => {
    render(<ToolGroup parts={[look("a.rs"), search(), look("b.rs")]} />);
    expect(line().textContent).toContain("Read 2 files, 1 search");
    expect(line().textContent).toContain("2.0 s");
    expect(line().textContent).not.toContain(".rs");
  });

  test("tells what is looked at just now, and no more when that has ended", () => {
    const before = look("a.rs");
    const { rerender } = render(
      <ToolGroup parts={[before, look("b.rs", { status: "running", duration_ms: null })]} />,
    );
    expect(line().textContent).toContain("b.rs");
    expect(line().textContent).toContain("running");
    rerender(<ToolGroup parts={[before, look("b.rs")]} />);
    expect(line().textContent).not.toContain("b.rs");
    expect(line().textContent).not.toContain("running");
  });

  test("is opened and closed, and stays so", async () => {
    const parts = [look("a.rs"), look("b.rs")];
    const view = render(<ToolGroup parts={parts} />);
    expect(screen.queryAllByTestId("tool-card")).toHaveLength(0);
    await userEvent.click(line());
    expect(line().getAttribute("aria-expanded")).toBe("true");
    view.unmount();
    render(<ToolGroup parts={parts} />);
    expect(screen.getAllByTestId("tool-card")).toHaveLength(2);
    await userEvent.click(line());
    expect(screen.queryAllByTestId("tool-card")).toHaveLength(0);
  });

  test("does not close a look that was open before others joined it", async () => {
    const first = look("a.rs");
    if (first.body.type !== "tool") throw new Error("a tool part is a tool part");
    const alone = render(<ToolCard part={first} tool={first.body} />);
    await userEvent.click(screen.getAllByRole("button")[0] as HTMLElement);
    alone.unmount();
    render(<ToolGroup parts={[first, look("b.rs")]} />);
    expect(line().getAttribute("aria-expanded")).toBe("true");
  });

  test("is open where somebody went to one of its looks", () => {
    const parts = [look("a.rs"), look("b.rs")];
    render(
      <RevealedProvider value={parts[1]?.id ?? ""}>
        <ToolGroup parts={parts} />
      </RevealedProvider>,
    );
    expect(screen.getAllByTestId("tool-card")).toHaveLength(2);
  });
});
