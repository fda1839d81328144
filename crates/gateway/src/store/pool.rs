//! Opening the only connection pool.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, AssertSqlSafe, Connection, Executor, Row};

use super::{Backend, Location, StoreError};

/// One writer and a few readers; each SQLite connection is a thread with a cache of its own, each of PostgreSQL a
/// process.
const MAX_CONNECTIONS: u32 = 5;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Which connections may still be used: none that is older than the last failure to save something. SQLite opens a file
/// for reading only when it may not be written, and that connection stays so when the file may be written again.
#[derive(Debug, Clone, Default)]
pub(super) struct Trust(Arc<Mutex<Option<Instant>>>);

impl Trust {
    /// The file could not be written: present connections are not to be used again.
    pub(super) fn lose(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection of this age may be used.
    fn covers(&self, age: Duration) -> bool {
        let lost = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lost.is_none_or(|lost| age < lost.elapsed())
    }
}

/// Opens the pool and proves with one connection that it works.
///
/// # Errors
/// When the database cannot be opened.
pub(super) async fn open(location: &Location, trust: Trust) -> Result<AnyPool, StoreError> {
    sqlx::any::install_default_drivers();
    let url = match location {
        Location::File(path) => sqlite_url(path),
        Location::Url(url) => url.clone(),
    };
    let failed = |source: sqlx::Error| StoreError::Open {
        location: match location {
            Location::File(path) => path.display().to_string(),
            // The URL may hold a password.
            Location::Url(url) => url.split(':').next().unwrap_or_default().to_owned(),
        },
        source: source.into(),
    };
    let options: AnyConnectOptions = url.parse().map_err(failed)?;
    let backend = location.backend();
    AnyPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(backend == Backend::Postgres)
        // When the disk is full, SQLite ends the transaction by itself and sqlx's own rollback fails,
        // after which sqlx takes the connection to be in a transaction for ever: not to be used again.
        .before_acquire(move |connection, known| {
            let is_trusted = trust.covers(known.age);
            Box::pin(async move { Ok(is_trusted && !connection.is_in_transaction()) })
        })
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(AssertSqlSafe(backend.settings())).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .map_err(failed)
}

/// The database's epoch and the number of its newest event; makes both when they are not there.
///
/// # Errors
/// When the database fails.
pub(super) async fn identity(pool: &AnyPool) -> Result<(String, i64), StoreError> {
    let fresh = uuid::Uuid::now_v7().simple().to_string();
    sqlx::query("INSERT INTO event_log (id, epoch, seq) VALUES (1, $1, 0) ON CONFLICT (id) DO NOTHING")
        .bind(fresh)
        .execute(pool)
        .await?;
    let row = sqlx::query("SELECT epoch, seq FROM event_log WHERE id = 1").fetch_one(pool).await?;
    Ok((row.try_get("epoch")?, row.try_get("seq")?))
}

/// A URL for a file whose name may hold characters that mean something in URLs.
fn sqlite_url(path: &Path) -> String {
    let mut url = String::from("sqlite://");
    for character in path.to_string_lossy().chars() {
        match character {
            '%' => url.push_str("%25"),
            '?' => url.push_str("%3F"),
            '#' => url.push_str("%23"),
            ' ' => url.push_str("%20"),
            other => url.push(other),
        }
    }
    url.push_str("?mode=rwc");
    url
}
