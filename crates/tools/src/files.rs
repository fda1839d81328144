//! The file tools.

mod close;
mod delete;
mod edit;
mod list;
mod missing;
mod read;
mod write;

use std::io;
use std::sync::Arc;

use slipway_protocol::credentials::HIDDEN;
use slipway_protocol::id::ConversationId;
use slipway_protocol::view::{LineRange, ViewChange};

pub use self::close::CloseFile;
pub use self::delete::DeleteFile;
pub use self::edit::EditFile;
pub use self::list::{EntryKind, ListDirectory, ListDirectoryData, ListedEntry};
pub use self::read::{OpenedFile, ReadFile, ReadFileData};
pub use self::write::WriteFile;

use crate::edit::{DiffTag, EditData};
use crate::registry::Registry;
use crate::resources::Resources;
use crate::views::{Change, Shown, Views, shifted, shown};

/// Adds the file tools in the order in which models are told of them.
pub fn register(registry: Registry, views: &Arc<Views>, resources: &Arc<Resources>) -> Registry {
    registry
        .with(ReadFile::new(Arc::clone(views)))
        .with(WriteFile::new(Arc::clone(views), Arc::clone(resources)))
        .with(EditFile::new(Arc::clone(views), Arc::clone(resources)))
        .with(DeleteFile::new(Arc::clone(views)))
        .with(CloseFile::new(Arc::clone(views)))
        .with(ListDirectory)
}

/// A number of bytes for reading.
fn size_text(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= 10 * unit || (*unit > 1_000 && bytes >= *unit)) {
        Some((unit, name)) => {
            let tenths = bytes.saturating_mul(10) / unit;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None if bytes == 1 => "1 byte".to_owned(),
        None => format!("{bytes} bytes"),
    }
}

/// Why content that holds what stands for a hidden credential is not written; `None` when it does not.
fn hidden_credential<'a>(mut new: impl Iterator<Item = &'a str>) -> Option<String> {
    let mark = format!("{HIDDEN}@");
    new.any(|text| text.contains(&mark)).then(|| {
        format!(
            "The content holds {mark}, which stands for a credential that is not shown to you; writing it would lose \
             the credential. Nothing was written. Leave that line as it is, or change the rest of it with \
             run_terminal_command, for example with sed or git remote set-url."
        )
    })
}

/// A number of things, with the plural where it is due.
fn count_text(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// What the system said, in words that help.
fn reason_text(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full: free some space first".to_owned()
        }
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}

/// Opens a file that a tool has just changed: all of it, or, when it is large or open in parts only, what
/// was open before and what changed.
fn reopen(
    views: &Views,
    conversation: &ConversationId,
    name: &str,
    (old, new): (&[u8], &[u8]),
    data: &EditData,
) -> ViewChange {
    let ranges = match (shown(new, &[], views.bounds()), views.open_ranges(conversation, name, old)) {
        (Shown::All, before) if before.as_ref().is_none_or(Vec::is_empty) => Vec::new(),
        (Shown::Part(head), Some(before)) if before.is_empty() => shifted(&head, &changes_of(data)),
        (_, before) => shifted(&before.unwrap_or_default(), &changes_of(data)),
    };
    views.set_open(conversation, name, &ranges, new);
    ViewChange::Open { path: name.to_owned(), ranges }
}

/// Most characters of hunks that the UI is given.
const MAX_HUNK_CHARS: usize = 256 * 1024;

/// A diff for the UI: numbers always, hunks from the beginning as far as they fit.
fn diff_data(mut data: EditData) -> serde_json::Value {
    let mut room = MAX_HUNK_CHARS;
    for hunk in &mut data.hunks {
        let fitting = hunk.lines.iter().take_while(|line| match room.checked_sub(line.text.len() + 1) {
            Some(rest) => {
                room = rest;
                true
            }
            None => false,
        });
        let fitting = fitting.count();
        if fitting < hunk.lines.len() {
            hunk.lines.truncate(fitting);
            room = 0;
        }
    }
    data.hunks.retain(|hunk| !hunk.lines.is_empty());
    serde_json::to_value(data).unwrap_or_default()
}

/// The hunks of a diff as changes of line numbers.
fn changes_of(data: &EditData) -> Vec<Change> {
    let line = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let hunks = data.hunks.iter().map(|hunk| {
        let without = |tag: DiffTag| line(hunk.lines.iter().filter(|line| line.tag != tag).count());
        Change { start: line(hunk.old_start), removed: without(DiffTag::Add), added: without(DiffTag::Del) }
    });
    hunks.collect()
}

/// Ranges for the model: `lines 1–400, 900–910`.
fn ranges_text(ranges: &[LineRange]) -> String {
    let parts: Vec<String> = ranges.iter().map(|range| format!("{}–{}", range.start, range.end)).collect();
    format!("lines {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_for_the_person_is_bounded() {
        let new = format!("{}\n", "x".repeat(1_000)).repeat(1_000);
        let data = diff_data(EditData::between("a", b"", new.as_bytes()));
        assert_eq!(data["added"], 1_000);
        assert_eq!(data["hunks"][0]["lines"].as_array().map(Vec::len), Some(261));
        let small = EditData::between("a", b"x\n", b"y\n");
        assert_eq!(diff_data(small.clone()), serde_json::to_value(small).expect("JSON"));
    }

    #[test]
    fn sizes_are_readable() {
        let cases = [
            (0, "0 bytes"),
            (1, "1 byte"),
            (9_999, "9999 bytes"),
            (12_345, "12.3 kB"),
            (5_000_000, "5.0 MB"),
            (1_900_000_000, "1.9 GB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(size_text(bytes), text);
        }
    }
}
