//! A write transaction and the events it carries.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use slipway_protocol::ConversationId;
use slipway_protocol::event::{Event, EventBody};
use sqlx::{Any, AnyConnection, Row, Transaction};
use tokio::sync::{AcquireError, OwnedSemaphorePermit};
use tokio::task::JoinError;

use super::row::to_json;
use super::{Store, StoreError};
use crate::events::{LoggedEvent, delta_of, is_for_user, kind};

/// A write transaction. Dropping it without [`Write::commit`] undoes everything.
#[derive(Debug)]
pub struct Write {
    store: Store,
    transaction: Transaction<'static, Any>,
    now: i64,
    seq: i64,
    recorded: Vec<Arc<LoggedEvent>>,
    /// Held until after the events are published, so that they are published in their order.
    _turn: OwnedSemaphorePermit,
}

impl Write {
    pub(super) async fn begin(store: &Store) -> Result<Self, StoreError> {
        let turn = Arc::clone(&store.inner.writer).acquire_owned().await;
        let turn = turn.map_err(|_closed: AcquireError| StoreError::Database(sqlx::Error::PoolClosed))?;
        let mut transaction = store.inner.pool.begin().await?;
        // First of all a write to the counter: it takes the database's write lock (SQLite) or the row's
        // (PostgreSQL), so that numbers are given out in the order of commits.
        let row = sqlx::query("UPDATE event_log SET seq = seq WHERE id = 1 RETURNING seq")
            .fetch_one(&mut *transaction)
            .await?;
        let seq = row.try_get("seq")?;
        Ok(Self { store: store.clone(), transaction, now: now_ms(), seq, recorded: Vec::new(), _turn: turn })
    }

    /// The connection, for statements.
    pub fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    /// The moment of this transaction, in ms since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Records an event; readers see it once the transaction is committed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record(
        &mut self,
        conversation_id: Option<&ConversationId>,
        body: EventBody,
    ) -> Result<(), StoreError> {
        self.seq += 1;
        let delta_of = delta_of(&body).cloned();
        let (kind, for_user) = (kind(&body), is_for_user(conversation_id, &body));
        let body_json = to_json("event", &body)?;
        sqlx::query(
            "INSERT INTO events (seq, conversation_id, for_user, delta_of, kind, body, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.seq)
        .bind(conversation_id.map(|id| id.0.clone()))
        .bind(i64::from(for_user))
        .bind(delta_of.map(|id| id.0))
        .bind(kind)
        .bind(body_json)
        .bind(self.now)
        .execute(&mut *self.transaction)
        .await?;
        let event = Event { seq: self.seq, conversation_id: conversation_id.cloned(), at: self.now, body };
        self.recorded.push(Arc::new(LoggedEvent::new(&event, for_user)?));
        Ok(())
    }

    /// Makes everything permanent, then wakes the readers of the event log.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn commit(self) -> Result<(), StoreError> {
        // On a task of its own: whoever commits may be given up meanwhile (a request whose client goes
        // away), but what is committed must be published all the same.
        let finished = tokio::spawn(self.finish()).await;
        finished.map_err(|_stopped: JoinError| StoreError::Database(sqlx::Error::WorkerCrashed))?
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        if !self.recorded.is_empty() {
            sqlx::query("UPDATE event_log SET seq = $1 WHERE id = 1")
                .bind(self.seq)
                .execute(&mut *self.transaction)
                .await?;
        }
        self.transaction.commit().await?;
        self.store.inner.feed.publish(self.recorded);
        Ok(())
    }
}

/// Milliseconds since the Unix epoch.
pub fn now_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use slipway_protocol::message::NoticeLevel;

    use super::*;
    use crate::store::Location;

    async fn noted(store: &Store) -> Write {
        let mut write = store.write().await.expect("a turn");
        let body = EventBody::Notice { level: NoticeLevel::Info, text: "x".to_owned() };
        write.record(None, body).await.expect("recorded");
        write
    }

    #[tokio::test]
    async fn a_commit_that_is_given_up_is_published_all_the_same() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(&Location::in_data_dir(directory.path())).await.expect("opens");
        let mut newest = store.feed().subscribe();
        let mut commit = Box::pin(noted(&store).await.commit());
        assert!(futures::poll!(&mut commit).is_pending());
        drop(commit);
        newest.wait_for(|seq| *seq == 1).await.expect("published");
    }

    #[tokio::test]
    async fn nothing_stays_of_a_write_that_is_dropped() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(&Location::in_data_dir(directory.path())).await.expect("opens");
        drop(noted(&store).await);
        noted(&store).await.commit().await.expect("committed");
        assert_eq!(store.feed().newest(), 1);
        let mut moment = store.read().await.expect("a connection");
        assert_eq!(store.newest_event(&mut moment).await.expect("read"), 1);
    }
}
