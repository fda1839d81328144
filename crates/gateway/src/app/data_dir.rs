//! Whether the data directory can be used, looked at before anything is begun: what fails later fails for reasons that
//! nobody understands.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// What must fit at least: less is no way to begin.
const ROOM: usize = 256 << 10;

/// The data directory cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the data directory {}: {source}; {}", path.display(), advice(source))]
pub struct DataDirError {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Writes something into a data directory, which is made when it is not there, and deletes it again.
///
/// # Errors
/// When that fails.
pub(super) fn must_be_writable(path: &Path) -> Result<(), DataDirError> {
    try_write(path).map_err(|source| DataDirError { path: path.to_owned(), source })
}

fn try_write(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)?;
    let mut file = tempfile::tempfile_in(path)?;
    file.write_all(&vec![0; ROOM])?;
    // Some file systems look for room only now.
    file.sync_all()
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space on its disk and start again; nothing saved so far is lost"
        }
        io::ErrorKind::ReadOnlyFilesystem => "make its disk writable again and start again",
        io::ErrorKind::PermissionDenied => {
            "give the user that Slipway runs as the right to write it and start again"
        }
        _ => "put that right and start again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_can_be_written_is_left_as_it_was() {
        let directory = tempfile::tempdir().expect("a directory");
        let data = directory.path().join("not/there");
        must_be_writable(&data).expect("written");
        assert_eq!(std::fs::read_dir(&data).expect("made").count(), 0);
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("file");
        std::fs::write(&file, "").expect("written");
        let words = must_be_writable(&file.join("data")).expect_err("it is a file").to_string();
        assert!(words.contains("file/data") && words.ends_with("put that right and start again"), "{words}");
        let full = DataDirError { path: "/data".into(), source: io::ErrorKind::StorageFull.into() };
        assert!(full.to_string().contains("free some space"), "{full}");
    }
}
