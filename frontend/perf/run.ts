import type { Page } from "playwright-core";
import type { EventBody, Part, PartBody, ToolPart } from "../src/api/types";
import type { Stage } from "../stage/gateway";
import { NOW } from "../stage/pieces";
import { encoded } from "../stage/png";
import { EDIT } from "../stage/scenes";

/** Between two events: some frames, so that each is seen by itself. */
const PAUSE_MS = 60;
const PICTURE = { width: 640, height: 400 };

const THOUGHTS = [
  "The test measures time. ",
  "I read it first, then what it calls. ",
  "It may be the clock, which is read twice; ",
  "that would explain why it fails so seldom.",
];
const OUTPUT = Array.from({ length: 14 }, (_, n) => `test upload::case_${n} ... \u001b[32mok\u001b[0m\n`);
const ANSWER = `The clock is read **twice**. One reading is enough:

\`\`\`rust
/// Uploads a file, and tells how long that took.
pub fn upload(file: &File, clock: &dyn Clock) -> Result<Duration> {
    let started = clock.now(); // once, before anything else
    let sent = send(file, 65_536)?;
    Ok(clock.now() - started)
}
\`\`\`

| case | before | after |
|---|---|---|
| one file | 1 in 20 fails | passes |

1. The test injects the clock.
2. \`upload\` asks it **once**.
`;

/** Plays a run in which everything comes in that a timeline shows, in a conversation that is open in a page. */
export async function playRun(stage: Stage, page: Page, conversation: string): Promise<void> {
  const message = "m_run";
  const emit = async (body: EventBody) => {
    stage.emit(body, conversation);
    await page.waitForTimeout(PAUSE_MS);
  };
  const part = (id: string, body: PartBody, state: Part["state"] = "streaming"): Part => {
    return { id, message_id: message, state, body, started_at: NOW, ended_at: state === "done" ? NOW : null };
  };
  const say = async (id: string, type: "text" | "reasoning", pieces: readonly string[]) => {
    await emit({ type: "part.started", part: part(id, { type, text: "" }) });
    for (const text of pieces) await emit({ type: "part.delta", part_id: id, text });
    await emit({ type: "part.done", part: part(id, { type, text: pieces.join("") }, "done") });
  };
  const call = async (
    name: string,
    given: object,
    change: Partial<ToolPart>,
    output: readonly string[] = [],
  ) => {
    const id = `part_${name}_${JSON.stringify(given).length}`;
    const body = (more: Partial<ToolPart>) => ({
      type: "tool" as const,
      call_id: `call_${id}`,
      name,
      arguments: "",
      status: "proposed" as const,
      output: { head: "", tail: "", omitted_bytes: 0 },
      ...more,
    });
    await emit({ type: "part.started", part: part(id, body({})) });
    await emit({ type: "tool.args", part_id: id, text: JSON.stringify(given) });
    await emit({ type: "tool.started", part_id: id, started_at: NOW });
    for (const text of output) await emit({ type: "tool.output", part_id: id, text });
    const done = body({
      arguments: JSON.stringify(given),
      status: "ok",
      duration_ms: 1_200,
      output: { head: output.join(""), tail: "", omitted_bytes: 0 },
      ...change,
    });
    await emit({ type: "tool.finished", part: part(id, done, "done") });
  };

  stage.answers.set(
    `/conversations/${conversation}/images/seen`,
    encoded({ ...PICTURE, data: new Uint8Array(PICTURE.width * PICTURE.height * 4).fill(200) }),
  );
  await emit({ type: "run.status", status: "running", run_id: "run_1", started_at: NOW, step: 1 });
  const created = { id: message, conversation_id: conversation, role: "assistant" as const, created_at: NOW };
  await emit({ type: "message.created", message: { ...created, parts: [] } });
  await say("part_thought", "reasoning", THOUGHTS);
  for (const path of ["src/upload.rs", "src/clock.rs"])
    await call("read_file", { files: [path] }, { data: { files: [{ path, lines: 120 }] } });
  await call("grep_search", { pattern: "Clock::now" }, { data: { matches: 2 } });
  await call("run_terminal_command", { command: "cargo test upload" }, { data: { exit_code: 0 } }, OUTPUT);
  await call("edit_file", { path: "src/upload.rs" }, { data: EDIT });
  const image = { content: { stored: "seen" }, media_type: "image/png", ...PICTURE };
  await call("screenshot", {}, { images: [image] });
  await say("part_answer", "text", ANSWER.match(/[\s\S]{1,12}/g) ?? []);
  await emit({ type: "run.status", status: "done", run_id: "run_1", step: 1 });
  await page.waitForTimeout(500);
}
