import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { BranchDialog } from "./branch-dialog";
import type { FilesQuestion } from "./use-branch";

function show(conflicts: string[]) {
  const onAnswer = vi.fn();
  const question: FilesQuestion = {
    conversation: "conv_1",
    checkpoint: "cp_1",
    preview: {
      total: 2,
      files: [
        { path: "src/a.rs", action: "replace" },
        { path: "src/b.rs", action: "delete" },
      ],
      conflicts,
      impossible: [],
    },
  };
  render(<BranchDialog question={question} busy={false} onAnswer={onAnswer} />);
  return onAnswer;
}

const button = (name: RegExp) => screen.getByRole<HTMLButtonElement>("button", { name });

test("the files that changed are listed, and they are kept or go back", async () => {
  const onAnswer = show([]);
  expect(screen.getByText("2 files have changed since this message was sent.")).toBeDefined();
  expect(screen.getByText("src/b.rs")).toBeDefined();
  await userEvent.click(button(/Keep/));
  await userEvent.click(button(/Go back/));
  await userEvent.click(button(/Cancel/));
  expect(onAnswer.mock.calls).toEqual([
    [{ kind: "keep" }],
    [{ kind: "restore", overwrite: [] }],
    [{ kind: "cancel" }],
  ]);
});

test("what somebody else has changed goes back only at a second word", async () => {
  const onAnswer = show(["src/a.rs"]);
  expect(button(/Go back/).disabled).toBe(true);
  expect(button(/Keep/).disabled).toBe(false);
  await userEvent.click(screen.getByRole("checkbox"));
  await userEvent.click(button(/Go back/));
  expect(onAnswer.mock.calls).toEqual([[{ kind: "restore", overwrite: ["src/a.rs"] }]]);
});
