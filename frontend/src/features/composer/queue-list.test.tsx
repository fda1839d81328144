import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import type { QueuedMessage } from "@/api/types";
import { shifted } from "./queue-list";
import { QueuedText } from "./queued-text";

function show() {
  const onSave = vi.fn();
  const onCancel = vi.fn();
  render(<QueuedText text="one" onSave={onSave} onCancel={onCancel} />);
  return { onSave, onCancel, box: screen.getByLabelText<HTMLTextAreaElement>("Queued message") };
}

describe("QueuedText", () => {
  test("Enter saves, Shift+Enter starts a new line", async () => {
    const { box, onSave } = show();
    expect(document.activeElement).toBe(box);
    await userEvent.type(box, " more{Shift>}{Enter}{/Shift}and more{Enter}");
    expect(onSave.mock.calls).toEqual([["one more\nand more"]]);
  });

  test("Escape leaves the words as they were, and does not stop the run", () => {
    const { box, onCancel, onSave } = show();
    const notPrevented = fireEvent.keyDown(box, { key: "Escape" });
    expect(notPrevented).toBe(false);
    expect(onCancel).toHaveBeenCalledTimes(1);
    expect(onSave).not.toHaveBeenCalled();
  });

  test("blank words and keys of an input method save nothing", async () => {
    const { box, onSave } = show();
    fireEvent.keyDown(box, { key: "Enter", isComposing: true });
    fireEvent.keyDown(box, { key: "Enter", keyCode: 229 });
    await userEvent.clear(box);
    await userEvent.type(box, "{Enter}");
    expect(onSave).not.toHaveBeenCalled();
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Save" }).disabled).toBe(true);
  });
});

test("a message goes one place earlier or later, the others keep their order", () => {
  const queue = ["a", "b", "c"].map((id): QueuedMessage => {
    return { message_id: id, client_id: id, text: id, created_at: 0 };
  });
  expect(shifted(queue, 2, "earlier")).toEqual(["a", "c", "b"]);
  expect(shifted(queue, 1, "earlier")).toEqual(["b", "a", "c"]);
  expect(shifted(queue, 0, "later")).toEqual(["b", "a", "c"]);
  expect(shifted(queue, 1, "later")).toEqual(["a", "c", "b"]);
});
