//! The tool provider interface: `GET /v1/tools`, `POST /v1/tools/{name}` answering NDJSON of
//! [`ToolStreamItem`], `DELETE /v1/calls/{invocation}`, `POST /v1/views` (see [`crate::view`]).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{CallId, ConversationId, ImageId, InvocationId};
use crate::view::ViewChange;

/// Field of [`ToolOutcome::data`] with the path of the file that holds the whole of a long output.
pub const FULL_OUTPUT: &str = "full_output";

/// A tool as it is offered to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ToolSpec {
    /// The function name that the model calls.
    pub name: String,
    /// What the tool does and when to use it, written for the model.
    pub description: String,
    /// JSON Schema of the arguments object.
    pub parameters: Value,
    /// Whether calls may run concurrently with others of the same step.
    pub access: ToolAccess,
}

/// Whether a tool changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolAccess {
    /// Changes nothing; calls of one step run concurrently.
    ReadOnly,
    /// May change the workspace or the world; calls run one after the other in call order.
    Writing,
}

/// Answer of `GET /v1/tools`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolList {
    /// The tools, in the fixed order in which models are told of them.
    pub tools: Vec<ToolSpec>,
}

/// Body of `POST /v1/tools/{name}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolInvocation {
    /// This execution; the handle for cancelling it.
    pub invocation_id: InvocationId,
    /// The model's call that asked for it.
    pub call_id: CallId,
    /// Whose shell and state to use.
    pub conversation_id: ConversationId,
    /// The step in which the call was made; calls of one step see the files as the model saw them.
    pub step: u32,
    /// The arguments object. Values of wrong types are the tool's to report.
    pub arguments: Value,
}

/// One line of the NDJSON answer of `POST /v1/tools/{name}`: any number of outputs, then one result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToolStreamItem {
    /// Live output for the person (not for the model).
    Output {
        /// Raw text as a terminal would get it, ANSI sequences included.
        text: String,
    },
    /// The end of the call.
    Result(Box<ToolOutcome>),
    /// Instead of all others: nothing was done, because the person must approve the call first.
    Held,
}

/// How a tool call ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ToolOutcome {
    /// In one word.
    pub status: ToolStatus,
    /// What the model is told.
    pub text: String,
    /// Structured particulars for the UI; its shape depends on the tool (see each tool's `Data` type).
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
    /// Whether `text` leaves out part of the tool's output.
    #[serde(default)]
    pub truncated: bool,
    /// The arguments as they were applied, when they differ from what the model wrote
    /// (JSON text, keys in schema order).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_arguments: Option<String>,
    /// Pictures that belong to the text, for models that see and for the person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ToolImage>,
    /// Files that this call opened or closed in the living tool state, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub view_changes: Vec<ViewChange>,
    /// Workspace paths that this call is known to have changed (a shell command may have changed others).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed_paths: Vec<String>,
}

impl ToolOutcome {
    /// An outcome with a status and the model's text; everything else empty.
    pub fn new(status: ToolStatus, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            data: Value::Null,
            truncated: false,
            images: Vec::new(),
            corrected_arguments: None,
            view_changes: Vec::new(),
            changed_paths: Vec::new(),
        }
    }

    /// A success with the model's text.
    pub fn ok(text: impl Into<String>) -> Self {
        Self::new(ToolStatus::Ok, text)
    }

    /// A failure with the model's text, which says what happened, why, and what to do instead.
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(ToolStatus::Error, text)
    }
}

/// A picture that came of a tool call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ToolImage {
    /// Media type, for example `image/png`.
    pub media_type: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Where its bytes are.
    pub content: ImageContent,
}

/// Where a picture's bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImageContent {
    /// Here, in Base64: on the way from the tool host to the gateway, which keeps them.
    Inline(String),
    /// With the gateway, under this id: in transcripts and in the timeline.
    Stored(ImageId),
}

impl ToolImage {
    /// The id, once the gateway keeps the bytes.
    pub fn id(&self) -> Option<&ImageId> {
        match &self.content {
            ImageContent::Stored(id) => Some(id),
            ImageContent::Inline(_) => None,
        }
    }
}

/// How a tool call ended, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolStatus {
    /// Did what was asked. A command that exited with a code other than 0 is `ok` too: the tool worked.
    Ok,
    /// Did nothing, or not all; the text says why.
    Error,
    /// A policy or the person refused it.
    Denied,
    /// The person stopped it.
    Stopped,
    /// The time limit passed; the text says what became of the work.
    TimedOut,
    /// Slipway itself was interrupted (crash, restart) and cannot tell whether the call took effect.
    Interrupted,
}

impl std::fmt::Display for ToolStatus {
    /// As people say it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Denied => "denied",
            Self::Stopped => "stopped",
            Self::TimedOut => "timed out",
            Self::Interrupted => "interrupted",
        })
    }
}
