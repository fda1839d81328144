//! Deleting so that it can be taken back.
//!
//! What is deleted is moved to a directory of its own in the trash, with a note of where it was. It stays for a week,
//! counts to the size of the workspace until then, and is out of everybody's way.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use slipway_protocol::workspace::TrashedEntry;

use super::upload::{place_new, rename_new};
use super::{Area, FileError};
use crate::workspace::{Access, Workspace};

/// How long something stays in the trash.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Names below an entry of the trash.
const NOTE: &str = "note.json";
const CONTENT: &str = "content";

/// Where something was.
#[derive(Serialize, Deserialize)]
struct Note {
    path: String,
    trashed_at: i64,
}

/// Moves a file, directory or link to the trash, and deletes for good what has been there for a week.
///
/// # Errors
/// When it cannot be moved. It is still in its place then.
pub fn trash(workspace: &Workspace, path: &str) -> Result<TrashedEntry, FileError> {
    let place = workspace.resolve_entry_inside(path, Access::Write)?;
    let failed = |source| FileError::io(&place.name, source);
    if workspace.root().starts_with(&place.absolute) {
        return Err(FileError::Whole { verb: "deleted" });
    }
    fs::symlink_metadata(&place.absolute).map_err(failed)?;
    let area = Area::Trash.open(workspace)?;
    if area.starts_with(&place.absolute) || place.absolute.starts_with(&area) {
        return Err(FileError::IntoItself { from: place.name });
    }
    empty_of_old(&area);
    let slot = Area::Trash.scratch(workspace)?;
    let trashed_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let note =
        Note { path: place.name.clone(), trashed_at: i64::try_from(trashed_at.as_millis()).unwrap_or(0) };
    let json = serde_json::to_vec(&note).map_err(io::Error::from).map_err(failed)?;
    fs::write(slot.path().join(NOTE), json).map_err(failed)?;
    rename_new(&place.absolute, &slot.path().join(CONTENT)).map_err(failed)?;
    let kept = slot.keep();
    let id = kept.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(TrashedEntry { id, path: note.path, trashed_at: note.trashed_at })
}

/// Brings something back to where it was.
///
/// # Errors
/// When it is not there any more, or something else has taken its place. It is still in the trash then.
pub fn restore(workspace: &Workspace, id: &str) -> Result<TrashedEntry, FileError> {
    let gone = || FileError::Missing { path: format!("{}/{id}", Area::Trash.path()) };
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(gone());
    }
    let slot = Area::Trash.open(workspace)?.join(id);
    let note = fs::read(slot.join(NOTE)).map_err(|_| gone())?;
    let note: Note = serde_json::from_slice(&note).map_err(|_| gone())?;
    // The agent can write the note: it names a place in the workspace, as anybody could.
    let place = workspace.resolve_entry_inside(&note.path, Access::Write)?;
    place_new(&slot.join(CONTENT), &place.absolute).map_err(|source| FileError::io(&place.name, source))?;
    if let Err(error) = fs::remove_dir_all(&slot) {
        tracing::debug!(%error, "the emptied slot of the trash stays");
    }
    Ok(TrashedEntry { id: id.to_owned(), path: place.name, trashed_at: note.trashed_at })
}

fn empty_of_old(area: &Path) {
    for entry in fs::read_dir(area).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|at| at.elapsed());
        if matches!(age, Ok(Ok(age)) if age > KEPT)
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::debug!(%error, "something old stays in the trash");
        }
    }
}
