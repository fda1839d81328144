import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { prefer } from "@/ui/preferences";
import { Markdown } from "../markdown/markdown";
import { isMoney, withDollars } from "../markdown/math";

// The page has a doctype, which the formulas want.
Object.defineProperty(document, "compatMode", { value: "CSS1Compat" });

afterEach(() => prefer("drawings", "text"));

const show = (text: string) => render(<Markdown text={text} live={false} />).container;

test("nothing is drawn that nobody has asked for", () => {
  const page = show("It is $a_1$.\n\n$$\nb^2\n$$\n\n```math\nc\n```");
  expect(page.querySelector("math")).toBeNull();
  expect(page.textContent).toContain("$a_1$");
});

test("a block can be drawn, and shown as text again, one by one", async () => {
  const page = show("```latex\n\\frac{a}{b}\n```");
  const button = screen.getByRole("button", { name: "Show as picture" });
  fireEvent.click(button);
  await waitFor(() => expect(page.querySelector("math mfrac")).not.toBeNull());
  fireEvent.click(button);
  expect(page.querySelector("math")).toBeNull();
  expect(page.textContent).toContain("\\frac{a}{b}");
});

test("other code has nothing to be drawn", () => {
  show("```rust\nfn main() {}\n```");
  expect(screen.queryByRole("button", { name: "Show as picture" })).toBeNull();
});

test("who has asked for it has formulas drawn, in lines, alone and in blocks", async () => {
  prefer("drawings", "drawn");
  const page = show(
    "Here $a_1$ and \\(b_2\\), for $5 and $10, not `$c$`.\n\n\\[ \\sqrt{d} \\]\n\n$$\ne^2\n$$\n\n```math\nf\n```",
  );
  await waitFor(() => expect(page.querySelectorAll("math")).toHaveLength(5));
  expect(page.querySelector("math msqrt")).not.toBeNull();
  expect(page.textContent).toContain("$5 and $10");
  expect(page.querySelector("code")?.textContent).toBe("$c$");
});

test("what is no formula stays as it was written", async () => {
  prefer("drawings", "drawn");
  const page = show("```math\n\\nosuchthing{\n```");
  await waitFor(() => expect(page.querySelector("[data-testid=formula][hidden]")).not.toBeNull());
  expect(page.textContent).toContain("\\nosuchthing{");
});

test("formulas in brackets become formulas between dollar signs, but not in code", () => {
  expect(withDollars("a \\(x\\) b")).toBe("a $x$ b");
  expect(withDollars("\\[\nx\n\\]")).toBe("$$\nx\n$$");
  expect(withDollars("- \\[x\\]")).toBe("- $x$");
  expect(withDollars("`\\(x\\)` ``\\[y\\]``")).toBe("`\\(x\\)` ``\\[y\\]``");
});

test.each([
  ["5 and ", true],
  ["5–", true],
  ["1,000.50", true],
  ["x", false],
  ["2x", false],
  ["n = 5", false],
])("%j between dollar signs is money: %j", (value, expected) => {
  expect(isMoney(value)).toBe(expected);
});
