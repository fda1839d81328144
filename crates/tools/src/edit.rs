//! `edit_file`: replaces ranges of lines that are named by number and by text.
//!
//! An edit must land where the model meant it or nowhere. Numbers and anchor text confirm each other; where
//! they do not settle the place, the edit is refused with what the model needs to correct it.

mod apply;
mod arguments;
mod data;
mod document;
mod matching;
mod placeholder;
mod plan;
mod rebase;
mod reframe;
mod refusal;
mod report;
mod request;
mod resolve;
mod write;

use std::fs;
use std::io;
use std::path::Path;

use slipway_protocol::tool::ToolOutcome;
use slipway_protocol::view::ViewChange;

pub use arguments::{Edit, EditFileArgs, MAX_EDITS};
pub use data::{DiffHunk, DiffLine, DiffTag, EditData};
pub use document::{Document, Line};
pub(crate) use placeholder::introduced_omission;
pub use plan::EditRequest;
pub(crate) use rebase::line_changes;
pub use write::{Replacement, WriteError, replace_if_unchanged, write_atomically};

/// What the model reads about the tool.
pub const DESCRIPTION: &str = "Replace, insert or delete whole lines of a text file. Each edit names its lines by \
number and proves them by text; at most 3 edits per call, all applied or none. Numbers refer to the file as it \
was shown before this call. Afterwards the file's view is renewed, so there is no need to read it again.";

/// What a call makes of a file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// The edits fit.
    Applied {
        /// The new content.
        bytes: Vec<u8>,
        /// What the model is told.
        text: String,
        /// The arguments as they were applied, when they differ from what was sent.
        corrected: Option<EditFileArgs>,
    },
    /// Nothing is to be changed.
    Refused {
        /// What the model is told.
        text: String,
    },
}

/// Applies `args` to a file's content, without touching any file. `display` is the file's name in messages.
pub fn edit(request: &EditRequest<'_>, display: &str, args: &EditFileArgs) -> Edited {
    if args.edits.is_empty() {
        return Edited::Refused { text: "edits is empty: give one to three edits.".to_owned() };
    }
    match plan::plan(request, args) {
        Ok(plan) => Edited::Applied {
            text: report::success(display, args, &plan),
            bytes: plan.bytes,
            corrected: plan.corrected,
        },
        Err(refusals) => Edited::Refused { text: report::failure(display, args, &refusals) },
    }
}

/// Applies a call to the file at `path` (absolute), which the model knows as `display`.
///
/// `seen` is the file as the model was last shown it, when that is known: line numbers refer to it, and the
/// edit is carried over to what the file is now. A file that somebody else changes at the same moment is
/// tried once more.
pub fn edit_file(path: &Path, display: &str, args: &EditFileArgs, seen: Option<&[u8]>) -> ToolOutcome {
    for _ in 0..2 {
        let disk = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => return unreadable(display, &error),
        };
        let (bytes, text, corrected) = match edit(&EditRequest { disk: &disk, seen }, display, args) {
            Edited::Applied { bytes, text, corrected } => (bytes, text, corrected),
            Edited::Refused { text } => return ToolOutcome::error(text),
        };
        match replace_if_unchanged(path, &disk, &bytes) {
            Ok(Replacement::Done) => return applied(display, text, &disk, &bytes, corrected.as_ref()),
            Ok(Replacement::Changed) => {}
            Err(error) => return ToolOutcome::error(format!("{error}. Nothing was changed.")),
        }
    }
    ToolOutcome::error(format!(
        "{display} is being changed by something else right now. Nothing was changed; look at it again first."
    ))
}

fn applied(
    display: &str,
    text: String,
    old: &[u8],
    new: &[u8],
    corrected: Option<&EditFileArgs>,
) -> ToolOutcome {
    let data = EditData { corrected: corrected.is_some(), ..EditData::between(display, old, new) };
    ToolOutcome {
        // Neither type can fail to serialise: all their keys are strings.
        data: serde_json::to_value(data).unwrap_or_default(),
        corrected_arguments: corrected.and_then(|args| serde_json::to_string(args).ok()),
        view_changes: vec![ViewChange::Open { path: display.to_owned(), ranges: Vec::new() }],
        changed_paths: vec![display.to_owned()],
        ..ToolOutcome::ok(text)
    }
}

fn unreadable(display: &str, error: &io::Error) -> ToolOutcome {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file; create it with write_file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    };
    ToolOutcome::error(format!("Cannot edit {display}: {reason}."))
}
