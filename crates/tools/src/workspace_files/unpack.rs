//! Unpacking an uploaded archive: the whole of it, or nothing with the reason.
//!
//! An archive is hostile until shown otherwise. It is unpacked into an empty directory, entry by entry, each checked
//! before anything of it is written ([`tree`]), within bounds that hold for what comes out and not for what headers
//! claim; then the finished tree is moved to its place. What is refused: names that are absolute, go up, hold control
//! characters or what is a separator elsewhere; entries below links or files; links out of the archive; devices, FIFOs
//! and sparse files; two entries of one name; too many, too deep, too large, too well compressed.

mod error;
mod name;
mod tar_file;
mod tree;
mod zip_file;

use std::fs;
use std::io::{self, Read};

use slipway_protocol::workspace::{ArchiveKind, UnpackedArchive};

pub use self::error::{ArchiveError, Refusal};
pub(super) use self::name::stays_inside as link_stays_inside;
use self::tree::Tree;
use super::merge::{Existing, merge};
use super::upload::place_new;
use super::{Area, FileError};
use crate::workspace::{Access, Workspace};

/// What an archive may hold at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnpackLimits {
    /// Entries, directories included.
    pub entries: u64,
    /// Bytes of all files together.
    pub bytes: u64,
    /// Directories around an entry.
    pub depth: usize,
    /// How many times as large as the archive its files may be, once they are larger than `ratio_from`.
    pub ratio: u64,
    /// Bytes below which the ratio does not matter.
    pub ratio_from: u64,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self { entries: 50_000, bytes: 4 << 30, depth: 64, ratio: 200, ratio_from: 64 << 20 }
    }
}

/// Unpacks an archive to a directory of the workspace, which is made if need be.
///
/// # Errors
/// When anything in the archive is refused, something is in the way, or the system fails. Nothing was written then.
pub fn unpack(
    workspace: &Workspace,
    path: &str,
    kind: ArchiveKind,
    archive: &mut dyn Read,
    existing: Existing,
    limits: UnpackLimits,
) -> Result<UnpackedArchive, FileError> {
    let target = workspace.resolve_inside(path, Access::Write)?;
    let failed = |source| FileError::io(&target.name, source);
    match fs::metadata(&target.absolute) {
        Ok(there) if !there.is_dir() => return Err(FileError::NotADirectory { path: target.name }),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let staging = Area::Staging.scratch(workspace)?;
    let (staged, spare) = (staging.path().join("tree"), staging.path().join("replaced"));
    fs::create_dir(&staged).and_then(|()| fs::create_dir(&spare)).map_err(failed)?;
    let mut tree = Tree::new(staged.clone(), limits);
    match kind {
        ArchiveKind::Zip => {
            let mut spool = tempfile::tempfile_in(staging.path()).map_err(failed)?;
            io::copy(archive, &mut spool).map_err(|source| arrival(&target.name, source))?;
            zip_file::unpack(spool, &mut tree)?;
        }
        ArchiveKind::Tar => tar_file::unpack(archive, &mut tree)?,
        ArchiveKind::TarGz => tar_file::unpack_gzipped(archive, &mut tree)?,
    }
    let unpacked = tree.finish();
    match fs::symlink_metadata(&target.absolute) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            place_new(&staged, &target.absolute).map_err(failed)?;
        }
        _ => merge(&staged, &target.absolute, &spare, existing, &target.name)?,
    }
    Ok(unpacked)
}

/// What breaks an upload off is told apart from what the disk refuses.
fn arrival(path: &str, source: io::Error) -> FileError {
    match source.kind() {
        io::ErrorKind::UnexpectedEof => FileError::BrokenOff { path: path.to_owned() },
        _ => FileError::io(path, source),
    }
}
