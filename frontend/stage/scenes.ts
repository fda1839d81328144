import type {
  Approval,
  ConversationSnapshot,
  Message,
  Plan,
  Problem,
  Question,
  RequestPreview,
  ToolPart,
} from "../src/api/types";
import type { Stage } from "./gateway";
import { found, others } from "./list";
import { conversation, NOW, said, snapshot, text, tool } from "./pieces";
import { shells } from "./shell";

const CODE = `The clock is read twice. One reading is enough:

\`\`\`rust
/// Uploads a file, and tells how long that took.
pub fn upload(file: &File, clock: &dyn Clock) -> Result<Duration> {
    let started = clock.now(); // once, before anything else
    let sent = send(file, 65_536)?;
    debug_assert_eq!(sent, file.len(), "all of it");
    Ok(clock.now() - started)
}
\`\`\`

| case | before | after |
|---|---|---|
| one file | 1 in 20 fails | passes |
| many files | 1 in 3 fails | passes |

1. The test injects the clock.
2. \`upload\` asks it **once**.
`;

/** Conversations in every state that the list and the page can show. */
export function fill(stage: Stage): void {
  others(stage);
  found(stage);
  shells(stage);
  stage.put(
    snapshot(conversation("conv_error", "Port the installer to Windows", "error", { problem: LIMIT }), [
      said("m_e1", "conv_error", "user", [text("Port the installer to Windows.")]),
      said("m_e2", "conv_error", "assistant", [text("I look at what it does first.")]),
    ]),
  );
  stage.put(
    snapshot(
      conversation("conv_asks", "Choose a licence for the docs", "waiting_user", { run_id: "run_asks" }),
      [
        said("m_q1", "conv_asks", "user", [text("Put a licence on the docs.")]),
        said("m_q2", "conv_asks", "assistant", [
          tool("ask_user", { question: "Which licence shall the docs have?" }, { status: "running" }),
        ]),
      ],
      { questions: [QUESTION], plan: PLAN },
    ),
  );
  stage.put(
    snapshot(
      conversation("conv_approve", "Publish the release", "waiting_approval", { run_id: "run_approve" }),
      [
        said("m_a1", "conv_approve", "user", [text("Publish it.")]),
        said("m_a2", "conv_approve", "assistant", [
          tool(
            "run_terminal_command",
            { command: "git push origin main" },
            { call_id: "call_push", status: "proposed" },
          ),
          tool(
            "write_file",
            { file: "notes.md", content: "Released." },
            { call_id: "call_notes", status: "proposed" },
          ),
        ]),
      ],
      { approvals: APPROVALS },
    ),
  );
  stage.put(
    snapshot(
      conversation("conv_work", "Fix flaky upload test", "running", {
        run_id: "run_work",
        run_started_at: NOW - 184_000,
        updated_at: NOW,
      }),
      [
        said("m_w1", "conv_work", "user", [
          text("The upload test fails one time in twenty. Find out why and repair it."),
        ]),
        said("m_w2", "conv_work", "assistant", [
          { type: "reasoning", text: "The test measures time. I read it first, then what it calls." },
          tool(
            "read_file",
            { files: ["src/upload.rs"] },
            { data: { files: [{ path: "src/upload.rs", lines: 120 }] } },
          ),
          tool(
            "read_file",
            { files: ["src/clock.rs"] },
            { data: { files: [{ path: "src/clock.rs", lines: 41 }] } },
          ),
          tool("grep_search", { pattern: "Clock::now" }, { data: { matches: 2 } }),
          text(CODE),
          tool("edit_file", { path: "src/upload.rs" }, { data: EDIT }),
          tool("run_terminal_command", { command: "cargo test upload" }, RUNNING),
        ]),
      ],
      {
        plan: PLAN,
        queue: [
          { message_id: "m_w3", client_id: "c_w3", text: "Also bump the version.", created_at: NOW - 5_000 },
        ],
        context_files: [
          { path: "src/upload.rs", lines: 120, shown_chars: 4_210, version: 3 },
          { path: "src/clock.rs", lines: 41, shown_chars: 1_380, version: 1 },
        ],
      },
    ),
  );
  stage.answers.set("/conversations/conv_work/context", NEXT);
}

