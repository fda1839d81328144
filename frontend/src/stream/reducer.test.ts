import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventBody, GatewayEvent } from "@/api/types";
import { event, message, snapshot, textPart, toolPart } from "@/testing/events";
import { type ConversationState, cursorSeq, fromSnapshot, reduce } from "./reducer";

const START = fromSnapshot(snapshot());

function play(events: readonly GatewayEvent[], from: ConversationState = START): ConversationState {
  return events.reduce(reduce, from);
}

/** A recorded run: a message from the person, a streamed answer, a command with output, the end. */
const LOG: readonly GatewayEvent[] = (
  [
    { type: "message.created", message: message("m1", { role: "user", client_id: "c1" }) },
    { type: "part.started", part: textPart("p1", "m1", "Do it") },
    { type: "run.status", status: "running", run_id: "run_1", step: 1, started_at: 5 },
    { type: "message.created", message: message("m2") },
    { type: "part.started", part: textPart("p2", "m2") },
    { type: "part.delta", part_id: "p2", text: "Let me " },
    { type: "part.delta", part_id: "p2", text: "see: 日本語 " },
    { type: "part.delta", part_id: "p2", text: "👩‍🚀." },
    { type: "part.started", part: toolPart("p3", "m2", { arguments: "", status: "proposed" }) },
    { type: "tool.args", part_id: "p3", text: '{"command":' },
    { type: "tool.args", part_id: "p3", text: '"ls"}' },
    { type: "tool.started", part_id: "p3", started_at: 20 },
    { type: "tool.output", part_id: "p3", text: "x".repeat(6_000), skipped_bytes: 0 },
    { type: "tool.output", part_id: "p3", text: "é".repeat(6_000), skipped_bytes: 0 },
    { type: "tool.output", part_id: "p3", text: "end", skipped_bytes: 70 },
    { type: "message.created", message: message("m3") },
    { type: "part.started", part: textPart("p4", "m3") },
    { type: "message.removed", message_id: "m3" },
    { type: "queue.updated", queue: [{ message_id: "m9", client_id: "c9", text: "next", created_at: 3 }] },
    { type: "context.files", files: [{ path: "a.rs", lines: 3, shown_chars: 40, version: 1 }] },
    {
      type: "wordings.updated",
      wordings: [
        {
          message_id: "m1",
          all: [
            { conversation_id: "conv_1", message_id: "m1" },
            { conversation_id: "conv_2", message_id: "m7" },
          ],
        },
      ],
    },
    { type: "run.status", status: "done", run_id: "run_1", step: 1 },
  ] satisfies EventBody[]
).map((body, index) => event(index * 3 + 1, body));

const WHOLE = play(LOG);

describe("reduce", () => {
  test("folds a log into what the person sees", () => {
    expect(WHOLE.messages.map(({ id }) => id)).toEqual(["m1", "m2"]);
    const [text, call] = WHOLE.messages[1]?.parts ?? [];
    expect(text?.body).toEqual({ type: "text", text: "Let me see: 日本語 👩‍🚀." });
    expect(call?.body).toMatchObject({ status: "running", arguments: '{"command":"ls"}' });
    expect(WHOLE.conversation.status).toBe("done");
    expect(WHOLE.queue).toHaveLength(1);
    expect(WHOLE.contextFiles).toHaveLength(1);
    expect(WHOLE.wordings[0]?.all).toHaveLength(2);
  });

  test("gives the same state however a log is split, doubled and replayed", () => {
    const restarts = fc.array(fc.tuple(fc.nat(LOG.length), fc.nat(LOG.length)), { maxLength: 8 });
    fc.assert(
      fc.property(restarts, (pairs) => {
        let state = START;
        let reached = 0;
        for (const [back, length] of pairs) {
          // A reader may be sent again what it has, but is never sent past a gap.
          const from = Math.min(back, reached);
          state = play(LOG.slice(from, from + length), state);
          reached = Math.max(reached, Math.min(LOG.length, from + length));
        }
        expect(play(LOG.slice(Math.max(0, reached - 3)), state)).toEqual(WHOLE);
      }),
    );
  });

  test("gives the same state from a snapshot taken anywhere", () => {
    fc.assert(
      fc.property(fc.nat(LOG.length), (cut) => {
        expect(play(LOG, play(LOG.slice(0, cut)))).toEqual(WHOLE);
      }),
    );
  });

  test("never changes the state that it is given", () => {
    let state = START;
    for (const next of LOG) {
      const before = structuredClone(state);
      const after = reduce(state, next);
      expect(state).toEqual(before);
      state = after;
    }
  });

  test("keeps what an event does not touch, so that only changed rows are drawn again", () => {
    const before = play(LOG.slice(0, 7));
    const after = reduce(before, event(99, { type: "part.delta", part_id: "p2", text: "!" }));
    expect(after.messages[0]).toBe(before.messages[0]);
    expect(after.messages[1]).not.toBe(before.messages[1]);
  });

  test("counts events of other conversations but does not take them", () => {
    const foreign = event(50, { type: "message.created", message: message("mx") }, "conv_2");
    expect(reduce(START, foreign)).toEqual({ ...START, seq: 50 });
  });

  test("ignores deltas of parts that are not loaded here", () => {
    const next = reduce(WHOLE, event(999, { type: "part.delta", part_id: "old", text: "?" }));
    expect(next).toEqual({ ...WHOLE, seq: 999 });
  });
});

test("a cursor's number is what follows the last dash", () => {
  expect(cursorSeq("a1b2-c3-417")).toBe(417);
});

test("what sub-agents say is kept apart from the conversation", () => {
  const nested = message("n1", { call_id: "call_1" });
  let state = fromSnapshot(snapshot());
  state = reduce(state, event(1, { type: "message.created", message: nested }));
  state = reduce(state, event(2, { type: "part.started", part: textPart("np", "n1") }));
  state = reduce(state, event(3, { type: "part.delta", part_id: "np", text: "looking" }));
  expect(state.messages).toEqual([]);
  expect(state.nested[0]?.parts[0]?.body).toEqual({ type: "text", text: "looking" });
  state = reduce(state, event(4, { type: "message.removed", message_id: "n1" }));
  expect(state.nested).toEqual([]);
});

test("plan and questions are what was told last", () => {
  const question = { call_id: "call_1", question: "Which?", choice: "one" as const };
  let state = fromSnapshot(snapshot({ questions: [question] }));
  expect(state.questions).toEqual([question]);
  const plan = { steps: [{ text: "look", status: "done" as const }] };
  state = reduce(state, event(1, { type: "plan.updated", plan }));
  state = reduce(state, event(2, { type: "questions.updated", questions: [] }));
  expect([state.plan, state.questions]).toEqual([plan, []]);
});
