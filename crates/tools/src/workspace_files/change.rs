//! Making directories, and giving things other names.

use std::fs;

use super::FileError;
use super::upload::place_new;
use crate::workspace::{Access, Workspace};

/// Makes a directory, with those on the way.
///
/// # Errors
/// When something is there already, or it cannot be made.
pub fn create_folder(workspace: &Workspace, path: &str) -> Result<(), FileError> {
    let place = workspace.resolve_inside(path, Access::Write)?;
    let failed = |source| FileError::io(&place.name, source);
    if let Some(parent) = place.absolute.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::create_dir(&place.absolute).map_err(failed)
}

/// Gives a file, directory or link another name or place; directories on the way are made.
///
/// # Errors
/// When something is at the new place already, or it cannot be moved. Nothing has changed then.
pub fn rename(workspace: &Workspace, from: &str, to: &str) -> Result<(), FileError> {
    let source = workspace.resolve_entry_inside(from, Access::Write)?;
    let target = workspace.resolve_entry_inside(to, Access::Write)?;
    if workspace.root().starts_with(&source.absolute) {
        return Err(FileError::Whole { verb: "moved" });
    }
    fs::symlink_metadata(&source.absolute).map_err(|error| FileError::io(&source.name, error))?;
    if target.absolute != source.absolute && target.absolute.starts_with(&source.absolute) {
        return Err(FileError::IntoItself { from: source.name });
    }
    place_new(&source.absolute, &target.absolute).map_err(|error| FileError::io(&target.name, error))
}
