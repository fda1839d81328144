//! The engine's interface: `POST /v1/runs` with a [`RunRequest`], answered by an SSE stream of
//! [`EngineEvent`]s (one JSON value per `data:` line). Dropping the connection cancels the run.

mod endpoint;

use serde::{Deserialize, Serialize};

pub use self::endpoint::ModelEndpoint;
use crate::approval::HeldCall;
use crate::budget::{Allowance, Budget, Reservation, Spending};
use crate::id::{CallId, ConversationId, MessageId, RunId};
use crate::message::NoticeLevel;
use crate::problem::Problem;
use crate::question::Question;
use crate::transcript::Entry;
use crate::usage::Usage;

/// Everything a run needs; the engine keeps nothing between runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunRequest {
    /// The run, for logs and for the tool endpoints.
    pub run_id: RunId,
    /// Whose transcript this is.
    pub conversation_id: ConversationId,
    /// All entries so far, oldest first. A tool call without a result is reported to the model as
    /// interrupted, never repeated.
    pub transcript: Vec<Entry>,
    /// Calls of the last answer that are to be made first: they were left for later, and the person has
    /// decided about them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<CallId>,
    /// The model to call.
    pub model: ModelEndpoint,
    /// A cheaper model for sub-agents and for work on the side, such as reading long pages; `None` when there is
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secondary: Option<ModelEndpoint>,
    /// When to end the run.
    #[serde(default)]
    pub limits: RunLimits,
    /// When sub-agents end.
    #[serde(default)]
    pub subagents: SubagentLimits,
    /// What this run has consumed before it waited for the person. Its steps are numbered on from there.
    #[serde(default)]
    pub spent: Spending,
    /// What all runs of the conversation may consume together, and what they have.
    #[serde(default)]
    pub conversation_budget: Allowance,
    /// Where the tools are; asked in order, the first that offers a name answers for it.
    pub tools: Vec<ToolEndpoint>,
    /// How open files are laid out in the context.
    #[serde(default)]
    pub context_mode: ContextMode,
    /// Characters of a web page's text that the model is given at a time.
    #[serde(default = "page_chars")]
    pub page_chars: u32,
    /// Particulars for the system prompt; fixed for the conversation, or the prompt cache is lost.
    #[serde(default)]
    pub prompt: PromptFacts,
}

/// What is usual where nobody has set it.
fn page_chars() -> u32 {
    crate::api::SandboxSettings::default().page_chars
}

/// Where tools are to be had, and the run's permission to use them.
#[derive(Clone, Serialize, Deserialize)]
pub struct ToolEndpoint {
    /// Base URL; `/v1/tools` and the other paths of [`crate::tool`] are appended.
    pub url: String,
    /// Bearer token, valid for this run only.
    pub token: String,
}

impl std::fmt::Debug for ToolEndpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ToolEndpoint").field("url", &self.url).finish_non_exhaustive()
    }
}

/// When a run ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct RunLimits {
    /// Most steps in one run; then the person may continue.
    pub max_steps: u32,
    /// Most read-only calls at the same time.
    pub max_parallel_calls: u32,
    /// Most output tokens of one answer; `None` leaves it to the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u32>,
    /// Most tokens of all model calls of one run together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_total_tokens: Option<u64>,
    /// Most money for one run, in millionths of the currency unit of the provider's prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cost_micros: Option<u64>,
    /// Most minutes of one run: no model call begins after them, and one that goes on is given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_minutes: Option<u64>,
}

impl RunLimits {
    /// What one run may consume.
    pub fn budget(&self) -> Budget {
        Budget {
            steps: Some(self.max_steps.into()),
            tokens: self.max_total_tokens,
            cost_micros: self.max_cost_micros,
            minutes: self.max_minutes,
        }
    }

    /// These limits, with those of `own` instead where it has some.
    #[must_use]
    pub fn with(mut self, own: Budget) -> Self {
        let budget = own.or(self.budget());
        self.max_steps =
            budget.steps.map_or(self.max_steps, |steps| u32::try_from(steps).unwrap_or(u32::MAX));
        self.max_total_tokens = budget.tokens;
        self.max_cost_micros = budget.cost_micros;
        self.max_minutes = budget.minutes;
        self
    }
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            max_steps: 30,
            max_parallel_calls: 5,
            max_output_tokens: Some(32_768),
            max_total_tokens: None,
            max_cost_micros: None,
            max_minutes: None,
        }
    }
}

/// Limits of each sub-agent, within what is left to its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct SubagentLimits {
    /// Most steps.
    pub max_steps: u32,
    /// Most tokens of all its model calls.
    pub max_tokens: u64,
    /// Most minutes.
    pub max_minutes: u64,
    /// Most sub-agents of a run that work at the same time.
    pub max_at_once: u32,
    /// Most characters of its report.
    pub max_report_chars: u64,
}

impl Default for SubagentLimits {
    fn default() -> Self {
        Self {
            max_steps: 20,
            max_tokens: 1_000_000,
            max_minutes: 10,
            max_at_once: 3,
            max_report_chars: 24_000,
        }
    }
}

/// How open files are laid out in the context.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContextMode {
    /// [`ContextMode::Auto`] where the provider is known to sell cached input cheaper, otherwise
    /// [`ContextMode::PerFile`].
    #[default]
    ByProfile,
    /// Exactly one visible copy of every open file, each where it was last rendered.
    PerFile,
    /// Stale copies collapse when that pays under the provider's cache prices.
    Auto,
    /// All open files in one block on the newest tool message.
    Consolidated,
}

