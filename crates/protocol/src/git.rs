//! Git repositories in a workspace, and what is not committed there: what the gateway answers under `/workspace/git`,
//! and the tool host, which does the work, under `/v1/workspace/git`.
//!
//! The workspace itself may be a repository; where it is none, its directories may be. Paths of files are relative to the
//! workspace, whichever repository they are in.

use serde::{Deserialize, Serialize};

use crate::api::FileChange;
use crate::problem::Problem;

/// The repositories of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WorkspaceGit {
    /// The workspace itself, if it is a repository; else those of its directories that are, by name.
    pub repositories: Vec<Repository>,
    /// How many more directories are repositories.
    #[serde(default)]
    pub more: u64,
}

/// A repository and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Repository {
    /// Its directory; empty for the workspace itself.
    pub path: String,
    /// What is checked out.
    pub head: GitHead,
    /// What git has begun there and not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<GitOperation>,
}

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GitHead {
    /// A branch, which may have no commit yet.
    Branch {
        /// Its name.
        name: String,
    },
    /// A commit without a branch.
    Detached {
        /// The commit's id, in full.
        commit: String,
    },
    /// Nobody can tell: the repository is broken, or of a newer kind.
    Unknown,
}

/// What git has begun and not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GitOperation {
    /// A merge.
    Merge,
    /// A rebase, or commits that are applied from mails.
    Rebase,
    /// A cherry-pick.
    CherryPick,
    /// A revert.
    Revert,
    /// A bisection.
    Bisect,
}

/// What differs between the last commits of a workspace's repositories and its files: by whomever, with new files, without
/// those that ignore files name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UncommittedChanges {
    /// The repositories that were looked at.
    pub repositories: Vec<Repository>,
    /// Names this state: another one when one of the files has changed again, or something was committed.
    pub state: String,
    /// How many files differ in all.
    pub total: u64,
    /// Whether there are more than are looked for, so that `total` is too small.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
    /// The files of this page, by path.
    pub files: Vec<FileChange>,
    /// `after` of the page that follows; absent when this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Why nothing is said of some repository.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// A file as it was committed and as it is; the tool host's answer to `GET /v1/workspace/git/file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UncommittedFile {
    /// How it changed; without numbers of lines.
    pub change: FileChange,
    /// What is committed, in base64; empty for a new file.
    pub before: String,
    /// What is there, in base64; empty for a file that is gone.
    pub after: String,
}
