//! The workspace's states: reading the present one, handing out what it is made of, and changing paths back.
//!
//! Nothing here needs git, and nothing is written but what [`Checkpoints::apply`] is told to. What states leave
//! out (see [`left_out`]) is neither read nor touched.

mod apply;
mod beneath;
mod cache;
mod left_out;
mod manifest;
mod scan;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use slipway_protocol::checkpoint::{ObjectId, Operation, Outcome, Scan};

use self::cache::Cache;
use self::manifest::Manifest;
use crate::workspace::Workspace;

/// Most files and directories of a state.
pub const MAX_ENTRIES: usize = 300_000;

/// Why the workspace cannot be scanned.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// More than [`MAX_ENTRIES`].
    #[error("the workspace holds more than {MAX_ENTRIES} files that no .gitignore names")]
    TooMany,
    /// The workspace itself cannot be read.
    #[error("the workspace cannot be read: {0}")]
    Unreadable(#[source] io::Error),
}

/// The states of one workspace.
pub struct Checkpoints {
    workspace: Arc<Workspace>,
    /// One scan at a time: a second one would only compete for the disk.
    cache: Mutex<Cache>,
    newest: Mutex<Option<Arc<Manifest>>>,
}

impl Checkpoints {
    /// For a workspace; nothing is read yet.
    pub fn new(workspace: Arc<Workspace>) -> Self {
        Self { workspace, cache: Mutex::default(), newest: Mutex::default() }
    }

    /// Reads the present state. Files whose inode, size, times and mode are those of the scan before are not
    /// read again, unless they had changed so shortly before it that their times prove nothing.
    ///
    /// # Errors
    /// See [`ScanError`].
    pub fn scan(&self) -> Result<Scan, ScanError> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self.newest();
        let manifest = self.workspace.as_owner(|| {
            let seen = scan::look(self.workspace.root(), &cache)?;
            if let Some(newest) = newest.filter(|_| seen.is_as_known(&cache)) {
                return Ok(newest);
            }
            let manifest = Arc::new(Manifest::of(&seen));
            *cache = Cache::from(seen);
            Ok(manifest)
        })?;
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&manifest));
        Ok(manifest.scan())
    }

    /// An encoded tree of the newest scan.
    pub fn tree(&self, id: &ObjectId) -> Option<Vec<u8>> {
        self.newest()?.tree(id)
    }

    /// A file's content of the newest scan; `None` when no file has it any more.
    pub fn content(&self, id: &ObjectId) -> Option<Vec<u8>> {
        let path = self.newest()?.path_of(id)?;
        let read = || scan::read(&self.workspace.root().join(&path));
        let bytes = self.workspace.as_owner(read).ok()?;
        (id_of(&bytes) == *id).then_some(bytes)
    }

    /// Changes one path. `content` is what a file is to hold.
    pub fn apply(&self, operation: &Operation, content: &[u8]) -> Outcome {
        self.workspace.as_owner(|| apply::apply(self.workspace.root(), operation, content))
    }

    fn newest(&self) -> Option<Arc<Manifest>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The id of an object with these bytes.
fn id_of(bytes: &[u8]) -> ObjectId {
    ObjectId(Sha256::digest(bytes).into())
}
