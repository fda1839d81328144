//! Room on the disk that is kept free of others, so that a full disk keeps nobody from the command that makes room:
//! neither in a shell that is there nor in a fresh one.

use std::io;
use std::path::{Path, PathBuf};

/// Bytes that are kept: some commands' text, and a shell's state.
const BYTES: usize = 256 * 1024;

/// A file that is given up when the disk is full, and made again when there is room.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
}

impl Reserve {
    /// A reserve in this directory.
    pub(super) fn new(directory: &Path) -> Self {
        let reserve = Self { path: directory.join("reserve") };
        reserve.fill();
        reserve
    }

    /// Does what takes room on the disk, a second time if the reserve had to be given up for it.
    ///
    /// # Errors
    /// Whatever goes wrong, a disk that is full all the same among it.
    pub(super) fn with<R>(&self, work: impl Fn() -> io::Result<R>) -> io::Result<R> {
        match work() {
            Err(error) if is_full(&error) && std::fs::remove_file(&self.path).is_ok() => work(),
            Ok(done) => {
                if !self.path.exists() {
                    self.fill();
                }
                Ok(done)
            }
            failed => failed,
        }
    }

    /// Failing is fine: then there is nothing to give up. What had room must not take it from others, though.
    fn fill(&self) {
        if std::fs::write(&self.path, [0; BYTES]).is_err() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn it_is_given_up_once_and_made_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let reserve = Reserve::new(directory.path());
        let is_kept = || std::fs::metadata(&reserve.path).is_ok_and(|file| file.len() == BYTES as u64);
        let tries = Cell::new(0);
        let refused = |kind: io::ErrorKind| {
            tries.set(tries.get() + 1);
            Err::<(), _>(io::Error::from(kind))
        };
        assert!(is_kept());
        assert!(reserve.with(|| refused(io::ErrorKind::PermissionDenied)).is_err() && is_kept());
        assert!(reserve.with(|| refused(io::ErrorKind::StorageFull)).is_err() && !is_kept());
        assert_eq!(tries.get(), 3);
        assert!(reserve.with(|| refused(io::ErrorKind::StorageFull)).is_err());
        assert_eq!(tries.get(), 4, "nothing was left to give up");
        assert!(reserve.with(|| Ok(())).is_ok() && is_kept());
    }
}
