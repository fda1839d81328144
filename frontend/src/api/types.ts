/** Names for the wire types of the gateway's API; the one place that knows how they are produced. */

export interface Problem {
  code: string;
  title: string;
  detail?: string;
  hint?: string;
  status: number;
  retry_after_ms?: number | null;
}

export interface ModelChoice {
  provider_id: string;
  model: string;
}

export type RunStatus =
  | "idle"
  | "queued"
  | "starting_sandbox"
  | "running"
  | "waiting_approval"
  | "waiting_user"
  | "stopping"
  | "stopped"
  | "limit_reached"
  | "done"
  | "error";

export interface Conversation {
  id: string;
  title: string;
  status: RunStatus;
  run_id?: string | null;
  run_started_at?: number | null;
  problem?: Problem | null;
  model: ModelChoice;
  scripted: boolean;
  created_at: number;
  updated_at: number;
}

export interface ConversationPage {
  items: Conversation[];
  next?: string | null;
  cursor: string;
}

export interface Attachment {
  path: string;
  mime?: string;
}

export interface QueuedMessage {
  message_id: string;
  client_id: string;
  text: string;
  created_at: number;
}

export interface Usage {
  input?: number;
  cached?: number;
  output?: number;
  reasoning?: number;
  cost_micros?: number | null;
  source?: "reported" | "estimated";
}

export interface ContextFile {
  path: string;
  lines: number;
  shown_chars: number;
  version: number;
}

export type NoticeLevel = "info" | "warning" | "error";

export type ToolPartStatus =
  | "proposed"
  | "running"
  | "ok"
  | "error"
  | "denied"
  | "stopped"
  | "timed_out"
  | "interrupted";

export interface OutputExcerpt {
  head: string;
  tail: string;
  omitted_bytes: number;
}

export interface ToolPart {
  call_id: string;
  name: string;
  arguments: string;
  status: ToolPartStatus;
  output?: OutputExcerpt;
  result?: string | null;
  data?: unknown;
  corrected_arguments?: string | null;
  duration_ms?: number | null;
}

export type PartBody =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  | (ToolPart & { type: "tool" })
  | { type: "notice"; level: NoticeLevel; text: string };

export interface Part {
  id: string;
  message_id: string;
  state: "streaming" | "done";
  body: PartBody;
  started_at: number;
  ended_at?: number | null;
}

export interface Message {
  id: string;
  conversation_id: string;
  run_id?: string | null;
  role: "user" | "assistant" | "system";
  parts: Part[];
  attachments?: Attachment[];
  client_id?: string | null;
  created_at: number;
}

export interface ConversationSnapshot {
  conversation: Conversation;
  messages: Message[];
  has_more: boolean;
  queue: QueuedMessage[];
  usage: Usage;
  context_used: number;
  context_limit?: number | null;
  context_files: ContextFile[];
  cursor: string;
}

export type SendMode = "queue" | "interrupt";

export interface SendMessage {
  client_id: string;
  text: string;
  attachments?: Attachment[];
  mode?: SendMode;
}

export interface SendReceipt {
  message_id: string;
  run_id?: string | null;
}

export interface Provider {
  id: string;
  profile: string;
  name: string;
  base_url: string;
  has_key: boolean;
  models: string[];
  scripted: boolean;
  extra_body?: Record<string, unknown>;
}

export interface ProviderPreset {
  profile: string;
  name: string;
  base_url: string;
  key_url: string;
  needs_key: boolean;
  models: string[];
}

export interface ProviderList {
  providers: Provider[];
  presets: ProviderPreset[];
  default_model: ModelChoice;
}

export interface SaveProvider {
  profile: string;
  name: string;
  base_url: string;
  api_key?: string | null;
  models: string[];
  extra_body?: Record<string, unknown>;
}

export interface TestProvider {
  provider_id?: string | null;
  provider: SaveProvider;
  model: string;
}

export type ProviderTestResult =
  | { type: "works"; latency_ms: number; model: string; calls_tools: boolean }
  | { type: "fails"; problem: Problem };

export interface RunLimits {
  max_steps?: number;
  max_parallel_calls?: number;
  max_output_tokens?: number | null;
}

export interface Settings {
  default_model: ModelChoice;
  limits: RunLimits;
  instructions: string;
  setup_done: boolean;
}

export interface SandboxStatus {
  attached: boolean;
  confinement?: "container" | "landlock" | "none" | null;
  workspace: string;
  desktop: boolean;
  warning?: string | null;
}

export interface Instance {
  version: string;
  number: number;
  desktop_url?: string | null;
  sandbox: SandboxStatus;
  needs_setup: boolean;
}

export interface OutputRange {
  text: string;
  from: number;
  to: number;
  total: number;
}

export interface Retry {
  attempt: number;
  at: number;
}

export type EventBody =
  | { type: "conversation.updated"; conversation: Conversation }
  | { type: "conversation.deleted"; conversation_id: string }
  | { type: "message.created"; message: Message }
  | { type: "message.removed"; message_id: string }
  | { type: "part.started"; part: Part }
  | { type: "part.delta"; part_id: string; text: string }
  | { type: "part.done"; part: Part }
  | { type: "tool.args"; part_id: string; text: string }
  | { type: "tool.started"; part_id: string; started_at: number }
  | { type: "tool.output"; part_id: string; skipped_bytes?: number; text: string }
  | { type: "tool.finished"; part: Part }
  | {
      type: "run.status";
      status: RunStatus;
      run_id?: string | null;
      step?: number;
      started_at?: number | null;
      problem?: Problem | null;
      retry?: Retry | null;
    }
  | { type: "queue.updated"; queue: QueuedMessage[] }
  | {
      type: "usage.updated";
      last: Usage;
      total: Usage;
      context_used: number;
      context_limit?: number | null;
    }
  | { type: "context.files"; files: ContextFile[] }
  | { type: "files.changed"; paths: string[] }
  | { type: "sandbox.updated"; sandbox: SandboxStatus }
  | { type: "notice"; level: NoticeLevel; text: string };

/** A numbered event of `GET /api/v1/events`. */
export interface GatewayEvent {
  seq: number;
  conversation_id?: string | null;
  at: number;
  body: EventBody;
}
