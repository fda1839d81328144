//! The database: one pool, one writer at a time, plain SQL with bound parameters, domain types out.
//! The statements are the same for SQLite and PostgreSQL; where the two differ, [`Backend`] says how.
//!
//! Reads go through [`Store::pool`] or, where several must agree, through [`Store::read`]. Everything that
//! changes something goes through [`Store::write`]: a transaction that also carries the numbered events
//! that tell of the change, so that neither is ever there without the other.

mod access;
pub mod answers;
pub mod approvals;
mod asked;
mod backend;
pub mod branches;
pub mod budgets;
pub mod call_stops;
mod checkpoint;
pub mod checkpoints;
pub mod conversations;
pub mod copies;
pub mod deletions;
pub mod deliveries;
mod departures;
mod drafts;
mod error;
pub(crate) mod event_rows;
pub mod export;
pub(crate) mod facts;
pub mod gateways;
pub mod images;
pub mod imports;
pub mod message_pages;
pub mod messages;
mod migrations;
pub mod output;
mod own_keys;
pub mod ownership;
pub mod pin_wishes;
mod pool;
pub mod prompts;
mod providers;
pub(crate) mod prune;
pub mod questions;
pub mod queue;
mod row;
pub mod runs;
pub mod sealed;
pub mod search;
pub(crate) mod settings;
pub mod transcript;
mod users;
pub mod webhooks;
pub mod workspaces;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use slipway_fail_points::{Point, reach};
use slipway_protocol::Problem;
use sqlx::{Any, AnyConnection, AnyPool, Row, Transaction};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, watch};

pub use self::access::{LiveSession, NewSession};
use self::answers::Requests;
pub use self::backend::Backend;
pub use self::error::StoreError;
use self::pool::Trust;
pub use self::providers::StoredProvider;
pub use self::settings::SavedSearch;
pub use self::users::StoredUser;
pub use self::write::{PartAge, Write, now_ms};
use crate::events::Feed;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file, made when absent.
    File(PathBuf),
    /// A database URL (`sqlite://…`, `postgres://…`).
    Url(String),
}

impl Location {
    /// The usual file in a data directory.
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self::File(data_dir.join("slipway.db"))
    }

    /// Which database system is there.
    pub fn backend(&self) -> Backend {
        match self {
            Self::Url(url) if url.starts_with("postgres:") || url.starts_with("postgresql:") => {
                Backend::Postgres
            }
            Self::File(_) | Self::Url(_) => Backend::Sqlite,
        }
    }
}

/// The gateway's database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    pool: AnyPool,
    trust: Trust,
    backend: Backend,
    /// One writer at a time, in order of arrival: SQLite has only one, and waiting here is fair and
    /// cheap where its own busy handler sleeps. With PostgreSQL it keeps one connection busy instead of
    /// all; writers of other gateways wait for the row of the event counter.
    writer: Arc<Semaphore>,
    epoch: String,
    feed: Feed,
    /// Why nothing can be saved at the moment.
    trouble: watch::Sender<Option<Problem>>,
    /// Whoever reads events of other gateways, which is to be done once.
    reading: Semaphore,
    /// This gateway's id among those that share the database, once it is one of them.
    member: OnceLock<String>,
    /// This life of a gateway that has the database for itself.
    life: String,
    /// Requests that clients may repeat and that are being carried out here.
    requests: Requests,
}