/** What the model would be sent next in the run under way. */
const NEXT = {
  fingerprint: "1",
  model: "scripted-demo",
  tokens: 61_240,
  window: 128_000,
  summarises_first: false,
  summarises_at: 108_800,
  tools_tokens: 4_310,
  tools: [{ name: "read_file", description: "Opens a file.", parameters: { type: "object" } }],
  files: [
    {
      path: "src/upload.rs",
      version: 3,
      lines: 120,
      shown_lines: 120,
      tokens: 1_310,
      state: "full",
      age: 0,
      outdated: 0,
    },
    {
      path: "src/clock.rs",
      version: 1,
      lines: 2_410,
      shown_lines: 80,
      tokens: 930,
      state: "window",
      age: 4,
      outdated: 1,
    },
  ],
  total: 4,
  messages: [
    { message: { role: "system", content: "You are Slipway." }, tokens: 1_400 },
    { message: { role: "user", content: "The upload test fails." }, tokens: 12 },
    {
      message: {
        role: "assistant",
        content: "",
        tool_calls: [{ function: { name: "read_file", arguments: "{}" } }],
      },
      tokens: 40,
    },
    {
      message: { role: "tool", tool_call_id: "call_1", content: "cargo test, in short" },
      tokens: 700,
      result: { type: "collapsed", call_id: "call_1", name: "run_terminal_command", saved: 21_000 },
    },
  ],
} as unknown as RequestPreview;

const LIMIT: Problem = {
  code: "provider_rate_limited",
  status: 429,
  title: "The provider refuses more calls for now",
  detail: "429 Too Many Requests",
  hint: "Wait a minute, or choose another model.",
};

const APPROVALS: Approval[] = [
  {
    call_id: "call_push",
    tool: "run_terminal_command",
    arguments: { command: "git push origin main" },
    command: "git push origin main",
    directory: "/workspace/site",
    rule: { about: { type: "command", pattern: "git push" }, action: "ask" },
    risks: ["publishes"],
    asked_at: NOW,
    expires_at: NOW + 3_600_000,
  },
  {
    call_id: "call_notes",
    tool: "write_file",
    arguments: { file: "notes.md", content: "Released." },
    rule: { about: { type: "changes" }, action: "ask" },
    risks: ["changes"],
    asked_at: NOW,
  },
];

const QUESTION: Question = {
  call_id: "call_ask",
  question: "Which licence shall the docs have?",
  options: [
    { label: "CC BY 4.0", description: "Anyone may use them who names the authors." },
    { label: "MIT", description: "As the code." },
  ],
};

const PLAN: Plan = {
  steps: [
    { text: "Find where the clock is read", status: "done" },
    { text: "Read it once", status: "in_progress" },
    { text: "Run the test a hundred times", status: "pending" },
  ],
};

/** A small change of a file, as a call tells of it. */
export const EDIT = {
  path: "src/upload.rs",
  added: 2,
  removed: 2,
  hunks: [
    {
      old_start: 40,
      new_start: 40,
      lines: [
        { tag: "context", text: "pub fn upload(file: &File, clock: &dyn Clock) -> Result<Duration> {" },
        { tag: "del", text: "    let started = SystemClock.now();" },
        { tag: "add", text: "    let started = clock.now(); // once, before anything else" },
        { tag: "context", text: "    let sent = send(file, 65_536)?;" },
        { tag: "del", text: "    Ok(SystemClock.now() - started)" },
        { tag: "add", text: "    Ok(clock.now() - started)" },
        { tag: "context", text: "}" },
      ],
    },
  ],
};

const RUNNING: Partial<ToolPart> = {
  status: "running",
  output: {
    head: "\u001b[32m   Compiling\u001b[0m upload v0.3.1\n\u001b[32m    Finished\u001b[0m `test` profile\n\nrunning 14 tests\ntest upload::many_files ... \u001b[32mok\u001b[0m\n",
    tail: "",
    omitted_bytes: 0,
  },
};

/** An answer to the run under way that is still coming in. */
export const LIVE: Message = {
  id: "m_live",
  conversation_id: "conv_work",
  role: "assistant",
  created_at: NOW,
  parts: [
    {
      id: "part_live",
      message_id: "m_live",
      state: "streaming",
      body: { type: "text", text: "It comes in" },
      started_at: NOW,
    },
  ],
};

/** A long conversation: turns of the person, each with an answer of code, calls and a diff. */
export function long(id: string, messages: number): Omit<ConversationSnapshot, "cursor"> {
  const all = Array.from({ length: messages }, (_, n): Message => {
    const at = NOW - (messages - n) * 60_000;
    if (n % 2 === 0)
      return said(`m_${n}`, id, "user", [text(`Question ${n}: what about file ${n % 40}?`)], at);
    const bodies = [
      text(`Answer ${n}.\n\n${n % 10 === 1 ? CODE : "A short one, with `code` and **weight**."}`),
    ];
    if (n % 4 === 1) bodies.unshift(tool("read_file", { files: [`src/file${n}.rs`] }));
    if (n % 8 === 3) bodies.push(tool("edit_file", { path: "src/upload.rs" }, { data: EDIT }));
    return said(`m_${n}`, id, "assistant", bodies, at);
  });
  return snapshot(conversation(id, `${messages} messages`, "done"), all);
}
