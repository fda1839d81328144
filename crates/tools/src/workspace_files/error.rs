//! Why something could not be done with a file, for the person who asked.

use std::io;

use slipway_protocol::problem::Problem;

use super::unpack::ArchiveError;
use crate::workspace::PathError;

/// Why something could not be done. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The path is none, or leads where it may not.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Nothing is there.
    #[error("there is no `{path}` in the workspace")]
    Missing {
        /// What was asked for.
        path: String,
    },
    /// Something is there already.
    #[error("{} in the workspace already", listed(.paths))]
    Exists {
        /// What is in the way; at least one.
        paths: Vec<String>,
    },
    /// The workspace itself cannot be moved or deleted.
    #[error("the workspace itself cannot be {verb}")]
    Whole {
        /// What was to be done.
        verb: &'static str,
    },
    /// A directory is wanted.
    #[error("`{path}` is not a directory")]
    NotADirectory {
        /// What was asked for.
        path: String,
    },
    /// A file is wanted.
    #[error("`{path}` is not a regular file")]
    NotAFile {
        /// What was asked for.
        path: String,
    },
    /// A directory was to go into itself.
    #[error("`{from}` cannot be moved into itself")]
    IntoItself {
        /// The directory.
        from: String,
    },
    /// No text in UTF-8.
    #[error("`{path}` is not text in UTF-8")]
    NotText {
        /// The file.
        path: String,
    },
    /// More than can be shown or taken.
    #[error("`{path}` is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        path: String,
        /// What goes.
        limit: u64,
    },
    /// Somebody else changed the file in the meantime.
    #[error("`{path}` was changed by somebody else")]
    Changed {
        /// The file.
        path: String,
    },
    /// An archive cannot be unpacked.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The upload ended before its end.
    #[error("the upload of `{path}` was broken off")]
    BrokenOff {
        /// Where it was to go.
        path: String,
    },
    /// The system refused.
    #[error("`{path}`: {source}")]
    Io {
        /// What it was about.
        path: String,
        /// Its reason.
        source: io::Error,
    },
}

impl FileError {
    /// The system's refusal, told apart where the person can do something about it.
    pub fn io(path: impl Into<String>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::AlreadyExists => Self::Exists { paths: vec![path] },
            io::ErrorKind::NotADirectory => Self::NotADirectory { path },
            io::ErrorKind::IsADirectory => Self::NotAFile { path },
            _ => Self::Io { path, source },
        }
    }

    /// What the person is told: what happened, why, and what to do next.
    pub fn problem(&self) -> Problem {
        let (status, code, title, hint) = self.words();
        Problem::new(status, code, title).detail(self.to_string()).hint(hint)
    }

    fn words(&self) -> (u16, &'static str, &'static str, &'static str) {
        match self {
            Self::Path(_) => {
                (403, "path_refused", "This path cannot be used", "Name something in the workspace.")
            }
            Self::Missing { .. } => (
                404,
                "file_missing",
                "It does not exist",
                "Somebody may have moved it: look at the list again.",
            ),
            Self::Exists { .. } => (
                409,
                "already_exists",
                "Something of that name is there already",
                "Choose another name, or replace what is there.",
            ),
            Self::Whole { .. } => (409, "whole_workspace", "This cannot be done to the workspace itself", ""),
            Self::NotADirectory { .. } => (409, "not_a_directory", "It is not a directory", ""),
            Self::NotAFile { .. } => (409, "not_a_file", "It is not a regular file", ""),
            Self::IntoItself { .. } => (409, "into_itself", "A directory cannot go into itself", ""),
            Self::NotText { .. } => (
                415,
                "not_text",
                "It cannot be shown as text",
                "Download it to look at it in another program.",
            ),
            Self::TooLarge { .. } => {
                (413, "file_too_large", "The file is too large for this", "Download it instead.")
            }
            Self::Changed { .. } => (
                412,
                "file_changed",
                "The file was changed by somebody else",
                "Compare both versions, then save again or take the other one.",
            ),
            Self::Archive(_) => (
                422,
                "archive_refused",
                "The archive was not unpacked",
                "Nothing was written. Pack it again without what the reason names, or upload the folder itself.",
            ),
            Self::BrokenOff { .. } => (
                400,
                "upload_broken_off",
                "The upload did not arrive whole",
                "Nothing was written. Try again.",
            ),
            Self::Io { source, .. } => system_words(source),
        }
    }
}

fn system_words(source: &io::Error) -> (u16, &'static str, &'static str, &'static str) {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            (507, "disk_full", "There is no room left", "Delete something in the workspace, then try again.")
        }
        io::ErrorKind::PermissionDenied => (
            403,
            "permission_denied",
            "The workspace's owner may not do this",
            "Change the permissions in a terminal, for example with chmod.",
        ),
        io::ErrorKind::ReadOnlyFilesystem => (409, "read_only", "The file system is read-only", ""),
        io::ErrorKind::DirectoryNotEmpty => (409, "not_empty", "The directory is not empty", ""),
        io::ErrorKind::FileTooLarge => {
            (413, "file_too_large", "The file is too large for this", "Download it instead.")
        }
        _ => (
            422,
            "file_failed",
            "The system refused",
            "The reason says why; try again when it is out of the way.",
        ),
    }
}

/// `a is` or `a, b and 3 more are`.
fn listed(paths: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    match paths.len().saturating_sub(SHOWN) {
        0 if paths.len() == 1 => format!("{} is", shown.join("")),
        0 => format!("{} are", shown.join(", ")),
        more => format!("{} and {more} more are", shown.join(", ")),
    }
}
