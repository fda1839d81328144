//! The transcript: the append-only record of what happened in a conversation.
//!
//! The context that a model is sent is a projection of it; nothing here is ever edited in place.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{CallId, MessageId};
use crate::plan::Plan;
use crate::tool::ToolOutcome;
use crate::usage::Usage;
use crate::view::RenderedFile;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Entry {
    /// Somebody said something to the model.
    User(UserMessage),
    /// The model answered.
    Assistant(AssistantStep),
    /// A tool call ended.
    ToolResult(ToolResult),
    /// A call's arguments were applied in another form than the model wrote them.
    Correction(Correction),
    /// A new rendering of an open file; supersedes the file's earlier views.
    View(View),
    /// Slipway tells the model something; rides on the newest tool result or user message.
    Notice(Notice),
    /// The conversation goes on in, or comes from, another one.
    Handover(Handover),
    /// Earlier entries are shown to the model in another way from here on.
    ContextChange(ContextChange),
    /// The plan is another one from here on.
    Plan(PlanUpdate),
}

/// A plan, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanUpdate {
    /// The whole plan.
    #[serde(flatten)]
    pub plan: Plan,
    /// Who made it.
    pub origin: PlanOrigin,
}

/// Where a plan comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanOrigin {
    /// A call in this conversation, which the model sees.
    Call,
    /// The conversation that this one goes on from; the model is shown it.
    Handover,
}

/// How earlier entries are shown to the model from the next request on, or what is to hold when that is decided. The
/// engine decides it, or the person; recorded, so that the context stays a pure function of the transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ContextChange {
    /// Superseded views shrink to a line each.
    Collapse {
        /// Which.
        views: Vec<ViewId>,
    },
    /// Open files are closed to make room; a notice tells the model.
    Evict {
        /// Their paths.
        paths: Vec<String>,
    },
    /// Tool results are shown by their beginning and end only; the whole stays in the transcript.
    Mask {
        /// The results' calls.
        calls: Vec<CallId>,
    },
    /// A summary stands for the oldest entries.
    Compact {
        /// How many entries, from the first.
        entries: u32,
        /// What the model is shown instead of them.
        summary: String,
    },
    /// The person pins an open file: it is not closed because it was not used for long. Changes nothing of what the
    /// model is sent now, and the model is not told. A pin lasts as long as the file is open: it ends when the model or the person
    /// closes the file, when the file is deleted, and when nothing else is left that could make room. A file that is not open has none.
    Pin {
        /// Workspace path.
        path: String,
    },
    /// The person takes a pin back; the file stays open.
    Unpin {
        /// Workspace path.
        path: String,
    },
}

/// Names a view.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ViewId {
    /// Workspace path.
    pub path: String,
    /// The view's version.
    pub version: u32,
}

/// A message to the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserMessage {
    /// Its id in the timeline.
    pub id: MessageId,
    /// What was said, in Markdown.
    pub text: String,
    /// Files that go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Who said it.
    #[serde(default)]
    pub origin: Origin,
    /// When.
    pub created_at: i64,
}

/// A workspace file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attachment {
    /// Workspace path.
    pub path: String,
    /// Media type, for example `image/png`.
    pub media_type: String,
}

/// Who a user message comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A person, through the browser or the command line.
    #[default]
    Person,
    /// An earlier conversation that handed over to this one.
    Handover,
    /// A parent run that delegated to this one.
    Parent,
}

/// One model call's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AssistantStep {
    /// Its id in the timeline.
    pub id: MessageId,
    /// Number of this step in its run, from 1.
    pub step: u32,
    /// Visible text.
    #[serde(default)]
    pub text: String,
    /// Reasoning text, if the provider shows any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reasoning: String,
    /// Fields of the provider's message that Slipway does not interpret, verbatim, to be sent back
    /// (for example `reasoning_details`).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub opaque: Map<String, Value>,
    /// Tool calls in the order received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Why the model stopped.
    pub finish: Finish,
    /// What the call consumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The model that answered, by the provider's own name.
    pub model: String,
    /// When the answer was complete.
    pub created_at: i64,
}

/// A tool call as the model made it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ToolCall {
    /// Unique in the conversation.
    pub id: CallId,
    /// The function's name, which may be one that does not exist.
    pub name: String,
    /// The arguments text exactly as received, which may not be JSON.
    pub arguments: String,
    /// Fields of the provider's call that Slipway does not interpret, verbatim, to be sent back
    /// (for example `extra_content`).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub opaque: Map<String, Value>,
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It was done.
    Stop,
    /// It wants tools to run.
    ToolCalls,
    /// The output limit cut it off.
    Length,
    /// The provider withheld the answer.
    Filtered,
    /// The person stopped the run while it was answering; what had arrived is kept.
    Stopped,
    /// A reason that Slipway does not know, as received.
    Other(String),
}

/// What a tool call came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ToolResult {
    /// The call.
    pub call_id: CallId,
    /// The tool's name.
    pub name: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: ToolOutcome,
    /// How long it ran.
    pub duration_ms: u64,
    /// When it ended.
    pub created_at: i64,
}

/// A call's arguments as applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Correction {
    /// The call.
    pub call_id: CallId,
    /// Canonical JSON text.
    pub arguments: String,
}

/// A rendering of an open file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct View {
    /// Counts the views of this file in this conversation, from 1.
    pub version: u32,
    /// The file as it was.
    #[serde(flatten)]
    pub file: RenderedFile,
}

/// A note from Slipway to the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notice {
    /// What the model is told.
    pub text: String,
}

/// A link between two conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Handover {
    /// The other conversation.
    pub conversation_id: crate::id::ConversationId,
    /// What was handed over.
    pub prompt: String,
}
