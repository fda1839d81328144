//! Recorded states of the workspace, what changed between them, and going back to one.

use serde::{Deserialize, Serialize};

use crate::checkpoint::UnkeptFile;
use crate::id::{CheckpointId, ConversationId, RunId};

/// A recorded state of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Checkpoint {
    /// Its id.
    pub id: CheckpointId,
    /// The conversation in which it was taken.
    pub conversation_id: ConversationId,
    /// The run in which it was taken, if one went on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// The step whose changes it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// Why it was taken.
    pub kind: CheckpointKind,
    /// How many files differ from the state before.
    pub changed_files: u64,
    /// How many files and links it has.
    pub files: u64,
    /// Files that it names without their content: those cannot be restored. The first 100 of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unkept: Vec<UnkeptFile>,
    /// How many such files there are.
    #[serde(default)]
    pub unkept_count: u64,
    /// When it was taken.
    pub created_at: i64,
}

/// Why a checkpoint was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckpointKind {
    /// A run is about to change something for the first time.
    BeforeRun,
    /// Something changed between two steps of a run: the person, or a program that goes on.
    Outside,
    /// A step of a run changed something.
    Step,
    /// Files are about to be restored.
    BeforeRestore,
    /// Files were restored.
    Restored,
}

/// Checkpoints of a conversation, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckpointPage {
    /// The checkpoints.
    pub items: Vec<Checkpoint>,
    /// `before` of the page that follows; `None` when this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What changed between two checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChangeList {
    /// The state before; `None` when nothing was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<CheckpointId>,
    /// The state after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<CheckpointId>,
    /// How many files changed in all.
    pub total: u64,
    /// The files of this page, by path.
    pub files: Vec<FileChange>,
    /// `after` of the page that follows; `None` when this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What a tree of files shows of the changes of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChangeMarks {
    /// The state after them; `None` when nothing was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<CheckpointId>,
    /// How many files changed in all.
    pub total: u64,
    /// The files, by path; the first 2000.
    pub files: Vec<FileMark>,
    /// The directories with changes in or below them, those near the workspace's root first; the first 2000.
    pub directories: Vec<DirectoryMark>,
}

/// How a file changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileMark {
    /// Its path now, or what it was when it is gone.
    pub path: String,
    /// What happened to it.
    pub kind: FileChangeKind,
}

/// How much changed in and below a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DirectoryMark {
    /// Its path.
    pub path: String,
    /// How many files.
    pub changes: u64,
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileChange {
    /// Its path now, or what it was when it is gone.
    pub path: String,
    /// Its path before, when it was renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_path: Option<String>,
    /// What happened to it.
    pub kind: FileChangeKind,
    /// Lines added; `None` when they are not counted (see `note`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additions: Option<u32>,
    /// Lines removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletions: Option<u32>,
    /// Why there are no lines to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<DiffNote>,
    /// Permission bits before, when they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_mode: Option<u32>,
    /// Permission bits now, when they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_mode: Option<u32>,
    /// Whether several versions of it wait to be merged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub conflict: bool,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileChangeKind {
    /// It is new.
    Added,
    /// Its content, mode or kind is another one.
    Modified,
    /// It is gone.
    Deleted,
    /// It has another path, with the same content; of what is not committed, perhaps with some changes.
    Renamed,
}

/// Why a change has no lines to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiffNote {
    /// The content is no text.
    Binary,
    /// There is too much text to compare.
    TooLarge,
    /// The content was not kept.
    Unkept,
    /// It is a repository of its own: which commit of it is used has changed, or it is new here.
    Repository,
}

/// The lines of a file that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileDiff {
    /// Which file, and how it changed.
    pub change: FileChange,
    /// How many hunks there are in all.
    pub total: u32,
    /// The hunks of this page.
    pub hunks: Vec<Hunk>,
    /// `hunk` of the page that follows; `None` when this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
}

/// Lines that changed, with some around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Hunk {
    /// Its number in the file, from 0.
    pub index: u32,
    /// First line before, from 1; the line before it when there are none.
    pub old_start: u32,
    /// How many lines before.
    pub old_lines: u32,
    /// First line after.
    pub new_start: u32,
    /// How many lines after.
    pub new_lines: u32,
    /// The lines.
    pub lines: Vec<DiffLine>,
}

/// A line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DiffLine {
    /// On which side it is.
    pub kind: DiffLineKind,
    /// The line without its end; long lines are cut.
    pub text: String,
    /// Whether the file ends here without a line end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_newline: bool,
}

/// On which side a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiffLineKind {
    /// On both.
    Context,
    /// After.
    Added,
    /// Before.
    Removed,
}

/// What is to be restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RestoreFiles {
    /// The state to go back to.
    pub checkpoint_id: CheckpointId,
    /// Only these paths, and what is below them; all when there are none.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Only this part of one file: what the changes since `checkpoint_id` did there is undone, the rest stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hunk: Option<HunkChoice>,
    /// Paths that were changed outside of the agent's steps since, and may be overwritten all the same. Any
    /// other such path stops the restoration.
    #[serde(default)]
    pub overwrite: Vec<String>,
}

/// A hunk of the changes of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HunkChoice {
    /// The state after the changes: `to` of their list.
    pub to: CheckpointId,
    /// The file's path then.
    pub path: String,
    /// The hunk's number.
    pub index: u32,
}

/// What a restoration would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RestorePreview {
    /// How many paths would change.
    pub total: u64,
    /// They, by path; the first 500.
    pub files: Vec<RestoreStep>,
    /// Paths among them that were changed outside of the agent's steps since: they are overwritten only when
    /// the request names them.
    pub conflicts: Vec<String>,
    /// Paths that cannot be brought back.
    pub impossible: Vec<UnkeptFile>,
}

/// What a restoration would do to a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RestoreStep {
    /// The path.
    pub path: String,
    /// What becomes of it.
    pub action: RestoreAction,
}

/// What a restoration does to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestoreAction {
    /// It comes back.
    Create,
    /// It gets its earlier content or mode.
    Replace,
    /// It goes away.
    Delete,
}

/// What a restoration did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RestoreReceipt {
    /// The state before it: restoring that undoes it.
    pub before: CheckpointId,
    /// The state after it.
    pub after: CheckpointId,
    /// How many paths were changed.
    pub restored: u64,
    /// What could not be done.
    pub failed: Vec<RestoreFailure>,
}

/// A path that was not restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RestoreFailure {
    /// The path.
    pub path: String,
    /// Why not.
    pub reason: String,
}
