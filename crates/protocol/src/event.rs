//! What the gateway tells its clients: numbered events on `GET /api/v1/events` (SSE).
//!
//! The SSE `id` is `<epoch>-<seq>`, `event` is the body's `type`, `data` is the [`Event`] as JSON. After
//! a reconnect with `Last-Event-ID` (or `?after=`) everything missed follows, in order, once. An unknown
//! epoch or a cursor that was compacted away is answered by an event `reset`: fetch snapshots again.
//! `event: ping` comes every 10 seconds.

use serde::{Deserialize, Serialize};

use crate::api::{Checkpoint, Conversation, QueuedMessage, SandboxStatus, Wordings};
use crate::approval::Approval;
use crate::budget::NearBudget;
use crate::git::WorkspaceGit;
use crate::id::{CheckpointId, ConversationId, MessageId, PartId, RunId, WorkspaceId};
use crate::message::{Message, NoticeLevel, Part};
use crate::plan::Plan;
use crate::problem::Problem;
use crate::question::Question;
use crate::run::ContextFile;
use crate::usage::Usage;

/// A numbered event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Event {
    /// Strictly increasing over the whole instance; not gapless for one topic.
    pub seq: i64,
    /// The conversation that it is about; `None` for instance-wide events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// When it was recorded.
    pub at: i64,
    /// What happened.
    pub body: EventBody,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type")]
