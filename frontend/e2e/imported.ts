import type { Page } from "playwright-core";
import { environment } from "./environment";

/** A call of a tool with what came of it. */
export interface Call {
  tool: string;
  given: unknown;
  /** What the model was told. */
  told?: string;
  data?: unknown;
  failed?: boolean;
}

/** One thing that is said: by the person, or by the model with its calls. */
export type Said = { user: string } | { text?: string; reasoning?: string; calls?: Call[] };

/** Makes a conversation in which all this was said, by importing a file; gives its id. */
export async function imported(page: Page, title: string, said: readonly Said[]): Promise<string> {
  const start = Date.now() - said.length * 1_000;
  const entries = said.flatMap((one, place) => entriesOf(one, place, start + place * 1_000));
  const answer = await page.request.post(`${environment.url}/api/v1/conversations/import`, {
    headers: { "content-type": "application/json" },
    data: { ...FILE, exported_at: start, conversation: about(title, start), runs: [run(start, entries)] },
  });
  if (!answer.ok())
    throw new Error(`the import was answered with ${answer.status()}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** `count` messages, by turns of the person and the model, each with its number in its words. */
export function manyMessages(count: number): Said[] {
  return Array.from({ length: count }, (_, n): Said => {
    if (n % 2 === 0) return { user: `Question number ${n}.` };
    return { text: `Answer number ${n}.\n\nIt has a second paragraph, as answers do.` };
  });
}

const FILE = {
  format: "slipway.conversation",
  version: 1,
  slipway_version: "0.1.0",
  limits: { max_steps: 30, max_parallel_calls: 5, max_output_tokens: 32_768 },
  context_mode: "by_profile",
  prompt: { date: "2026-01-01", workspace: "/workspace", desktop: true, container: true, instructions: "" },
  not_recorded: [],
};

const about = (title: string, at: number) => ({
  id: "conv_of_a_file",
  title,
  status: "done",
  created_at: at,
  updated_at: at,
  usage: {},
});

const run = (at: number, entries: unknown[]) => ({
  id: "run_of_a_file",
  provider: { id: "file", name: "file", profile: "custom", scripted: false },
  model: "of-a-file",
  status: "done",
  started_at: at,
  ended_at: at + entries.length,
  entries,
});

function entriesOf(said: Said, place: number, at: number): unknown[] {
  if ("user" in said) {
    return [{ type: "user", id: `msg_f${place}`, text: said.user, origin: "person", created_at: at }];
  }
  const calls = (said.calls ?? []).map((call, n) => ({ ...call, id: `call_f${place}_${n}` }));
  const step = {
    type: "assistant",
    id: `msg_f${place}`,
    step: 1,
    text: said.text ?? "",
    reasoning: said.reasoning ?? "",
    tool_calls: calls.map(({ id, tool, given }) => ({ id, name: tool, arguments: JSON.stringify(given) })),
    finish: calls.length > 0 ? "tool_calls" : "stop",
    model: "of-a-file",
    created_at: at,
  };
  const results = calls.map(({ id, tool, told, data, failed }) => ({
    type: "tool_result",
    call_id: id,
    name: tool,
    status: failed ? "error" : "ok",
    text: told ?? "Done.",
    data: data ?? null,
    truncated: false,
    view_changes: [],
    changed_paths: [],
    duration_ms: 12,
    created_at: at,
  }));
  return [step, ...results];
}
