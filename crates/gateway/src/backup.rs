//! Backups: one file with the database and the recorded states, made while everything goes on, and going back to one.
//!
//! A backup holds the database as it was at one moment, and every object that its checkpoints need. Going back has two
//! halves: [`receive`] checks what is sent and puts it aside, and [`apply`] exchanges the data at the next start,
//! before anything is open. Each half can be broken off at any moment and leaves either the old data or the new.

mod apply;
mod create;
mod receive;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use slipway_protocol::Problem;

pub use self::apply::apply;
pub use self::create::{WithKey, create};
pub use self::receive::receive;
use crate::store::StoreError;

/// The database in a backup and in a data directory.
const DATABASE: &str = "slipway.db";
/// The key that encrypts what is secret in it.
const KEY: &str = "secret.key";
/// The recorded states.
const STATES: &str = "checkpoints";
/// What a backup says of itself.
const MANIFEST: &str = "manifest.json";
/// What waits in a data directory to be gone back to.
const INCOMING: &str = "restore";
/// How directories begin in which something is put together; those of a gateway that died are left over.
const SCRATCH: [&str; 2] = ["backup-", "restore-"];
/// What was there before, in case it was a mistake.
pub(crate) const REPLACED: &str = "before-restore";
/// The present format.
const FORMAT: u32 = 1;

/// What a backup says of itself; its first entry.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    version: String,
    created_at: i64,
}

/// Why there is no backup, or no going back to one.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database is not a file of this gateway's.
    #[error("the database is a server's")]
    Server,
    /// A file cannot be read or written.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was sent is no backup, or a damaged one.
    #[error("{0}")]
    Unusable(String),
}

impl BackupError {
    fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

impl From<BackupError> for Problem {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Server => Self::new(
                409,
                "database_is_a_server",
                "A PostgreSQL database is saved with its own tools",
            )
            .detail("This gateway's database is a server, which others may use as well.")
            .hint(
                "Use pg_dump and pg_restore, and copy the data directory's checkpoints and secret.key; \
                         docs/durability.md says how.",
            ),
            BackupError::Unusable(reason) => {
                Self::new(422, "backup_unusable", "This is no backup that can be gone back to")
                    .detail(reason)
                    .hint("Choose a file that `slipway backup` has written.")
            }
            BackupError::Store(error) => error.into(),
            BackupError::Io { .. } => {
                tracing::error!(error = &error as &dyn std::error::Error, "a backup failed");
                Self::new(500, "backup_failed", "The backup failed")
                    .detail(error.to_string())
                    .hint("See that the data directory's disk has room for a copy of the database.")
            }
        }
    }
}
