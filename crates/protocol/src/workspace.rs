//! The person's own way to the workspace: what the gateway's API under `/workspace` answers, and the tool host,
//! which does the work, under `/v1/workspace`.
//!
//! Paths are relative to the workspace, with `/` between names; the empty path is the workspace itself. Nothing
//! outside of it can be named.

use serde::{Deserialize, Serialize};

use crate::git::WorkspaceGit;
use crate::id::WorkspaceId;
use crate::problem::Problem;

/// One page of a directory's entries: directories first, each kind by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DirectoryPage {
    /// The directory; empty for the workspace itself.
    pub path: String,
    /// The entries of this page.
    pub entries: Vec<WorkspaceEntry>,
    /// Where the next page begins (`after`); absent when this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Entries after this page.
    pub more: u64,
    /// Entries that were left out because ignore files name them.
    pub ignored: u64,
}

/// Files whose paths are like what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FoundFiles {
    /// Their paths, best first.
    pub paths: Vec<String>,
    /// How many more fit.
    pub more: u64,
}

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WorkspaceEntry {
    /// Its name; bytes that are not UTF-8 are shown as replacement characters.
    pub name: String,
    /// What it is.
    pub kind: WorkspaceEntryKind,
    /// Size of a file in bytes; 0 for all else.
    pub bytes: u64,
    /// When it was last changed.
    pub modified_at: i64,
    /// Whether ignore files name it, or a directory that it is in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignored: bool,
    /// Where a symbolic link leads, as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// What an entry of the workspace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceEntryKind {
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A FIFO, socket or device.
    Special,
}

/// Text of a file, whole or some lines of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileText {
    /// The file.
    pub path: String,
    /// The lines, with the ends that they have in the file.
    pub text: String,
    /// Names the whole file's content; what `If-Match` takes, without quotes.
    pub hash: String,
    /// Size of the whole file.
    pub bytes: u64,
    /// When the file was last changed.
    pub modified_at: i64,
    /// Number of the first line in `text`, from 1.
    pub first_line: u64,
    /// Lines of the whole file.
    pub total_lines: u64,
    /// Whether `text` is the whole file.
    pub complete: bool,
}

/// Text to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteText {
    /// The whole content.
    pub text: String,
}

/// A file after it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WrittenFile {
    /// The file.
    pub path: String,
    /// Names its content; absent for files that were streamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Its size.
    pub bytes: u64,
}

/// Somebody else changed the file: nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileConflict {
    /// What happened.
    #[serde(flatten)]
    pub problem: Problem,
    /// The file as it is now; absent when it is gone, or no text any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<FileText>,
}

/// A directory to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateFolder {
    /// Where; directories on the way are created too.
    pub path: String,
}

/// A file or directory to give another name or place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameEntry {
    /// What; of a symbolic link, the link.
    pub from: String,
    /// Its new path, where nothing may be yet.
    pub to: String,
}

/// A file or directory to put into the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrashEntry {
    /// What; of a symbolic link, the link.
    pub path: String,
}

/// Something in the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrashedEntry {
    /// Names it for bringing it back.
    pub id: String,
    /// Where it was.
    pub path: String,
    /// When it was put there.
    pub trashed_at: i64,
}

/// What an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveKind {
    /// A zip file.
    Zip,
    /// A tar file.
    Tar,
    /// A tar file compressed with gzip.
    TarGz,
}

/// What became of an uploaded archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UnpackedArchive {
    /// Regular files.
    pub files: u64,
    /// Directories.
    pub directories: u64,
    /// Symbolic links.
    pub links: u64,
    /// Bytes of the files.
    pub bytes: u64,
}

/// A line of the tool host's `GET /v1/workspace/changes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedDirectories {
    /// The workspace that they are in.
    #[serde(default)]
    pub workspace: WorkspaceId,
    /// Directories that were listed a short while ago and have changed since.
    #[serde(default)]
    pub directories: Vec<String>,
    /// Its repositories, when somebody asked for them a short while ago and they have changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<WorkspaceGit>,
}

/// A repository to clone into the workspace.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloneRepository {
    /// Its address, `https://…` or `http://…`. A user name and token in it are used and kept nowhere.
    pub url: String,
    /// Directory to make; by default it is named after the repository, in the workspace.
    #[serde(default)]
    pub path: Option<String>,
}

/// A clone and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CloneStatus {
    /// Its id.
    pub id: String,
    /// The repository, without user name and token.
    pub url: String,
    /// The directory that is made.
    pub path: String,
    /// How it stands.
    pub state: CloneState,
    /// What git says it is doing, for example `Receiving objects`.
    pub phase: String,
    /// How much of that is done, in percent; absent when git does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// How a clone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CloneState {
    /// It goes on.
    Running,
    /// The directory is there.
    Done,
    /// Nothing was left.
    Failed,
    /// Somebody stopped it; nothing was left.
    Cancelled,
}

/// A line of the tool host's answer to `POST /v1/workspace/clones`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CloneLine {
    /// Git is at it.
    Progress {
        /// What it does.
        phase: String,
        /// How much of that is done.
        percent: Option<u8>,
    },
    /// It is done; the last line.
    Done,
    /// It failed; the last line.
    Failed {
        /// Why.
        problem: Problem,
    },
}
