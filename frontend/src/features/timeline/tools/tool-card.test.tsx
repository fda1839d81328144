import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import type { ToolPart, ToolPartStatus } from "@/api/types";
import { toolPart } from "@/testing/events";
import { ToolCard } from "./tool-card";

vi.mock("@/stream/react", () => ({
  useConversationStore: () => ({ id: "conv_1" }),
  useConversation: () => false,
}));

let shown = 0;

function show(change: Partial<ToolPart>) {
  // What is opened stays so, by its id.
  shown += 1;
  const part = toolPart(`p${shown}`, "m1", change);
  if (part.body.type !== "tool") throw new Error("a tool part is a tool part");
  render(<ToolCard part={part} tool={part.body} />);
  return screen.getByTestId("tool-card");
}

const DIFF = {
  path: "src/a.rs",
  added: 1,
  removed: 1,
  corrected: true,
  hunks: [
    {
      old_start: 7,
      new_start: 7,
      lines: [
        { tag: "context", text: "fn main() {" },
        { tag: "del", text: "    old();" },
        { tag: "add", text: "    new();" },
      ],
    },
  ],
};

describe("ToolCard", () => {
  test("shows each state in words as well", () => {
    const words: Record<ToolPartStatus, string> = {
      proposed: "writing the call",
      running: "running",
      ok: "ok",
      error: "failed",
      denied: "denied",
      stopped: "stopped",
      timed_out: "timed out",
      interrupted: "interrupted",
    };
    for (const [status, word] of Object.entries(words)) {
      const card = show({ name: "read_file", arguments: '{"file":"a"}', status: status as ToolPartStatus });
      expect(card.dataset.status).toBe(status);
      expect(screen.getByText(word)).toBeDefined();
      document.body.replaceChildren();
    }
  });

  test("a search shows its sources with their exact addresses, and leads nowhere but to the web", async () => {
    const exact = "https://example.com/a%20b?c=d&e=f#g";
    const results = [
      { title: "<b>Title</b>", url: exact, excerpt: "What it says" },
      { title: "Bad", url: "javascript:alert(1)", excerpt: "" },
    ];
    show({ name: "google_search", arguments: '{"query":"q"}', status: "ok", data: { results } });
    await userEvent.setup().click(screen.getByRole("button", { name: /Searched the web/ }));
    const links = screen.getAllByRole("link");
    expect(links.map((link) => link.getAttribute("href"))).toEqual([exact]);
    expect(links[0]?.textContent).toBe(exact);
    expect(links[0]?.getAttribute("rel")).toContain("noopener");
    expect(screen.getByText("<b>Title</b>")).toBeDefined();
  });

  test("pictures are shown without being asked", () => {
    const content = { stored: "ab12" };
    show({
      name: "screenshot",
      arguments: '{"window":"Red"}',
      status: "ok",
      images: [{ media_type: "image/png", width: 400, height: 300, content }],
    });
    const picture = screen.getByTestId("tool-picture") as HTMLImageElement;
    expect(picture.getAttribute("src")).toBe("/api/v1/conversations/conv_1/images/ab12");
    expect(picture.alt).toBe("Picture of the desktop, 400 × 300 pixels");
    expect(screen.getByText("Looked at")).toBeDefined();
    expect(screen.getByText("Red")).toBeDefined();
  });

  test("a command that runs shows its output without being asked", () => {
    show({ status: "running", output: { head: "line \x1b[32mone\x1b[0m\n", tail: "", omitted_bytes: 0 } });
    expect(screen.getByTestId("tool-output").textContent).toBe("line one");
    expect(screen.getByRole("button", { name: "Stop" })).toBeDefined();
  });

  test("a failed command shows its exit code and output without being asked", () => {
    show({
      status: "ok",
      data: { exit_code: 2, cwd: "/w" },
      output: { head: "no\n", tail: "", omitted_bytes: 0 },
    });
    expect(screen.getByTestId("tool-hint").textContent).toBe("exit 2");
    expect(screen.getByTestId("exit-code").textContent).toBe("exit 2");
    expect(screen.getByText("in /w")).toBeDefined();
  });

  test("a command that succeeded is one line that opens", async () => {
    show({
      status: "ok",
      data: { exit_code: 0, cwd: "/w" },
      output: { head: "fine", tail: "", omitted_bytes: 0 },
    });
    expect(screen.queryByTestId("tool-output")).toBeNull();
    await userEvent.click(screen.getByRole("button", { expanded: false }));
    expect(screen.getByTestId("tool-output").textContent).toBe("fine");
  });

  test("an edit shows what it changed, and that its position was corrected", () => {
    show({ name: "edit_file", arguments: '{"file":"src/a.rs"}', status: "ok", data: DIFF });
    const rows = [...screen.getByTestId("diff").querySelectorAll("tr")].map((row) => row.textContent);
    expect(rows).toEqual(["77 fn main() {", "8−    old();", "8+    new();"]);
    expect(screen.getByTestId("tool-corrected")).toBeDefined();
  });

  test("output is text, whatever it contains", () => {
    show({ status: "running", output: { head: "<img src=x onerror=alert(1)>", tail: "", omitted_bytes: 0 } });
    expect(screen.getByTestId("tool-output").querySelector("img")).toBeNull();
  });

  test("says how much of a long output is left out", () => {
    show({ status: "running", output: { head: "a\n", tail: "z", omitted_bytes: 5 * 1024 * 1024 } });
    expect(screen.getByText("5.0 MiB not shown")).toBeDefined();
  });
});
