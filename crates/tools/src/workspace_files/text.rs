//! Reading and writing text, so that nobody's newer changes are lost.

use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use slipway_protocol::workspace::{FileText, WrittenFile};

use super::list::milliseconds;
use super::upload::place_new;
use super::{Area, FileError};
use crate::edit::{Replacement, replace_if_unchanged, write_atomically};
use crate::workspace::{Access, MAX_FILE_BYTES, Place, Workspace, read_regular};

/// Most bytes of text that are answered at a time. A larger file comes in windows.
const MAX_TEXT_BYTES: usize = 2 * 1024 * 1024;

/// Which lines are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct LineWindow {
    /// Number of the first one, from 1; the first line of the file by default.
    pub first: Option<u64>,
    /// How many; as many as fit by default.
    pub lines: Option<u64>,
}

/// What must be true of a file for it to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// It has the content with this hash.
    Is(String),
    /// It does not exist yet.
    Absent,
    /// It exists, whatever it holds.
    Any,
}

/// How a write ended.
#[derive(Debug)]
pub enum Written {
    /// The file has the new content.
    Done(WrittenFile),
    /// It is not what the precondition says; this is what it holds, where it can be shown.
    Conflict(Option<FileText>),
}

/// Lines of a text file, with what names its whole content.
///
/// # Errors
/// When it cannot be read, is larger than 64 MiB, or no UTF-8.
pub fn read_text(workspace: &Workspace, path: &str, window: LineWindow) -> Result<FileText, FileError> {
    let place = workspace.resolve_inside(path, Access::Read)?;
    let (bytes, metadata) = read(&place)?;
    let Ok(whole) = std::str::from_utf8(&bytes) else {
        return Err(FileError::NotText { path: place.name });
    };
    if whole.contains('\0') {
        return Err(FileError::NotText { path: place.name });
    }
    let total_lines = whole.split_inclusive('\n').count() as u64;
    let first_line = window.first.unwrap_or(1).max(1);
    let text = lines(whole, first_line, window.lines.unwrap_or(u64::MAX));
    Ok(FileText {
        hash: hash(&bytes),
        bytes: bytes.len() as u64,
        modified_at: milliseconds(&metadata),
        first_line,
        total_lines,
        complete: text.len() == whole.len(),
        text: text.to_owned(),
        path: place.name,
    })
}

/// Makes `text` the content of a file, if the file is as the precondition says. Readers see the old content or the
/// new, never a part; mode and owner stay.
///
/// # Errors
/// When it cannot be read or written. Nothing has changed then.
pub fn write_text(
    workspace: &Workspace,
    path: &str,
    text: &str,
    precondition: &Precondition,
) -> Result<Written, FileError> {
    let place = workspace.resolve_inside(path, Access::Write)?;
    let new = text.as_bytes();
    if new.len() as u64 > MAX_FILE_BYTES {
        return Err(FileError::TooLarge { path: place.name, limit: MAX_FILE_BYTES });
    }
    let written = || {
        let file = WrittenFile { path: place.name.clone(), hash: Some(hash(new)), bytes: new.len() as u64 };
        Ok(Written::Done(file))
    };
    let conflict = || Ok(Written::Conflict(read_text(workspace, path, LineWindow::default()).ok()));
    let old = match read(&place) {
        Ok((old, _)) => old,
        Err(FileError::Missing { .. }) if *precondition == Precondition::Absent => {
            return match create(workspace, &place, new) {
                Err(FileError::Exists { .. }) => conflict(),
                created => created.and_then(|()| written()),
            };
        }
        Err(FileError::Missing { .. }) => return conflict(),
        Err(error) => return Err(error),
    };
    let failed = |error: crate::edit::WriteError| FileError::io(&place.name, error.into_io());
    match precondition {
        Precondition::Absent => conflict(),
        Precondition::Any => {
            write_atomically(&place.absolute, new).map_err(failed)?;
            written()
        }
        Precondition::Is(expected) if *expected != hash(&old) => conflict(),
        Precondition::Is(_) => match replace_if_unchanged(&place.absolute, &old, new).map_err(failed)? {
            Replacement::Done => written(),
            Replacement::Changed => conflict(),
        },
    }
}

/// Names a content.
fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn read(place: &Place) -> Result<(Vec<u8>, fs::Metadata), FileError> {
    read_regular(&place.absolute).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => {
            FileError::TooLarge { path: place.name.clone(), limit: MAX_FILE_BYTES }
        }
        io::ErrorKind::InvalidInput => FileError::NotAFile { path: place.name.clone() },
        _ => FileError::io(&place.name, error),
    })
}

/// Puts a new file in its place, with the directories on the way.
fn create(workspace: &Workspace, place: &Place, bytes: &[u8]) -> Result<(), FileError> {
    let staging = Area::Staging.scratch(workspace)?;
    let staged = staging.path().join("new");
    let failed = |source| FileError::io(&place.name, source);
    fs::write(&staged, bytes).map_err(failed)?;
    place_new(&staged, Path::new(&place.absolute)).map_err(failed)
}

/// At most `count` lines from line `first` on, as far as whole lines fit; of a first line that is too long alone, its
/// beginning.
fn lines(whole: &str, first: u64, count: u64) -> &str {
    let skipped: usize = whole
        .split_inclusive('\n')
        .take(usize::try_from(first - 1).unwrap_or(usize::MAX))
        .map(str::len)
        .sum();
    let rest = whole.get(skipped..).unwrap_or_default();
    let mut end = 0;
    for line in rest.split_inclusive('\n').take(usize::try_from(count).unwrap_or(usize::MAX)) {
        if end + line.len() > MAX_TEXT_BYTES {
            break;
        }
        end += line.len();
    }
    if end == 0 && count > 0 {
        end = rest.floor_char_boundary(MAX_TEXT_BYTES.min(rest.find('\n').map_or(rest.len(), |at| at + 1)));
    }
    rest.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn windows_put_together_are_the_file(text in "[a-z\r\n\u{e4}]{0,60}", size in 1_u64..7) {
            let total = text.split_inclusive('\n').count() as u64;
            let mut joined = String::new();
            let mut first = 1;
            while first <= total {
                joined.push_str(lines(&text, first, size));
                first += size;
            }
            prop_assert_eq!(joined, text.clone());
            prop_assert_eq!(lines(&text, total + 1, 5), "");
        }
    }

    #[test]
    fn one_endless_line_is_cut_at_a_character() {
        let text = "\u{e4}".repeat(MAX_TEXT_BYTES);
        let shown = lines(&text, 1, 1);
        assert!(shown.len() <= MAX_TEXT_BYTES && shown.len() > MAX_TEXT_BYTES - 4);
    }
}