/// Facts that the system prompt states.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct PromptFacts {
    /// Date on which the conversation began, `YYYY-MM-DD`.
    pub date: String,
    /// Absolute path of the workspace as the tools see it.
    pub workspace: String,
    /// Whether a desktop can show windows.
    pub desktop: bool,
    /// Whether tools run in a container or straight on the person's machine.
    pub container: bool,
    /// The person's standing instructions.
    pub instructions: String,
    /// What the agent is there for.
    #[serde(skip_serializing_if = "AgentRole::is_main")]
    pub role: AgentRole,
}

/// What an agent is there for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentRole {
    /// To work on the person's task.
    #[default]
    Main,
    /// To look into something for another agent, without changing anything.
    Subagent,
}

impl AgentRole {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_main(&self) -> bool {
        *self == Self::Main
    }
}

/// What the engine tells while a run goes on. Entries come as they become final: the assistant step
/// before its tools start, each tool result as it ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EngineEvent {
    /// A model call begins. Its deltas carry `message_id`, as will its assistant entry.
    StepStarted {
        /// Number of the step in this run, from 1.
        step: u32,
        /// Id of the assistant message to come.
        message_id: MessageId,
    },
    /// More visible text.
    TextDelta {
        /// The text to append.
        text: String,
    },
    /// More reasoning.
    ReasoningDelta {
        /// The text to append.
        text: String,
    },
    /// More of a tool call's arguments.
    ToolCallDelta {
        /// Position of the call in the answer, from 0.
        index: u32,
        /// The call's final id: the same that its [`crate::transcript::ToolCall`] will carry.
        call_id: CallId,
        /// The tool's name as known so far.
        name: String,
        /// The arguments text to append.
        arguments: String,
    },
    /// A model call failed before anything was done on its answer, and is made again after a wait.
    /// What had streamed for the present step is void.
    Retrying {
        /// Number of the attempt that comes next, from 2.
        attempt: u32,
        /// How long until then.
        wait_ms: u64,
        /// Why.
        problem: Problem,
    },
    /// An entry is final.
    Entry {
        /// What to append to the transcript.
        entry: Box<Entry>,
    },
    /// A tool call starts.
    ToolStarted {
        /// The call.
        call_id: CallId,
    },
    /// Live output of a running tool call.
    ToolOutput {
        /// The call.
        call_id: CallId,
        /// Raw terminal text to append.
        text: String,
    },
    /// The set of open files or their sizes changed.
    ContextFiles {
        /// All open files, in the order in which they were opened.
        files: Vec<ContextFile>,
    },
    /// What the last model call consumed.
    Usage {
        /// Its tokens.
        usage: Usage,
        /// Tokens of the model's window in use after it.
        context_used: u64,
        /// The model's window; `None` when unknown.
        context_limit: Option<u64>,
        /// Input tokens that the provider should have found in its cache; `None` where nothing could be
        /// expected.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        predicted_cached: Option<u64>,
    },
    /// A model call is about to be made. Every one is followed by `Settled`, unless the run is given up.
    Reserved {
        /// What it counts as if it is not settled.
        call: Reservation,
    },
    /// What a model call counts as, however it ended.
    Settled {
        /// What to add to the budgets.
        spent: Spending,
        /// What a call that failed has probably consumed; no `Usage` tells of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failed: Option<Usage>,
    },
    /// Something that happened in a sub-agent. Its calls and entries are no part of the run's transcript.
    Nested {
        /// The call inside which it works.
        call_id: CallId,
        /// What happened.
        event: Box<EngineEvent>,
    },
    /// Something to tell the person; no part of the transcript.
    Notice {
        /// How serious it is.
        level: NoticeLevel,
        /// What to show.
        text: String,
    },
    /// The run is over; the last event.
    Finished {
        /// How it ended.
        outcome: RunOutcome,
    },
}

/// An open file in the living tool state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ContextFile {
    /// Workspace path.
    pub path: String,
    /// Lines of the whole file.
    pub lines: u32,
    /// Characters of its rendering in the context.
    pub shown_chars: u64,
    /// Version of the view that the model sees.
    pub version: u32,
    /// Whether the person has pinned it: it is not closed because it was not used for long.
    #[serde(default)]
    pub pinned: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RunOutcome {
    /// The model answered without asking for tools.
    Completed,
    /// A limit was reached; the run can be continued.
    LimitReached {
        /// Which limit, and what to do.
        problem: Problem,
    },
    /// The model asked for the work to go on in a new conversation, because this one fills its window.
    HandedOver {
        /// What the new conversation begins with.
        prompt: String,
    },
    /// The person is needed. The run is to go on when each of the questions has a result and the person has
    /// decided about the calls.
    Asks {
        /// What the model asks, in call order.
        questions: Vec<Question>,
        /// Calls that were left for later, because the person must approve one of them, in call order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        held: Vec<HeldCall>,
    },
    /// It came to rest, as it was told to, before a model call or a tool call. Calls of the last answer may have no
    /// result yet; they are to be made first when it goes on.
    Paused,
    /// The person stopped it.
    Stopped,
    /// It could not go on.
    Failed {
        /// Why, and what to do.
        problem: Problem,
    },
}
