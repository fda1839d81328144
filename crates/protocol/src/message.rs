//! The timeline as a person sees it: messages made of parts. A client's state is a fold of
//! [`crate::event`]s over a snapshot of these.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{CallId, ConversationId, MessageId, PartId, RunId};
use crate::tool::{ToolImage, ToolStatus};
use crate::transcript::Attachment;

/// A turn's piece: what somebody said, or one step of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// The run that made it or that it started; `None` while it waits in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// Who speaks.
    pub role: Role,
    /// What it consists of, in order.
    pub parts: Vec<Part>,
    /// Files that go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The call inside which a sub-agent says it; `None` for what is said in the conversation itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
    /// The id that the sender chose; lets a client recognise its own message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// When it began.
    pub created_at: i64,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A person (or a program in their name).
    User,
    /// The model.
    Assistant,
    /// Slipway itself: notices in the timeline.
    System,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Part {
    /// Its id.
    pub id: PartId,
    /// The message that it belongs to.
    pub message_id: MessageId,
    /// Whether more may come.
    pub state: PartState,
    /// What it is.
    pub body: PartBody,
    /// When it began.
    pub started_at: i64,
    /// When it was final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
}

/// Whether more of a part may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// Deltas may follow.
    Streaming,
    /// Final.
    Done,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PartBody {
    /// Visible text in Markdown.
    Text {
        /// The text so far.
        text: String,
    },
    /// The model's reasoning.
    Reasoning {
        /// The text so far.
        text: String,
    },
    /// A tool call and what came of it.
    Tool(Box<ToolPart>),
    /// Something that Slipway has to say to the person.
    Notice {
        /// How serious it is.
        level: NoticeLevel,
        /// What to show.
        text: String,
        /// The conversation that it speaks of, to be linked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
    },
}

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Something is not as it should be, but work goes on.
    Warning,
    /// Something failed.
    Error,
}

/// A tool call in the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ToolPart {
    /// The call; unique in the conversation.
    pub call_id: CallId,
    /// The tool's name.
    pub name: String,
    /// The arguments text as received so far (final once `status` is past `proposed`).
    pub arguments: String,
    /// Where it stands.
    pub status: ToolPartStatus,
    /// Live output as a terminal would show it: its beginning and its end.
    #[serde(default)]
    pub output: OutputExcerpt,
    /// What the model was told; `None` until the call has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Structured particulars; the shape depends on the tool.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
    /// Pictures that belong to the result, to be had by
    /// `GET /api/v1/conversations/{id}/images/{image_id}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ToolImage>,
    /// The arguments as applied, where they differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_arguments: Option<String>,
    /// How long it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
}

/// Where a tool call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolPartStatus {
    /// Its arguments are still streaming, or it waits for its turn.
    Proposed,
    /// It runs.
    Running,
    /// See [`ToolStatus::Ok`].
    Ok,
    /// See [`ToolStatus::Error`].
    Error,
    /// See [`ToolStatus::Denied`].
    Denied,
    /// See [`ToolStatus::Stopped`].
    Stopped,
    /// See [`ToolStatus::TimedOut`].
    TimedOut,
    /// See [`ToolStatus::Interrupted`].
    Interrupted,
}

impl From<ToolStatus> for ToolPartStatus {
    fn from(status: ToolStatus) -> Self {
        match status {
            ToolStatus::Ok => Self::Ok,
            ToolStatus::Error => Self::Error,
            ToolStatus::Denied => Self::Denied,
            ToolStatus::Stopped => Self::Stopped,
            ToolStatus::TimedOut => Self::TimedOut,
            ToolStatus::Interrupted => Self::Interrupted,
        }
    }
}

/// The beginning and the end of a long text. The whole is to be had by
/// `GET /api/v1/conversations/{id}/calls/{call_id}/output`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OutputExcerpt {
    /// The first characters.
    pub head: String,
    /// The last characters; empty when `head` is all there is.
    pub tail: String,
    /// Bytes between `head` and `tail` that are left out.
    pub omitted_bytes: u64,
}