pub enum EventBody {
    /// A conversation was created or its metadata changed. Sent on the topic `user` too.
    #[serde(rename = "conversation.updated")]
    ConversationUpdated {
        /// As it is now.
        conversation: Box<Conversation>,
    },
    /// A conversation was deleted. Sent on the topic `user` too.
    #[serde(rename = "conversation.deleted")]
    ConversationDeleted {
        /// Which.
        conversation_id: ConversationId,
    },
    /// A message begins; its parts follow as events of their own.
    #[serde(rename = "message.created")]
    MessageCreated {
        /// As it is now.
        message: Message,
    },
    /// A message is void (a model call that is made again).
    #[serde(rename = "message.removed")]
    MessageRemoved {
        /// Which.
        message_id: MessageId,
    },
    /// A part begins, or begins anew: replaces what there was under its id.
    #[serde(rename = "part.started")]
    PartStarted {
        /// As it is now.
        part: Part,
    },
    /// More text of a text or reasoning part.
    #[serde(rename = "part.delta")]
    PartDelta {
        /// Which.
        part_id: PartId,
        /// The text to append.
        text: String,
    },
    /// A part is final; replaces all that streamed.
    #[serde(rename = "part.done")]
    PartDone {
        /// As it is now.
        part: Part,
    },
    /// More of a tool call's arguments.
    #[serde(rename = "tool.args")]
    ToolArgs {
        /// Which.
        part_id: PartId,
        /// The text to append.
        text: String,
    },
    /// A tool call runs.
    #[serde(rename = "tool.started")]
    ToolStarted {
        /// Which.
        part_id: PartId,
        /// Since when; replaces the part's `started_at`.
        started_at: i64,
    },
    /// More live output of a tool call, to be folded into its `OutputExcerpt`: the longest whole characters
    /// that fit into 8 KiB (8192 bytes of UTF-8) are `head`, the last 8 KiB of what follows are `tail`,
    /// what lies between counts as `omitted_bytes`.
    #[serde(rename = "tool.output")]
    ToolOutput {
        /// Which.
        part_id: PartId,
        /// Bytes of output before `text` that are not sent (a flood): `head` is closed, `tail` is
        /// emptied, and both its bytes and these count as omitted.
        #[serde(default, skip_serializing_if = "is_zero")]
        skipped_bytes: u64,
        /// Raw terminal text to append.
        text: String,
    },
    /// A tool call ended.
    #[serde(rename = "tool.finished")]
    ToolFinished {
        /// As it is now.
        part: Part,
    },
    /// A run changed its state.
    #[serde(rename = "run.status")]
    RunStatus {
        /// The conversation's state.
        status: RunStatus,
        /// The run, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run_id: Option<RunId>,
        /// Number of the present step.
        #[serde(default)]
        step: u32,
        /// Since when the run goes on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        started_at: Option<i64>,
        /// Why it stands so: the error, the limit, the reason of an interruption.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<Problem>,
        /// A retry that is waited for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry: Option<Retry>,
    },
    /// The messages that wait for the run to end.
    #[serde(rename = "queue.updated")]
    QueueUpdated {
        /// All of them, in order.
        queue: Vec<QueuedMessage>,
    },
    /// Consumption changed.
    #[serde(rename = "usage.updated")]
    UsageUpdated {
        /// Of the last model call.
        last: Usage,
        /// Of the whole conversation.
        total: Usage,
        /// Tokens of the model's window in use.
        context_used: u64,
        /// The model's window; `None` when unknown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        context_limit: Option<u64>,
    },
    /// Four fifths of a budget of tokens or money are used. Told once of each limit. Sent on the topic `user` too.
    #[serde(rename = "budget.near")]
    BudgetNear {
        /// The run that goes on.
        run_id: RunId,
        /// Which budget.
        budget: NearBudget,
    },
    /// The files that the model has open changed.
    #[serde(rename = "context.files")]
    ContextFiles {
        /// All of them.
        files: Vec<ContextFile>,
    },
    /// The conversation's plan changed.
    #[serde(rename = "plan.updated")]
    PlanUpdated {
        /// As it is now.
        plan: Plan,
    },
    /// The questions that wait for the person.
    #[serde(rename = "questions.updated")]
    QuestionsUpdated {
        /// All of them, in the order in which they were asked.
        questions: Vec<Question>,
    },
    /// The calls that wait until the person has decided.
    #[serde(rename = "approvals.updated")]
    ApprovalsUpdated {
        /// All of them, in the order in which they were asked.
        approvals: Vec<Approval>,
    },
    /// Messages were said in other words.
    #[serde(rename = "wordings.updated")]
    WordingsUpdated {
        /// Of all messages that have several.
        wordings: Vec<Wordings>,
    },
    /// Workspace files changed.
    #[serde(rename = "files.changed")]
    FilesChanged {
        /// The paths known to have changed; more may have.
        paths: Vec<String>,
    },
    /// In a repository of a workspace something else was checked out, committed or begun. Told for a while after
    /// somebody asked for its repositories.
    #[serde(rename = "git.changed")]
    GitChanged {
        /// The workspace.
        workspace: WorkspaceId,
        /// Its repositories as they are now.
        git: WorkspaceGit,
    },
    /// A state of the workspace was recorded.
    #[serde(rename = "checkpoint.created")]
    CheckpointCreated {
        /// The checkpoint.
        checkpoint: Box<Checkpoint>,
    },
    /// Files were brought back to an earlier state.
    #[serde(rename = "checkpoint.restored")]
    CheckpointRestored {
        /// The state after it.
        checkpoint: Box<Checkpoint>,
        /// The state before it: restoring that undoes it.
        before: CheckpointId,
    },
    /// The sandbox came, went or changed. Sent on the topic `user`.
    #[serde(rename = "sandbox.updated")]
    SandboxUpdated {
        /// As it is now.
        sandbox: SandboxStatus,
    },
    /// Something to show that belongs to no message.
    #[serde(rename = "notice")]
    Notice {
        /// How serious it is.
        level: NoticeLevel,
        /// What to show.
        text: String,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A model call that will be made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Retry {
    /// Number of the attempt that comes next, from 2.
    pub attempt: u32,
    /// When it is made.
    pub at: i64,
}

/// Where a conversation's run stands. Clients derive nothing from silence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Nothing has run yet.
    #[default]
    Idle,
    /// Waits for capacity.
    Queued,
    /// Waits for the sandbox.
    StartingSandbox,
    /// The model or a tool works.
    Running,
    /// The person must approve a call.
    WaitingApproval,
    /// The person must answer a question.
    WaitingUser,
    /// A pause was asked for: it comes to rest before its next model call or tool call.
    Pausing,
    /// The person has paused it; it goes on when they say so.
    Paused,
    /// A stop was asked for and is being carried out.
    Stopping,
    /// The person stopped it, or Slipway was interrupted (`problem` says so); can be continued.
    Stopped,
    /// A limit was reached; can be continued.
    LimitReached,
    /// The model finished its turn.
    Done,
    /// It failed; `problem` says why. Can be continued.
    Error,
}

impl std::fmt::Display for RunStatus {
    /// How a run ended, or that it goes on, as people say it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Done => "done",
            Self::Error => "error",
            Self::LimitReached => "limit reached",
            Self::Stopped => "stopped",
            Self::Idle
            | Self::Queued
            | Self::StartingSandbox
            | Self::Running
            | Self::WaitingApproval
            | Self::WaitingUser
            | Self::Pausing
            | Self::Paused
            | Self::Stopping => "going on",
        })
    }
}

impl RunStatus {
    /// Whether a run is going on.
    pub fn is_active(self) -> bool {
        matches!(
            self,
            Self::Queued
                | Self::StartingSandbox
                | Self::Running
                | Self::WaitingApproval
                | Self::WaitingUser
                | Self::Pausing
                | Self::Paused
                | Self::Stopping
        )
    }
}
