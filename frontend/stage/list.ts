import type { SearchHit } from "../src/api/types";
import type { Stage } from "./gateway";
import { conversation, NOW, said, snapshot, text } from "./pieces";

const DAY = 86_400_000;

/** The rest of the list: what is pinned, what was before today, and a name that is longer than the list is wide. */
export function others(stage: Stage): void {
  const of = (id: string, title: string, days: number, change = {}) => {
    const at = NOW - days * DAY;
    const told = conversation(id, title, "done", { created_at: at, updated_at: at, ...change });
    stage.put(snapshot(told, [said(`m_${id}`, id, "user", [text(title)], at)]));
  };
  of("conv_older", "Measure how long the tests take, and tell which of them are slow", 9);
  of("conv_stopped", "Draw the boats of the harbour", 4, { status: "stopped" });
  of("conv_yesterday", "Rename the crates", 1);
  of("conv_limit", "Read the whole handbook", 1, { status: "limit_reached" });
  of("conv_pinned", "How we release", 3, { pinned: true });
}

const HIT = {
  conversation_id: "conv_work",
  title: "Fix flaky upload test",
  created_at: NOW - 60_000,
} as const;

/** What a search for `clock` finds. */
export function found(stage: Stage): void {
  const hits: SearchHit[] = [
    {
      ...HIT,
      message_id: "m_w2",
      part_id: "part_found",
      role: "assistant",
      excerpt: { before: "The ", found: "clock", after: " is read twice. One reading is enough:" },
    },
    {
      ...HIT,
      message_id: "m_w1",
      part_id: "part_call",
      role: "assistant",
      tool: "read_file",
      excerpt: { before: "src/", found: "clock", after: ".rs" },
    },
    {
      ...HIT,
      conversation_id: "conv_yesterday",
      title: "Rename the crates",
      message_id: "m_conv_yesterday",
      part_id: "part_old",
      role: "user",
      created_at: NOW - DAY,
      excerpt: {
        before: "…what measures time belongs into a crate of its own, called ",
        found: "clock",
        after: ", which knows nothing of the others…",
      },
    },
  ];
  stage.answers.set("/search", {
    conversations: [conversation("conv_work", "Fix the clock of the upload test", "running")],
    hits,
  });
}
