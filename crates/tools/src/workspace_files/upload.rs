//! Files that are streamed into the workspace.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use slipway_fail_points::{Point, reach};
use slipway_protocol::workspace::WrittenFile;
use tempfile::TempDir;

use super::merge::Existing;
use super::{Area, FileError};
use crate::workspace::{Access, Place, Workspace};

/// A file on its way. What was written is gone when it is dropped.
pub struct Upload {
    place: Place,
    existing: Existing,
    staging: TempDir,
}

impl Upload {
    /// Begins an upload that ends at `path`; gives the file to write to.
    ///
    /// # Errors
    /// When the place cannot be used, or something is there that is not to be replaced.
    pub fn begin(
        workspace: &Workspace,
        path: &str,
        existing: Existing,
    ) -> Result<(Self, fs::File), FileError> {
        let place = workspace.resolve_inside(path, Access::Write)?;
        match fs::metadata(&place.absolute) {
            Ok(metadata) if metadata.is_dir() || existing == Existing::Keep => {
                return Err(FileError::Exists { paths: vec![place.name] });
            }
            Ok(metadata) if !metadata.is_file() => return Err(FileError::NotAFile { path: place.name }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(FileError::io(place.name, error)),
        }
        let staging = Area::Staging.scratch(workspace)?;
        let file = fs::File::create_new(staging.path().join("file"))
            .map_err(|source| FileError::io(&place.name, source))?;
        Ok((Self { place, existing, staging }, file))
    }

    /// Puts the file, which is whole now, in its place.
    ///
    /// # Errors
    /// When it cannot be put there, or somebody else was faster. Nothing has changed then.
    pub fn finish(self) -> Result<WrittenFile, FileError> {
        let (staged, target) = (self.staging.path().join("file"), &self.place.absolute);
        let failed = |source| FileError::io(&self.place.name, source);
        let bytes = fs::metadata(&staged).map_err(failed)?.len();
        reach(Point::UploadStaged);
        match fs::metadata(target) {
            Ok(old) if self.existing == Existing::Replace && old.is_file() => {
                let mode = fs::Permissions::from_mode(old.permissions().mode() & 0o777);
                fs::set_permissions(&staged, mode)
                    .and_then(|()| fs::rename(&staged, target))
                    .map_err(failed)?;
            }
            _ => place_new(&staged, target).map_err(failed)?,
        }
        reach(Point::UploadPlaced);
        Ok(WrittenFile { path: self.place.name, hash: None, bytes })
    }
}

/// Moves something to a place where nothing is, with the directories on the way.
pub(super) fn place_new(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    rename_new(from, to)
}

/// Renames without ever replacing anything.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat2(AT_FDCWD, from, AT_FDCWD, to, RenameFlags::RENAME_NOREPLACE) {
        // File systems that do not know the flag (some network and FUSE ones).
        Err(Errno::EINVAL | Errno::ENOSYS) => match fs::symlink_metadata(to) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(from, to),
        },
        outcome => Ok(outcome?),
    }
}
