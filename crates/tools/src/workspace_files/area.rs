//! `.slipway` in the workspace: where things are put together, and the trash.

use std::fs;
use std::io;
use std::path::PathBuf;

use tempfile::TempDir;

use super::FileError;
use crate::workspace::{Access, Workspace};

/// Slipway's own directory in the workspace.
pub const AREA: &str = ".slipway";

/// What keeps it out of version control, listings, searches and downloads.
const IGNORE_ALL: &str = "# Slipway's own: uploads, trash, and what is being put together.\n*\n";

/// A directory below [`AREA`]. It is on the workspace's file system, so that renaming moves between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// What is being put together; emptied when a tool host starts.
    Staging,
    /// What was deleted.
    Trash,
}

impl Area {
    /// Its path in the workspace.
    pub fn path(self) -> &'static str {
        match self {
            Self::Staging => ".slipway/staging",
            Self::Trash => ".slipway/trash",
        }
    }

    /// Makes it, if need be, and tells where it is.
    ///
    /// # Errors
    /// When it cannot be made, or a link leads it out of the workspace.
    pub fn open(self, workspace: &Workspace) -> Result<PathBuf, FileError> {
        let place = workspace.resolve_inside(self.path(), Access::Write)?;
        let failed = |source| FileError::io(self.path(), source);
        fs::create_dir_all(&place.absolute).map_err(failed)?;
        let rules = workspace.resolve_inside(&format!("{AREA}/.gitignore"), Access::Write)?;
        if let Err(error) = fs::File::create_new(&rules.absolute).and_then(|mut file| {
            use io::Write as _;
            file.write_all(IGNORE_ALL.as_bytes())
        }) && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(failed(error));
        }
        Ok(place.absolute)
    }

    /// A fresh directory in it that is gone, with everything in it, when it is dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch(self, workspace: &Workspace) -> Result<TempDir, FileError> {
        let parent = self.open(workspace)?;
        TempDir::with_prefix_in("", parent).map_err(|source| FileError::io(self.path(), source))
    }

    /// Deletes everything in it, as far as that can be done.
    pub fn clear(self, workspace: &Workspace) {
        let Ok(place) = workspace.resolve_inside(self.path(), Access::Write) else { return };
        match fs::remove_dir_all(&place.absolute) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(%error, area = self.path(), "leftovers could not be deleted"),
        }
    }
}
