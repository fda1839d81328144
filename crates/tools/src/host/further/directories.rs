//! The directories of further workspaces: making, trashing and bringing back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use slipway_protocol::id::WorkspaceId;

use crate::workspace::Workspace;

/// How long a workspace stays in the trash.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// No workspace is called so: names begin with letters or digits.
const TRASH: &str = ".trash";

/// Name below an entry of the trash.
const CONTENT: &str = "content";

/// Why something cannot be done with a workspace's directory.
#[derive(Debug, thiserror::Error)]
pub(super) enum DirectoryError {
    /// There is none of this name.
    #[error("no workspace is called {0} here")]
    Unknown(WorkspaceId),
    /// There is one of this name.
    #[error("a directory or file is called {0} already")]
    Taken(WorkspaceId),
    /// The system says no.
    #[error(transparent)]
    Io(io::Error),
}

/// A directory of workspaces.
pub(super) struct Directories {
    root: PathBuf,
    owner: Workspace,
}

impl Directories {
    /// In an existing directory; they belong to the same user as `first`.
    pub(super) fn new(root: PathBuf, first: Workspace) -> Self {
        let directories = Self { root, owner: first };
        directories.owner.as_owner(|| directories.empty_of_old());
        directories
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where a workspace is. A link is none: the agent could have made it.
    pub(super) fn existing(&self, id: &WorkspaceId) -> Result<PathBuf, DirectoryError> {
        let path = self.path(id)?;
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => Ok(path),
            _ => Err(DirectoryError::Unknown(id.clone())),
        }
    }

    /// Those that are there, by name.
    pub(super) fn all(&self) -> Vec<(WorkspaceId, PathBuf)> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| Some(WorkspaceId(entry.file_name().into_string().ok()?)));
        let mut all: Vec<_> = ids.filter_map(|id| Some((id.clone(), self.existing(&id).ok()?))).collect();
        all.sort();
        all
    }

    pub(super) fn create(&self, id: &WorkspaceId) -> Result<(), DirectoryError> {
        fs::create_dir(self.path(id)?).map_err(|error| failed(id, error))
    }

    /// Moves it to the trash, and deletes for good what has been there for a week.
    pub(super) fn trash(&self, id: &WorkspaceId) -> Result<(), DirectoryError> {
        self.empty_of_old();
        let path = self.existing(id)?;
        let slot = self.slot(id);
        fs::create_dir_all(&slot).map_err(DirectoryError::Io)?;
        fs::rename(path, slot.join(CONTENT)).map_err(|error| failed(id, error))
    }

    pub(super) fn restore(&self, id: &WorkspaceId) -> Result<(), DirectoryError> {
        let (path, slot) = (self.path(id)?, self.slot(id));
        if fs::symlink_metadata(&path).is_ok() {
            return Err(DirectoryError::Taken(id.clone()));
        }
        fs::rename(slot.join(CONTENT), path).map_err(|_gone| DirectoryError::Unknown(id.clone()))?;
        if let Err(error) = fs::remove_dir(&slot) {
            tracing::debug!(%error, "the emptied slot of the trash stays");
        }
        Ok(())
    }

    fn path(&self, id: &WorkspaceId) -> Result<PathBuf, DirectoryError> {
        if id.is_well_formed() && !id.is_default() {
            return Ok(self.root.join(id.as_str()));
        }
        Err(DirectoryError::Unknown(id.clone()))
    }

    fn slot(&self, id: &WorkspaceId) -> PathBuf {
        self.root.join(TRASH).join(id.as_str())
    }

    fn empty_of_old(&self) {
        for entry in fs::read_dir(self.root.join(TRASH)).into_iter().flatten().flatten() {
            let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|at| at.elapsed());
            if matches!(age, Ok(Ok(age)) if age > KEPT)
                && let Err(error) = fs::remove_dir_all(entry.path())
            {
                tracing::debug!(%error, "an old workspace stays in the trash");
            }
        }
    }
}

fn failed(id: &WorkspaceId, error: io::Error) -> DirectoryError {
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => DirectoryError::Taken(id.clone()),
        _ => DirectoryError::Io(error),
    }
}
