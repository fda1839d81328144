//! Giving up the oldest events: what they told of is in the rows that they changed, and a reader that was away for so
//! long fetches those anew.

use slipway_protocol::api::RetentionChoices;
use sqlx::{AnyConnection, Row};
use tokio_util::sync::CancellationToken;

use super::{Store, StoreError};

/// Events after which it is looked whether there are more.
const LOOK_AFTER: i64 = 2_000;
/// Rows that are deleted in one transaction, so that nobody waits long for it.
const AT_ONCE: i64 = 1_000;

impl Store {
    /// Keeps the event log from growing for ever, until `stop` is cancelled. To be spawned by whoever opened the store.
    /// What `environment` says of how many are kept holds until somebody saves something else.
    pub async fn keep_events_few(self, environment: RetentionChoices, stop: CancellationToken) {
        let mut newest = self.feed().subscribe();
        let mut looked = None;
        loop {
            let due = newest.wait_for(|seq| looked.is_none_or(|looked| *seq >= looked + LOOK_AFTER));
            looked = match stop.run_until_cancelled(due).await {
                Some(Ok(seq)) => Some(*seq),
                Some(Err(_)) | None => return,
            };
            if let Err(error) = self.give_up_by(&environment).await {
                tracing::warn!(%error, "old events stay in the log");
            }
        }
    }

    async fn give_up_by(&self, environment: &RetentionChoices) -> Result<(), StoreError> {
        let retention = self.retention_choices().await?.resolve_over(*environment);
        self.give_up_events(i64::from(retention.events)).await
    }

    /// Gives up all events but the newest so many.
    ///
    /// # Errors
    /// When the database fails; what was given up until then stays given up.
    pub async fn give_up_events(&self, kept: i64) -> Result<(), StoreError> {
        let sql = "SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET $1";
        let row = sqlx::query(sql).bind(kept).fetch_optional(self.pool()).await?;
        let Some(row) = row else { return Ok(()) };
        let last: i64 = row.try_get("seq")?;
        while self.give_up_some(last).await? {}
        Ok(())
    }

    /// Gives up the oldest events up to this number; whether there are more.
    async fn give_up_some(&self, last: i64) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let sql = "SELECT MAX(seq) AS seq FROM (SELECT seq FROM events WHERE seq <= $1 ORDER BY seq LIMIT $2) AS oldest";
        let row = sqlx::query(sql).bind(last).bind(AT_ONCE).fetch_one(write.connection()).await?;
        let Some(up_to) = row.try_get::<Option<i64>, _>("seq")? else { return Ok(false) };
        sqlx::query("DELETE FROM events WHERE seq <= $1").bind(up_to).execute(write.connection()).await?;
        sqlx::query("UPDATE event_log SET pruned = $1 WHERE id = 1")
            .bind(up_to)
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(up_to < last)
    }
}

/// Number of the newest event that was given up.
///
/// # Errors
/// When the database fails.
pub(crate) async fn given_up(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT pruned FROM event_log WHERE id = 1").fetch_one(connection).await?;
    Ok(row.try_get("pruned")?)
}
