//! The directory that tools work in, and which paths they may touch.
//!
//! - A path is relative to the workspace or absolute; `./a`, `a//b` and the absolute spelling of the same
//!   file have one normalised name: the path below the workspace after following symbolic links, so that
//!   an open file never has two views.
//! - Nothing outside the workspace is read or written, whether by `..`, an absolute path or a symbolic
//!   link, with one exception: in a container ([`Workspace::with_outside`]) programs' own files (headers,
//!   installed packages) may be read and `/tmp` may be read and written; those keep their absolute path as
//!   their name. `/proc`, `/sys` and `/dev` stay closed even then.
//! - Only regular files and directories are opened; devices, FIFOs and sockets are refused.
//!
//! The check resolves the deepest existing ancestor, so a path that does not exist yet cannot escape
//! either. Between check and use a shell in the same workspace could still swap a directory for a symbolic
//! link; that gains it nothing, because file tools work with the file permissions of the shell's own user
//! ([`Owner`]) and under the same confinement.

mod owner;
mod path;

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub use self::owner::Owner;
pub use self::path::PathError;

/// Most bytes of a file that tools read into memory.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// A workspace and the rules for paths in it.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    outside: Outside,
    owner: Option<Owner>,
    readable: Option<PathBuf>,
}

/// What lies beyond the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outside {
    Closed,
    /// Programs' files may be read, `/tmp` may be written.
    Container,
}

/// What a path is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its content or listing.
    Read,
    /// To create, change or delete it.
    Write,
}

/// A checked path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Where it is, symbolic links followed.
    pub absolute: PathBuf,
    /// Its normalised name: relative to the workspace (`.` for the workspace itself), or absolute when it
    /// lies outside. Bytes that are not UTF-8 are shown as replacement characters.
    pub name: String,
}

impl Workspace {
    /// The workspace at an existing directory; everything else is closed.
    ///
    /// # Errors
    /// When the directory cannot be resolved.
    pub fn open(root: &Path) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, outside: Outside::Closed, owner: None, readable: None })
    }

    /// Another workspace, at an existing directory, of the same owner and with the same rules.
    ///
    /// # Errors
    /// When the directory cannot be resolved.
    pub fn beside(&self, root: &Path) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, readable: None, ..self.clone() })
    }

    /// Lets tools read outside the workspace and write in `/tmp`: right in a container of their own only.
    #[must_use]
    pub fn with_outside(self) -> Self {
        Self { outside: Outside::Container, ..self }
    }

    /// Lets tools also read below a directory that only the host writes to: whole outputs of commands. It
    /// need not exist yet, but its parent must.
    ///
    /// # Errors
    /// When the parent cannot be resolved.
    pub fn with_readable(self, directory: &Path) -> io::Result<Self> {
        let parent = directory.parent().unwrap_or(directory).canonicalize()?;
        let readable = directory.file_name().map(|name| parent.join(name));
        Ok(Self { readable, ..self })
    }

    /// Makes file tools work, and the shell run, as this user; the host itself must be root.
    #[must_use]
    pub fn with_owner(self, owner: Owner) -> Self {
        Self { owner: Some(owner), ..self }
    }

    /// The workspace's absolute path, symbolic links followed.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The user that tools work as; `None` when that is the host's own user.
    pub fn owner(&self) -> Option<Owner> {
        self.owner
    }

    /// Checks a path as a model wrote it. What it names need not exist.
    ///
    /// # Errors
    /// When it is not a usable path or lies where tools may not go.
    pub fn resolve(&self, text: &str, access: Access) -> Result<Place, PathError> {
        let absolute = path::follow(&self.root, text)?;
        self.admit(text, absolute, access)
    }

    /// Like [`Workspace::resolve`], but when the path itself is a symbolic link, the link is meant.
    ///
    /// # Errors
    /// As for [`Workspace::resolve`].
    pub fn resolve_entry(&self, text: &str, access: Access) -> Result<Place, PathError> {
        let absolute = path::follow_parent(&self.root, text)?;
        self.admit(text, absolute, access)
    }

    /// Like [`Workspace::resolve`] for a path as the person's browser wrote it: nothing beyond the workspace is
    /// admitted, not even in a container, and the empty path is the workspace itself.
    ///
    /// # Errors
    /// As for [`Workspace::resolve`].
    pub fn resolve_inside(&self, text: &str, access: Access) -> Result<Place, PathError> {
        let text = if text.is_empty() { "." } else { text };
        self.admit_inside(text, path::follow(&self.root, text)?, access)
    }

    /// Like [`Workspace::resolve_inside`], but when the path itself is a symbolic link, the link is meant.
    ///
    /// # Errors
    /// As for [`Workspace::resolve`].
    pub fn resolve_entry_inside(&self, text: &str, access: Access) -> Result<Place, PathError> {
        self.admit_inside(text, path::follow_parent(&self.root, text)?, access)
    }

    fn admit_inside(&self, text: &str, absolute: PathBuf, access: Access) -> Result<Place, PathError> {
        if absolute.starts_with(&self.root) {
            return self.admit(text, absolute, access);
        }
        Err(PathError::Outside { text: text.to_owned(), root: self.root.clone(), access })
    }

    fn admit(&self, text: &str, absolute: PathBuf, access: Access) -> Result<Place, PathError> {
        let inside = absolute.strip_prefix(&self.root).ok();
        let name = match inside {
            Some(below) if below.as_os_str().is_empty() => ".".to_owned(),
            Some(below) => below.to_string_lossy().into_owned(),
            None => absolute.to_string_lossy().into_owned(),
        };
        if inside.is_none() && !self.outside_allows(&absolute, access) {
            return Err(PathError::Outside { text: text.to_owned(), root: self.root.clone(), access });
        }
        Ok(Place { absolute, name })
    }

    fn outside_allows(&self, absolute: &Path, access: Access) -> bool {
        if access == Access::Read && self.readable.as_ref().is_some_and(|below| absolute.starts_with(below)) {
            return true;
        }
        let closed = ["/proc", "/sys", "/dev"].iter().any(|tree| absolute.starts_with(tree));
        match (self.outside, access) {
            (Outside::Closed, _) => false,
            (Outside::Container, Access::Read) => !closed,
            (Outside::Container, Access::Write) => {
                absolute != Path::new("/tmp") && absolute.starts_with("/tmp")
            }
        }
    }

    /// Runs file work on this thread with the permissions of [`Workspace::owner`], so that new files
    /// belong to that user and nothing is reachable that the shell could not reach.
    pub fn as_owner<R>(&self, work: impl FnOnce() -> R) -> R {
        let _guard = self.owner.map(owner::FileIdentity::assume);
        work()
    }
}

/// Opens a regular file for reading, never waiting for a FIFO or a device.
///
/// # Errors
/// The system's error, or [`io::ErrorKind::InvalidInput`] with a reason when it is not a regular file.
pub fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    let file = OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok((file, metadata))
}

/// Reads a regular file of at most [`MAX_FILE_BYTES`].
///
/// # Errors
/// As for [`open_regular`], and [`io::ErrorKind::FileTooLarge`].
pub fn read_regular(path: &Path) -> io::Result<(Vec<u8>, Metadata)> {
    let (file, metadata) = open_regular(path)?;
    if metadata.len() > MAX_FILE_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok((bytes, metadata))
}

#[cfg(test)]
mod tests;
