//! A path below the workspace that cannot lead out of it, whatever programs do meanwhile: every directory on the
//! way is opened by itself, without following links, and what is done is done relative to the last one.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::libc;

/// A name in a directory that is held open.
pub(super) struct Place {
    directory: File,
    name: Vec<u8>,
}

impl Place {
    /// The place with this path below `root`.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] or [`io::ErrorKind::NotADirectory`] when a directory on the way is not there or
    /// is a link, [`io::ErrorKind::InvalidInput`] when it is no path of an entry.
    pub(super) fn below(root: &Path, path: &[u8]) -> io::Result<Self> {
        let mut directory = open_directory(root)?;
        let mut names = path.split(|byte| *byte == b'/').peekable();
        while let Some(name) = names.next() {
            if name.is_empty() || name == b"." || name == b".." || name.contains(&0) {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            if names.peek().is_none() {
                return Ok(Self { directory, name: name.to_vec() });
            }
            directory = open_directory(&within(&directory, name))?;
        }
        Err(io::ErrorKind::InvalidInput.into())
    }

    /// A path for functions that do not follow links in its last part.
    pub(super) fn path(&self) -> PathBuf {
        within(&self.directory, &self.name)
    }

    /// The same for another name in the same directory.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        within(&self.directory, name.as_bytes())
    }

    /// The directory at this place, held open: its [`held`] path stands for it alone.
    ///
    /// # Errors
    /// When no directory is there.
    pub(super) fn open_directory(&self) -> io::Result<File> {
        open_directory(&self.path())
    }
}

/// A path that stands for an open file, whatever has become of its name.
pub(super) fn held(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

fn within(directory: &File, name: &[u8]) -> PathBuf {
    held(directory).join(OsStr::from_bytes(name))
}

fn open_directory(path: &Path) -> io::Result<File> {
    let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}
