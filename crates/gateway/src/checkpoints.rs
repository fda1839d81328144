//! Recorded states of the workspace: taking them around what runs do, comparing them, and going back to one.
//!
//! A state is a tree of objects that are named by their content ([`slipway_protocol::checkpoint`]) and kept once
//! ([`Objects`]); a checkpoint is a row that names a state's root. The tool host reads and writes the workspace;
//! nothing here touches it, and nothing that comes from there is believed before its hash is right.

mod before;
mod capture;
mod changes;
mod fetch;
mod hunk;
mod ignored;
mod lines;
mod listing;
mod marks;
mod notice;
mod objects;
mod plan;
mod restore;
mod sweep;
mod watch;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Instant;

use slipway_protocol::{Problem, WorkspaceId};
use slipway_tools::client::ClientError;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

pub use self::before::before_message;
pub(crate) use self::lines::{Comparison, page as page_of_hunks};
pub use self::listing::{Scope, changes_of, diff_of};
pub use self::marks::marks_of;
pub use self::objects::{ObjectError, Objects};
pub use self::restore::{apply as restore, finish_all, preview};
pub use self::sweep::{finish as finish_sweep, keep_small};
pub use self::watch::{Watched, after_run, before_call, on_step, warm};
use crate::runs::patience::StorageFailure;
use crate::store::StoreError;

/// The states of the workspaces. Cheap to clone.
#[derive(Clone)]
pub struct Checkpoints(Arc<Inner>);

struct Inner {
    /// Of all workspaces together: what two of them have in common is kept once.
    objects: Objects,
    /// For each workspace, when its state was last recorded. Held while a state is recorded, restored or forgotten:
    /// each of those in one piece.
    turns: StdMutex<HashMap<WorkspaceId, Arc<Mutex<Option<Instant>>>>>,
    /// Held for reading with every turn, taken after it; for writing while objects are deleted.
    deletions: Arc<RwLock<()>>,
    /// Whether something was deleted since unneeded objects were last looked for.
    has_garbage: AtomicBool,
    /// Whether something was kept since it was last looked how much that is.
    has_grown: AtomicBool,
}

/// The right to record or change the state of a workspace.
pub(crate) struct Turn {
    workspace: WorkspaceId,
    /// When the state was last recorded.
    recorded: OwnedMutexGuard<Option<Instant>>,
    _no_deletions: OwnedRwLockReadGuard<()>,
}

impl Checkpoints {
    /// Keeps its objects below `data_dir`.
    pub fn new(data_dir: &Path) -> Self {
        let objects = Objects::new(data_dir.join("checkpoints"));
        Self(Arc::new(Inner {
            objects,
            turns: StdMutex::default(),
            deletions: Arc::default(),
            has_garbage: AtomicBool::new(true),
            has_grown: AtomicBool::new(true),
        }))
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.0.objects
    }

    pub(crate) async fn turn(&self, workspace: &WorkspaceId) -> Turn {
        let turn = {
            let mut turns = self.0.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(workspace.clone()).or_default())
        };
        let recorded = turn.lock_owned().await;
        Turn { workspace: workspace.clone(), recorded, _no_deletions: self.no_deletions().await }
    }

    /// While it is held no object is deleted.
    pub(crate) async fn no_deletions(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.0.deletions).read_owned().await
    }

    /// While it is held nobody has a turn, in any workspace.
    pub(crate) async fn alone(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.0.deletions).write_owned().await
    }

    /// Notes that checkpoints are gone, so that what only they needed is deleted some time.
    pub fn forgot_some(&self) {
        self.0.has_garbage.store(true, Ordering::Relaxed);
    }

    fn has_grown(&self) -> bool {
        self.0.has_grown.load(Ordering::Relaxed)
    }

    fn set_grown(&self, has_grown: bool) {
        self.0.has_grown.store(has_grown, Ordering::Relaxed);
    }

    /// Whether there may be objects that nobody needs; taken as told.
    fn take_garbage(&self) -> bool {
        self.0.has_garbage.swap(false, Ordering::Relaxed)
    }
}

/// Why a state cannot be recorded, compared or restored.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// There is no tool host.
    #[error("the sandbox is not there")]
    NoSandbox,
    /// The tool host failed or refused.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Files changed whenever they were read.
    #[error("files of the workspace kept changing while they were recorded")]
    Changing,
    /// What the tool host sent is not what it says.
    #[error("the sandbox sent something else than it was asked for")]
    Wrong,
    /// It took too long.
    #[error("recording the workspace's state took longer than {0} seconds")]
    TooSlow(u64),
    /// Objects cannot be read or written.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StorageFailure for CheckpointError {
    fn storage_problem(&self) -> Option<Problem> {
        match self {
            Self::Store(error) => error.storage_problem(),
            Self::Object(error) => error.storage_problem(),
            Self::NoSandbox | Self::Client(_) | Self::Changing | Self::Wrong | Self::TooSlow(_) => None,
        }
    }
}

impl From<CheckpointError> for Problem {
    fn from(error: CheckpointError) -> Self {
        const TITLE: &str = "The workspace's state cannot be recorded or compared";
        match error {
            CheckpointError::NoSandbox => Self::new(503, "sandbox_unavailable", "The sandbox is not there")
                .detail("No tool host is attached.")
                .hint("Check the sandbox with `slipway ps` and `slipway logs`, then try again."),
            CheckpointError::Client(ClientError::Refused { problem, .. }) => {
                Self::new(422, "checkpoint_failed", TITLE)
                    .detail(problem.detail)
                    .hint("Let a .gitignore name what need not be recorded.")
            }
            CheckpointError::Changing => Self::new(409, "checkpoint_failed", TITLE)
                .detail(CheckpointError::Changing.to_string())
                .hint("Try again when the programs that write them are done."),
            CheckpointError::Store(error) => error.into(),
            CheckpointError::Object(error) => error.into(),
            other => {
                tracing::error!(error = &other as &dyn std::error::Error, "a checkpoint failed");
                Self::new(502, "checkpoint_failed", TITLE)
                    .detail(other.to_string())
                    .hint("Try again; if it keeps failing, look at the log with `slipway logs`.")
            }
        }
    }
}

impl From<CheckpointError> for crate::api::ApiError {
    fn from(error: CheckpointError) -> Self {
        Self::Problem(error.into())
    }
}

/// Runs work on files on the blocking pool.
async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, ObjectError> + Send + 'static,
) -> Result<R, CheckpointError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(failure) => Err(ObjectError::Broken(std::io::Error::other(failure)).into()),
    }
}
