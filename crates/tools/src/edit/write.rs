//! Replacing a file's content so that nobody ever sees half of it.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use slipway_fail_points::{Point, reach};
use tempfile::NamedTempFile;

/// As many symbolic links as Linux follows before it reports a loop.
const MAX_LINKS: usize = 40;

/// Why a file could not be replaced. The file is then as it was.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

impl WriteError {
    /// What the system said.
    pub fn into_io(self) -> io::Error {
        self.source
    }
}

/// How [`replace_if_unchanged`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// The file has the new content.
    Done,
    /// Somebody else changed the file in the meantime; it was left alone.
    Changed,
}

/// Makes `bytes` the content of the file at `path`, which may be new; its directory must exist.
///
/// Readers see the old content or the new, never a part. Mode and owner are kept, symbolic links are
/// followed and stay links. A new file gets its mode from the umask and, when this process is root, the
/// owner of its directory.
///
/// # Errors
/// When the file or its directory cannot be read or written; nothing has changed then.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let name = |source| WriteError { path: path.to_owned(), source };
    let target = follow_links(path).map_err(name)?;
    let staged = stage(&target, bytes).map_err(name)?;
    reach(Point::FileStaged);
    commit(staged, &target).map_err(name)?;
    reach(Point::FileReplaced);
    Ok(())
}

/// As [`write_atomically`], but only while the file's content still is `expected`.
///
/// # Errors
/// As [`write_atomically`]; a file that has vanished counts as changed.
pub fn replace_if_unchanged(path: &Path, expected: &[u8], bytes: &[u8]) -> Result<Replacement, WriteError> {
    let name = |source| WriteError { path: path.to_owned(), source };
    let target = follow_links(path).map_err(name)?;
    let staged = stage(&target, bytes).map_err(name)?;
    match fs::read(&target) {
        Ok(current) if current == expected => {}
        Ok(_) => return Ok(Replacement::Changed),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Replacement::Changed),
        Err(error) => return Err(name(error)),
    }
    commit(staged, &target).map_err(name)?;
    Ok(Replacement::Done)
}

/// The file that `path` stands for, also when the last link points to nothing yet.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&target) {
            Ok(link) => target = target.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

/// Writes `bytes` to a hidden file beside `target`, with the mode and owner that `target` has or should get.
fn stage(target: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let existing = match fs::metadata(target) {
        Ok(metadata) if metadata.is_file() => Some(metadata),
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => return Err(io::Error::other("not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut staged = tempfile::Builder::new()
        .prefix(".slipway-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(directory)?;
    staged.write_all(bytes)?;
    match existing {
        Some(metadata) => imitate(staged.as_file(), &metadata)?,
        None => give_to_owner_of(directory, staged.as_file()),
    }
    staged.as_file().sync_all()?;
    Ok(staged)
}

/// Owner first: changing it clears the set-user-id bits that the mode may hold.
fn imitate(file: &File, metadata: &Metadata) -> io::Result<()> {
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
        // Only root may give files away; for others the group alone may still be possible.
        let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()))
            .or_else(|_| fchown(file, None, Some(metadata.gid())));
    }
    file.set_permissions(metadata.permissions())
}

/// A tool host that runs as root must not leave root's files in a person's workspace.
fn give_to_owner_of(directory: &Path, file: &File) {
    if nix::unistd::geteuid().is_root()
        && let Ok(metadata) = fs::metadata(directory)
    {
        let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
    }
}

fn commit(staged: NamedTempFile, target: &Path) -> io::Result<()> {
    staged.persist(target).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn keeps_the_mode_of_an_existing_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("script");
        for bits in [0o755, 0o600, 0o444, 0o4755] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(bits)).unwrap();
            write_atomically(&path, b"new").unwrap();
            assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"new".to_vec(), bits));
            fs::remove_file(&path).unwrap();
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "no temporary file stays behind");
    }

    #[test]
    fn keeps_the_owner_where_that_is_possible() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("theirs");
        fs::write(&path, "old").unwrap();
        let (uid, gid) = if nix::unistd::geteuid().is_root() {
            (12_345, 54_321)
        } else {
            (nix::unistd::getuid().as_raw(), nix::unistd::getgid().as_raw())
        };
        std::os::unix::fs::chown(&path, Some(uid), Some(gid)).unwrap();
        write_atomically(&path, b"new").unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (uid, gid));
    }

    #[test]
    fn a_new_file_gets_the_mode_that_the_umask_gives() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("ordinary"), "").unwrap();
        write_atomically(&directory.path().join("ours"), b"").unwrap();
        assert_eq!(mode(&directory.path().join("ours")), mode(&directory.path().join("ordinary")));
    }

    #[test]
    fn writes_through_links_even_dangling_ones() {
        let directory = tempfile::tempdir().unwrap();
        let (target, link, chain) =
            (directory.path().join("target"), directory.path().join("link"), directory.path().join("chain"));
        symlink("target", &link).unwrap();
        symlink(&link, &chain).unwrap();
        for content in ["created", "replaced"] {
            write_atomically(&chain, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), content);
        }
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::symlink_metadata(&chain).unwrap().is_symlink());
        fs::remove_file(&target).unwrap();
        symlink("chain", &target).unwrap();
        assert!(write_atomically(&chain, b"x").unwrap_err().to_string().contains("too many levels"));
    }

    #[test]
    fn leaves_a_file_alone_that_changed_in_the_meantime() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "theirs").unwrap();
        assert_eq!(replace_if_unchanged(&path, b"before", b"ours").unwrap(), Replacement::Changed);
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(replace_if_unchanged(&path, b"theirs", b"ours").unwrap(), Replacement::Done);
        assert_eq!(fs::read(&path).unwrap(), b"ours");
        fs::remove_file(&path).unwrap();
        assert_eq!(replace_if_unchanged(&path, b"ours", b"again").unwrap(), Replacement::Changed);
        assert!(!path.exists());
    }
}