impl Store {
    /// Opens the database, makes it when it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// When it cannot be opened, is no database, or was written by a newer Slipway.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        let backend = location.backend();
        let trust = Trust::default();
        let pool = pool::open(location, trust.clone()).await?;
        migrations::run(&pool).await?;
        reach(Point::SchemaReady);
        let (epoch, seq) = pool::identity(&pool).await?;
        let writer = Arc::new(Semaphore::new(1));
        Ok(Self {
            inner: Arc::new(Inner {
                pool,
                trust,
                backend,
                writer,
                epoch,
                feed: Feed::starting_at(seq),
                trouble: watch::Sender::default(),
                reading: Semaphore::new(1),
                member: OnceLock::new(),
                life: uuid::Uuid::now_v7().simple().to_string(),
                requests: Requests::default(),
            }),
        })
    }

    /// The database system.
    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// For single reads.
    pub fn pool(&self) -> &AnyPool {
        &self.inner.pool
    }

    /// For several reads that must agree with each other: all see the same moment.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn read(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(self.inner.pool.begin_with(self.inner.backend.begin_reading()).await?)
    }

    /// Number of the newest event as `moment` sees it: what else is read there reflects just this.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_event(&self, moment: &mut AnyConnection) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT seq FROM event_log WHERE id = 1").fetch_one(moment).await?;
        Ok(row.try_get("seq")?)
    }

    /// For everything that changes something. Waits for other writers; nothing is changed unless
    /// [`Write::commit`] succeeds.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn write(&self) -> Result<Write, StoreError> {
        let begun = Write::begin(self).await;
        if let Err(StoreError::ReadOnly(_) | StoreError::Disk(_)) = &begun {
            self.inner.trust.lose();
        }
        begun
    }

    /// The turn to write. Held during a single statement of which no event tells, it does for that what
    /// [`Self::write`] does for several, at a fraction of the cost.
    ///
    /// # Errors
    /// When the database is closed.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let turn = Arc::clone(&self.inner.writer).acquire_owned().await;
        turn.map_err(|_closed: AcquireError| StoreError::Database(sqlx::Error::PoolClosed))
    }

    /// Random id of this database; the first part of every event cursor.
    pub fn epoch(&self) -> &str {
        &self.inner.epoch
    }

    /// Random id of this life of the gateway.
    fn life(&self) -> &str {
        self.member().unwrap_or(&self.inner.life)
    }

    /// The newest events, in memory.
    pub fn feed(&self) -> &Feed {
        &self.inner.feed
    }

    /// Why nothing can be saved at the moment; `None` when the last attempt succeeded.
    pub fn trouble(&self) -> Option<Problem> {
        self.inner.trouble.borrow().clone()
    }

    /// Notes that nothing can be saved at the moment.
    pub fn note_trouble(&self, problem: Problem) {
        // A connection that finds no space will find it when there is some again.
        if problem.code != error::FULL {
            self.inner.trust.lose();
        }
        self.inner.trouble.send_replace(Some(problem));
    }

    /// Notes that something was saved.
    fn note_success(&self) {
        self.inner.trouble.send_if_modified(|known| known.take().is_some());
    }

    /// Copies the database as it is at this moment into a new file, while everything goes on. SQLite only.
    ///
    /// # Errors
    /// When the file is there already or cannot be written.
    pub async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let path = path.to_string_lossy().into_owned();
        sqlx::query("VACUUM INTO $1").bind(path).execute(self.pool()).await?;
        Ok(())
    }

    /// Gives a copy of a database an identity of its own, because positions in the original's event log may mean
    /// something else in it; `false` when it is damaged. SQLite only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew(&self) -> Result<bool, StoreError> {
        let verdict: String =
            sqlx::query("PRAGMA integrity_check").fetch_one(self.pool()).await?.try_get(0)?;
        let epoch = uuid::Uuid::now_v7().simple().to_string();
        sqlx::query("UPDATE event_log SET epoch = $1").bind(epoch).execute(self.pool()).await?;
        // Whoever moves the file need not think of the log beside it.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(self.pool()).await?;
        Ok(verdict == "ok")
    }

    /// Makes readers hear of everything that is committed by now, by other gateways too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        if self.member().is_none() {
            return Ok(());
        }
        self.read_up_to(self.news().await?.seq).await
    }

    /// Makes readers hear of events of other gateways, up to this number.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn read_up_to(&self, seq: i64) -> Result<(), StoreError> {
        // It is never closed.
        let _reading = self.inner.reading.acquire().await;
        loop {
            let after = self.feed().newest();
            if after >= seq {
                return Ok(());
            }
            let (events, reached) = event_rows::all(&mut *self.pool().acquire().await?, after, seq).await?;
            self.feed().publish(after, reached, events);
        }
    }

    /// Closes all connections; what is not committed is rolled back.
    pub async fn close(&self) {
        self.inner.pool.close().await;
    }
}
