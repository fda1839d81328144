import { expect, test } from "vitest";
import { fromSnapshot } from "@/stream/reducer";
import { conversation, message, snapshot, textPart } from "@/testing/events";
import { handoverOf } from "./hand-over-text";

const said = (id: string, role: "user" | "assistant", text: string) =>
  message(id, { role, parts: [textPart(`part_${id}`, id, text)] });

const whole = fromSnapshot(
  snapshot({
    conversation: conversation({ id: "conv_9", title: "Fix it" }),
    messages: [
      said("1", "user", "Fix the clock."),
      said("2", "assistant", "I look."),
      said("3", "user", "And the date."),
      said("4", "assistant", "Both are right now."),
      said("5", "assistant", ""),
    ],
    plan: {
      steps: [
        { text: "The clock", status: "done" },
        { text: "The date", status: "pending" },
      ],
    },
  }),
);

test("a handover says where it comes from, what was asked first and last, what stands and what is left", () => {
  expect(handoverOf(whole, "http://here")).toMatchInlineSnapshot(`
    "This goes on from [Fix it](http://here/c/conv_9), in the same workspace.

    **The task**

    Fix the clock.

    **What was asked last**

    And the date.

    **What was answered**

    Both are right now.

    **The plan**

    - [x] The clock
    - [ ] The date

    **What comes next**

    "
  `);
});

test("what was asked first is not made up where only the newest messages are loaded, and long texts are cut", () => {
  const long = fromSnapshot(
    snapshot({
      has_more: true,
      messages: [said("8", "user", "Go on."), said("9", "assistant", "x".repeat(9_000))],
    }),
  );
  const text = handoverOf(long, "http://here");
  expect(text).not.toContain("The task");
  expect(text).toContain("Go on.");
  expect(text.length).toBeLessThan(5_000);
});
