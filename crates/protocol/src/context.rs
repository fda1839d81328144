//! What the model would be sent next, told to the person: the answer of the engine's `POST /v1/previews`, which takes
//! the [`crate::run::RunRequest`] that a run would begin with, and, in parts, of the gateway's
//! `GET /conversations/{id}/context`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::CallId;
use crate::transcript::ContextChange;

/// The request that the next step would make, without what reaches the provider beside tools and messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RequestPreview {
    /// Differs whenever tools or messages do.
    pub fingerprint: String,
    /// The model that would be asked.
    pub model: String,
    /// Estimated tokens of all of it, as far as they can be known from what the provider has counted before.
    pub tokens: u64,
    /// The model's window in tokens; `None` where it is not known.
    pub window: Option<u64>,
    /// Whether the older part would be summarised first, because all of this does not fit.
    pub summarises_first: bool,
    /// Tokens from which on the older part is summarised; `None` where the window is not known.
    pub summarises_at: Option<u64>,
    /// Estimated tokens of the tools and whatever else is sent beside messages.
    pub tools_tokens: u64,
    /// What the model can call, as it is told; only with the first message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<PreviewTool>,
    /// The open files, in the order in which they were opened.
    pub files: Vec<PreviewFile>,
    /// How many messages there are in all.
    pub total: u32,
    /// Messages, from the first or the one that was asked for.
    pub messages: Vec<PreviewMessage>,
    /// Number of the message with which the next part begins; `None` at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
}

/// A tool as the model is told of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewTool {
    /// Its name.
    pub name: String,
    /// What the model is told that it does.
    pub description: String,
    /// JSON Schema of its arguments.
    #[schema(value_type = Object)]
    pub parameters: Value,
}

/// A file that the model has open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewFile {
    /// Workspace path.
    pub path: String,
    /// Version of the newest view.
    pub version: u32,
    /// Lines of the whole file.
    pub lines: u32,
    /// Lines of it that are shown.
    pub shown_lines: u32,
    /// Estimated tokens of the newest view.
    pub tokens: u64,
    /// How much of the file the newest view shows.
    pub state: FileState,
    /// Answers of the model since that view.
    pub age: u32,
    /// Earlier views that are still shown in full, because removing them would cost more than it saves.
    pub outdated: u32,
    /// Whether the person has pinned it.
    #[serde(default)]
    pub pinned: bool,
}

/// How much of a file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// All of it.
    Full,
    /// Parts of it.
    Window,
    /// Nothing but the reason why it cannot be shown.
    Stub,
}

/// A message of the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewMessage {
    /// The message as it is sent; pictures by their ids.
    #[schema(value_type = Object)]
    pub message: Value,
    /// Estimated tokens.
    pub tokens: u64,
    /// Views of files in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<PreviewView>,
    /// What is particular about a tool's result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<PreviewResult>,
}

/// A view of a file in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewView {
    /// Workspace path.
    pub path: String,
    /// The view's version.
    pub version: u32,
    /// How it is shown.
    pub state: ViewState,
}

/// How a view is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ViewState {
    /// It shows the file as it is.
    Live,
    /// In full, although there is a newer one or the file was closed.
    Outdated,
    /// A line stands for it.
    Stub,
}

/// What is particular about a tool's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PreviewResult {
    /// Only its beginning and its end are shown.
    Collapsed {
        /// The call.
        call_id: CallId,
        /// The tool.
        name: String,
        /// Estimated tokens of what is left out, pictures aside.
        saved: u64,
    },
    /// The call has none: it goes on, or was interrupted.
    Missing {
        /// The call.
        call_id: CallId,
    },
}

/// Body of `POST /conversations/{id}/context/close`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CloseFiles {
    /// Workspace paths of open files.
    pub paths: Vec<String>,
}

/// Body of `POST /conversations/{id}/context/pin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PinFile {
    /// Workspace path of an open file.
    pub path: String,
    /// Whether it is to be pinned.
    pub pinned: bool,
}

impl PinFile {
    /// As the transcript records it.
    pub fn into_change(self) -> ContextChange {
        let path = self.path;
        if self.pinned { ContextChange::Pin { path } } else { ContextChange::Unpin { path } }
    }
}
