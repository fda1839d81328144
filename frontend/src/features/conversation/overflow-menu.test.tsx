import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { OverflowMenu } from "./overflow-menu";

vi.mock("./hand-over", () => ({ useHandOver: () => ({ busy: false, handOver: vi.fn() }) }));

afterEach(() => vi.restoreAllMocks());

test.each([
  ["Export JSON", "/api/v1/conversations/conv_1/export?format=json"],
  ["Export Markdown", "/api/v1/conversations/conv_1/export?format=markdown"],
])("%s saves the conversation as a file", async (label, address) => {
  const clicked: { path: string; saves: boolean }[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    const { pathname, search } = new URL(this.href);
    clicked.push({ path: pathname + search, saves: this.hasAttribute("download") });
  });
  render(<OverflowMenu conversation={{ id: "conv_1" }} />);
  const person = userEvent.setup();
  await person.click(screen.getByRole("button", { name: "More about this conversation" }));
  await person.click(await screen.findByRole("menuitem", { name: new RegExp(label) }));
  expect(clicked).toEqual([{ path: address, saves: true }]);
  expect(document.querySelector("a[download]")).toBeNull();
});
