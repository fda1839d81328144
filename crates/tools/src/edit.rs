//! `edit_file`: replaces ranges of lines that are named by number and by text.
//!
//! An edit must land where the model meant it or nowhere. Numbers and anchor text confirm each other; where
//! they do not settle the place, the edit is refused with what the model needs to correct it.

mod arguments;
mod document;
mod write;

use std::path::Path;

use slipway_protocol::tool::ToolOutcome;

pub use arguments::{Edit, EditFileArgs, MAX_EDITS};
pub use document::{Document, Line};
pub use write::{Replacement, WriteError, replace_if_unchanged, write_atomically};

/// What the model reads about the tool.
pub const DESCRIPTION: &str = "Replace, insert or delete whole lines of a text file. Each edit names its lines by \
number and proves them by text; at most 3 edits per call, all applied or none. Numbers refer to the file as it \
was shown before this call. Afterwards the file's view is renewed, so there is no need to read it again.";

/// Applies a call to the file at `path` (absolute), which the model knows as `display`.
///
/// `seen` is the file as the model was last shown it, when that is known: line numbers refer to it, and the
/// edit is carried over to what the file is now.
pub fn edit_file(path: &Path, display: &str, args: &EditFileArgs, seen: Option<&[u8]>) -> ToolOutcome {
    let _ = (path, args, seen);
    ToolOutcome::error(format!("edit_file cannot change {display} yet"))
}
