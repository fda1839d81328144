//! Living tool state: files that the model has open, and their numbered renderings ("views").

use serde::{Deserialize, Serialize};

use crate::id::ConversationId;

/// A change to the set of open files, caused by a tool call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ViewChange {
    /// The file is open from now on.
    Open {
        /// Normalised workspace path.
        path: String,
        /// Lines to show; empty means all (or, for a large file, the host's choice of windows).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ranges: Vec<LineRange>,
    },
    /// The file is not open any more.
    Close {
        /// Normalised workspace path.
        path: String,
    },
    /// Every open file but these is closed.
    CloseAllExcept {
        /// Normalised workspace paths that stay open.
        keep: Vec<String>,
    },
}

/// Lines `start..=end`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LineRange {
    /// First line.
    pub start: u32,
    /// Last line, included.
    pub end: u32,
}

/// Body of `POST /v1/views`: which open files to compare with the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshViews {
    /// Whose files.
    pub conversation_id: ConversationId,
    /// The open files, in the order in which they were opened.
    pub files: Vec<KnownFile>,
    /// Whether somebody only wants to know what the model would be shown: then it does not count as shown.
    #[serde(default)]
    pub only_look: bool,
}

/// An open file and what the model was last shown of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFile {
    /// Normalised workspace path.
    pub path: String,
    /// `content_hash` of the newest view; `None` when the file has no view yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
    /// Lines to show; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<LineRange>,
    /// Whether `ranges` changed since the newest view, which makes a new view due.
    #[serde(default)]
    pub ranges_changed: bool,
}

/// Answer of `POST /v1/views`: only the files that need a new view, sorted by path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshedViews {
    /// The new renderings.
    pub views: Vec<RenderedFile>,
}

/// A file as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RenderedFile {
    /// Normalised workspace path.
    pub path: String,
    /// Hash of the file's bytes (or of its absence).
    pub content_hash: String,
    /// Number of lines of the whole file.
    pub lines: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// What can be shown.
    pub content: RenderedContent,
    /// The lines that are shown from now on, where those are not the ones asked for: windows move with their
    /// lines, and changes that no tool announced get windows of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<Vec<LineRange>>,
}

/// What a view shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RenderedContent {
    /// Numbered lines (`number`, tab, text), with a line saying so wherever lines are left out.
    Text {
        /// The rendering; ends with a newline unless empty.
        text: String,
    },
    /// The file is gone.
    Missing,
    /// The file cannot be shown as text.
    Unreadable {
        /// Why, for example `binary file` or `permission denied`.
        reason: String,
    },
}
