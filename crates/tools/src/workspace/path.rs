//! From a path as a model wrote it to where it leads.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::Access;

/// Longest path in bytes, and longest name of one component, as Linux has them.
const MAX_PATH_BYTES: usize = 4095;
const MAX_NAME_BYTES: usize = 255;

/// Why a path cannot be used. The texts are for the model.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// No path at all.
    #[error("the path is empty: give one relative to the workspace, such as `src/main.rs`")]
    Empty,
    /// A NUL byte, which no file name can hold.
    #[error("the path `{}` holds a NUL byte, which no file name can", .text.escape_default())]
    Nul {
        /// The path as written.
        text: String,
    },
    /// Longer than the system allows.
    #[error(
        "the path `{start}…` is too long: at most {MAX_NAME_BYTES} bytes per name and {MAX_PATH_BYTES} in all"
    )]
    TooLong {
        /// How the path begins.
        start: String,
    },
    /// A home directory.
    #[error("`~` is not expanded in `{text}`: give a path relative to the workspace")]
    Home {
        /// The path as written.
        text: String,
    },
    /// Where tools may not go.
    #[error(
        "`{text}` leads outside the workspace {}, where files cannot be {}",
        .root.display(), match .access { Access::Read => "read", Access::Write => "changed" }
    )]
    Outside {
        /// The path as written.
        text: String,
        /// The workspace.
        root: PathBuf,
        /// What was asked for.
        access: Access,
    },
    /// A symbolic link whose target does not exist (which could be anywhere later).
    #[error("`{text}` leads through a symbolic link to something that does not exist")]
    DanglingLink {
        /// The path as written.
        text: String,
    },
    /// `missing/../x`: where that leads cannot be told.
    #[error("`{text}` goes up (`..`) from a directory that does not exist")]
    UpFromMissing {
        /// The path as written.
        text: String,
    },
    /// A file in the place of a directory.
    #[error("`{text}` goes through a file as if that were a directory")]
    NotADirectory {
        /// The path as written.
        text: String,
    },
    /// The system refused.
    #[error("cannot look up `{text}`: {source}")]
    Lookup {
        /// The path as written.
        text: String,
        /// Its reason.
        source: io::Error,
    },
}

/// Where a path leads, all symbolic links followed. The last part need not exist.
pub(super) fn follow(root: &Path, text: &str) -> Result<PathBuf, PathError> {
    check(text)?;
    follow_path(&root.join(text), text)
}

/// Where a path leads when its last component is not followed.
pub(super) fn follow_parent(root: &Path, text: &str) -> Result<PathBuf, PathError> {
    check(text)?;
    let full = root.join(text);
    match (full.parent(), full.components().next_back()) {
        (Some(parent), Some(Component::Normal(name))) => Ok(follow_path(parent, text)?.join(name)),
        _ => follow_path(&full, text),
    }
}

fn check(text: &str) -> Result<(), PathError> {
    if text.trim().is_empty() {
        return Err(PathError::Empty);
    }
    if text.contains('\0') {
        return Err(PathError::Nul { text: text.to_owned() });
    }
    if text == "~" || text.starts_with("~/") {
        return Err(PathError::Home { text: text.to_owned() });
    }
    let long_name = text.split('/').any(|name| name.len() > MAX_NAME_BYTES);
    if long_name || text.len() > MAX_PATH_BYTES {
        return Err(PathError::TooLong { start: text.chars().take(60).collect() });
    }
    Ok(())
}

/// Canonicalises the deepest ancestor that exists and adds the rest, which then holds neither links nor `..`.
fn follow_path(full: &Path, text: &str) -> Result<PathBuf, PathError> {
    let mut existing = full;
    let mut missing = Vec::new();
    loop {
        match existing.canonicalize() {
            Ok(resolved) => {
                return Ok(missing.iter().rev().fold(resolved, |path, name| path.join(name)));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(PathError::NotADirectory { text: text.to_owned() });
            }
            Err(source) => return Err(PathError::Lookup { text: text.to_owned(), source }),
        }
        if existing.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(PathError::DanglingLink { text: text.to_owned() });
        }
        match (existing.parent(), existing.components().next_back()) {
            (Some(parent), Some(Component::Normal(name))) => {
                missing.push(name);
                existing = parent;
            }
            _ => return Err(PathError::UpFromMissing { text: text.to_owned() }),
        }
    }
}
