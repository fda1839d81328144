import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { Plan } from "@/api/types";
import { fromSnapshot } from "@/stream/reducer";
import { snapshot } from "@/testing/events";
import { PlanStrip } from "./plan-strip";

let plan: Plan | null = null;
vi.mock("@/stream/react", () => ({
  useConversation: <T,>(select: (view: unknown) => T) => select({ state: fromSnapshot(snapshot({ plan })) }),
}));

beforeEach(() => localStorage.clear());

test("nothing shows without a plan", () => {
  plan = null;
  render(<PlanStrip />);
  expect(screen.queryByTestId("plan")).toBeNull();
});

test("one line says where it stands, and opens to all steps with their states in words", async () => {
  plan = {
    steps: [
      { text: "look", status: "done" },
      { text: "build", status: "in_progress" },
      { text: "dance", status: "skipped" },
    ],
  };
  render(<PlanStrip />);
  const line = screen.getByRole("button", { expanded: false });
  expect(line.textContent).toContain("2 of 3");
  expect(line.textContent).toContain("build");
  expect(screen.queryByTestId("plan-list")).toBeNull();
  await userEvent.click(line);
  const states = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(states).toEqual(["lookdone", "buildin progress", "danceskipped"]);
  const shapes = [...document.querySelectorAll<SVGElement>("li [data-shape]")];
  expect(shapes.map(({ dataset }) => dataset.shape)).toEqual(["check", "disc", "dash"]);
  expect(document.querySelector("[aria-current=step]")?.textContent).toContain("build");
});
