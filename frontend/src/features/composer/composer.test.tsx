import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Composer, type ComposerRun } from "./composer";

/** The server keeps nothing here. */
vi.mock("@/api/drafts", () => {
  const never = () => new Promise(() => {});
  return { getDraft: never, saveDraft: never };
});

beforeEach(() => localStorage.clear());

function show(run: ComposerRun = "idle", scope = "conv_1") {
  const onSend = vi.fn();
  const onStop = vi.fn();
  const view = render(
    <Composer workspace="default" scope={scope} run={run} onSend={onSend} onStop={onStop} />,
  );
  return { onSend, onStop, view, box: screen.getByLabelText<HTMLTextAreaElement>("Message") };
}

describe("Composer", () => {
  test("Enter sends, Shift+Enter starts a new line", async () => {
    const { box, onSend } = show();
    await userEvent.type(box, "one{Shift>}{Enter}{/Shift}two{Enter}");
    expect(onSend.mock.calls.map(([text, mode]) => [text, mode])).toEqual([["one\ntwo", "queue"]]);
    expect(box.value).toBe("");
  });

  test("Enter that belongs to an input method does not send", () => {
    const { box, onSend } = show();
    fireEvent.change(box, { target: { value: "にほん" } });
    fireEvent.keyDown(box, { key: "Enter", isComposing: true });
    fireEvent.keyDown(box, { key: "Enter", keyCode: 229 });
    expect(onSend).not.toHaveBeenCalled();
    fireEvent.keyDown(box, { key: "Enter", keyCode: 13 });
    expect(onSend).toHaveBeenCalledTimes(1);
  });

  test("a blank message is not sent", async () => {
    const { box, onSend } = show();
    await userEvent.type(box, "  {Enter}");
    expect(onSend).not.toHaveBeenCalled();
  });

  test("the draft of each conversation is kept over a reload", async () => {
    const first = show();
    await userEvent.type(first.box, "half a thought");
    first.view.rerender(<Composer workspace="default" scope="conv_2" run="idle" onSend={first.onSend} />);
    expect(first.box.value).toBe("");
    first.view.unmount();
    expect(show().box.value).toBe("half a thought");
  });

  test("a message that could not be taken comes back", async () => {
    const { box, onSend } = show();
    onSend.mockImplementation((_text: string, _mode: string, restore: () => void) => restore());
    await userEvent.type(box, "precious{Enter}");
    expect(box.value).toBe("precious");
  });

  test("while a run goes on it queues, and Stop is there", async () => {
    const { box, onSend, onStop } = show("running");
    await userEvent.type(box, "next");
    await userEvent.click(screen.getByRole("button", { name: "Queue" }));
    expect(onSend.mock.calls[0]?.[0]).toBe("next");
    await userEvent.click(screen.getByTestId("stop"));
    expect(onStop).toHaveBeenCalledTimes(1);
  });

  test("says that it is stopping until the run has stopped", () => {
    show("stopping");
    expect(screen.getByTestId<HTMLButtonElement>("stop").disabled).toBe(true);
    expect(screen.getByText("Stopping…")).toBeDefined();
  });
});
