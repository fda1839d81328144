//! The directory that a case is played in.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::case::{CaseError, Content, normalised};

/// Memory-backed, where there is such a place: the files are gone in a moment.
const MEMORY: &str = "/dev/shm";

/// A directory with a case's files, removed when dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    directory: TempDir,
}

impl Scratch {
    pub(super) fn new(
        files: &BTreeMap<String, Content>,
        modes: &BTreeMap<String, String>,
    ) -> Result<Self, CaseError> {
        let scratch = Self { directory: tempfile::tempdir_in(MEMORY).or_else(|_| tempfile::tempdir())? };
        for (name, content) in files {
            let path = scratch.inside(name)?;
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&path, &content.0)?;
        }
        for (name, mode) in modes {
            let bits = u32::from_str_radix(mode, 8).map_err(|_| CaseError::Mode(mode.clone()))?;
            fs::set_permissions(scratch.inside(name)?, Permissions::from_mode(bits & 0o7777))?;
        }
        Ok(scratch)
    }

    /// The directory itself.
    pub(super) fn root(&self) -> &Path {
        self.directory.path()
    }

    /// Every regular file's content and mode, by relative path.
    pub(super) fn read_back(&self) -> io::Result<(BTreeMap<String, Content>, BTreeMap<String, String>)> {
        let (mut files, mut modes) = (BTreeMap::new(), BTreeMap::new());
        let mut open = vec![self.directory.path().to_owned()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory)? {
                let entry = entry?;
                let metadata = entry.metadata()?;
                if metadata.is_dir() {
                    open.push(entry.path());
                } else if metadata.is_file() {
                    let name = self.name_of(&entry.path());
                    modes.insert(name.clone(), format!("{:04o}", metadata.permissions().mode() & 0o7777));
                    files.insert(name, Content(fs::read(entry.path())?));
                }
            }
        }
        Ok((files, modes))
    }

    fn inside(&self, name: &str) -> Result<PathBuf, CaseError> {
        let clean = normalised(name).ok_or_else(|| CaseError::Path(name.to_owned()))?;
        Ok(self.root().join(clean))
    }

    fn name_of(&self, path: &Path) -> String {
        path.strip_prefix(self.directory.path()).unwrap_or(path).to_string_lossy().into_owned()
    }
}
