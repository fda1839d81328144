//! A write transaction and the events it carries.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use slipway_fail_points::{Point, reach};
use slipway_protocol::event::EventBody;
use slipway_protocol::{ConversationId, PartId, UserId};
use sqlx::{Any, AnyConnection, Row, Transaction};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinError;

use super::answers::{self, RequestName, Requests};
use super::event_rows::{self, NewEvent};
use super::row::to_json;
use super::{Backend, Store, StoreError, gateways, ownership};
use crate::events::{LoggedEvent, delta_of, is_for_user, kind};

/// Rows of events that a transaction gathers until it inserts them.
const MOST_ROWS: usize = 64;

/// Since when a part is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartAge {
    /// Since this transaction.
    New,
    /// Since an earlier one.
    Old,
}

/// A write transaction. Dropping it without [`Write::commit`] undoes everything.
#[derive(Debug)]
pub struct Write {
    store: Store,
    transaction: Transaction<'static, Any>,
    now: i64,
    /// Number of the newest event before this transaction.
    before: i64,
    seq: i64,
    recorded: Vec<Arc<LoggedEvent>>,
    /// Rows of recorded events that have not been inserted: many at once cost little more than one.
    rows: Vec<NewEvent>,
    /// Whether rows have been inserted before the end.
    has_inserted: bool,
    /// Held until after the events are published, so that they are published in their order.
    _turn: OwnedSemaphorePermit,
}

impl Write {
    pub(super) async fn begin(store: &Store) -> Result<Self, StoreError> {
        let turn = store.turn().await?;
        let mut transaction = store.inner.pool.begin().await?;
        let row = sqlx::query(store.inner.backend.take_turn()).fetch_one(&mut *transaction).await?;
        let seq = row.try_get("seq")?;
        // In a statement of its own: that above shows other tables as they were before it waited.
        if let Some(member) = store.member()
            && !gateways::is_member(&mut transaction, member).await?
        {
            return Err(StoreError::Replaced);
        }
        Ok(Self {
            store: store.clone(),
            transaction,
            now: now_ms(),
            before: seq,
            seq,
            recorded: Vec::new(),
            rows: Vec::new(),
            has_inserted: false,
            _turn: turn,
        })
    }

    /// The connection, for statements.
    pub fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    /// The database system.
    pub(super) fn backend(&self) -> Backend {
        self.store.backend()
    }

    /// This gateway's id among those that share the database; `None` where it has it for itself.
    pub(super) fn member(&self) -> Option<String> {
        self.store.member().map(str::to_owned)
    }

    /// Which life of which gateway this is.
    pub(super) fn life(&self) -> &str {
        self.store.life()
    }

    /// The requests that this process carries out.
    pub(super) fn requests(&self) -> Requests {
        self.store.inner.requests.clone()
    }

    /// The moment of this transaction, in ms since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Records an event; readers see it once the transaction is committed, and statements of this transaction
    /// see its row after [`Self::insert_events`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record(
        &mut self,
        conversation_id: Option<&ConversationId>,
        body: EventBody,
    ) -> Result<(), StoreError> {
        // Who follows a conversation has shown that it is theirs; the list of conversations is each person's own.
        let owner = match conversation_id.filter(|_| is_for_user(conversation_id, &body)) {
            Some(id) => Some(ownership::owner(&mut self.transaction, id).await?.unwrap_or_else(nobody)),
            None => None,
        };
        self.keep(conversation_id, owner, body).await
    }

    /// Records an event of no conversation, of which `owner` alone hears.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_to(&mut self, owner: &UserId, body: EventBody) -> Result<(), StoreError> {
        self.keep(None, Some(owner.clone()), body).await
    }

    /// Records an event of a conversation that is not there any more, and was `owner`'s.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn record_for(
        &mut self,
        owner: &UserId,
        conversation_id: &ConversationId,
        body: EventBody,
    ) -> Result<(), StoreError> {
        self.keep(Some(conversation_id), Some(owner.clone()), body).await
    }

    async fn keep(
        &mut self,
        conversation_id: Option<&ConversationId>,
        user_id: Option<UserId>,
        body: EventBody,
    ) -> Result<(), StoreError> {
        self.seq += 1;
        let row = NewEvent {
            seq: self.seq,
            conversation_id: conversation_id.cloned(),
            for_user: is_for_user(conversation_id, &body),
            user_id,
            delta_of: delta_of(&body).cloned(),
            kind: kind(&body),
            body: to_json("event", &body)?,
            at: self.now,
        };
        self.recorded.push(Arc::new(LoggedEvent::from_stored(
            row.seq,
            row.conversation_id.clone(),
            row.for_user,
            row.user_id.clone(),
            row.kind.to_owned(),
            row.at,
            &row.body,
        )));
        self.rows.push(row);
        if self.rows.len() >= MOST_ROWS { self.insert_events().await } else { Ok(()) }
    }

    /// Deletes the deltas of a part that is final now. Readers that follow still get those of this
    /// transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn forget_deltas(&mut self, part: &PartId, since: PartAge) -> Result<(), StoreError> {
        self.rows.retain(|row| row.delta_of.as_ref() != Some(part));
        // What began in this transaction can have no rows but those.
        if since == PartAge::New && !self.has_inserted {
            return Ok(());
        }
        event_rows::delete_deltas(&mut self.transaction, part).await
    }

    /// Inserts the rows of what has been recorded so far.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn insert_events(&mut self) -> Result<(), StoreError> {
        self.has_inserted |= !self.rows.is_empty();
        event_rows::insert(&mut self.transaction, &self.rows).await?;
        self.rows.clear();
        Ok(())
    }

    /// Makes everything permanent, then wakes the readers of the event log.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn commit(self) -> Result<(), StoreError> {
        // On a task of its own: whoever commits may be given up meanwhile (a request whose client goes
        // away), but what is committed must be published all the same.
        let finished = tokio::spawn(self.finish(answers::carried_out())).await;
        finished.map_err(|_stopped: JoinError| StoreError::Database(sqlx::Error::WorkerCrashed))?
    }

    async fn finish(mut self, request: Option<RequestName>) -> Result<(), StoreError> {
        self.insert_events().await?;
        if let Some(request) = request {
            let conversation = self.recorded.iter().find_map(|event| event.conversation_id.as_ref());
            answers::note_change(&mut self.transaction, &request, conversation).await?;
        }
        if !self.recorded.is_empty() {
            sqlx::query("UPDATE event_log SET seq = $1 WHERE id = 1")
                .bind(self.seq)
                .execute(&mut *self.transaction)
                .await?;
        }
        self.transaction.commit().await?;
        reach(Point::WriteCommitted);
        self.store.note_success();
        if self.seq > self.before {
            self.store.inner.feed.publish(self.before, self.seq, self.recorded);
        }
        Ok(())
    }
}

/// Whom an event of a conversation is for that is gone: nobody.
fn nobody() -> UserId {
    UserId::from("")
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

    #[tokio::test]
    async fn deltas_of_a_final_part_reach_readers_but_leave_no_row_behind() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(&Location::in_data_dir(directory.path())).await.expect("opens");
        let delta = |part: &str| EventBody::PartDelta { part_id: part.into(), text: "x".to_owned() };
        let mut write = store.write().await.expect("a turn");
        write.record(None, delta("part_1")).await.expect("recorded");
        write.commit().await.expect("committed");
        let mut write = store.write().await.expect("a turn");
        for part in ["part_1", "part_2"] {
            write.record(None, delta(part)).await.expect("recorded");
        }
        write.forget_deltas(&"part_1".into(), PartAge::Old).await.expect("forgotten");
        write.commit().await.expect("committed");
        let rows = sqlx::query("SELECT delta_of FROM events").fetch_all(store.pool()).await.expect("rows");
        let parts: Vec<String> = rows.iter().map(|row| row.try_get("delta_of").expect("a part")).collect();
        assert_eq!(parts, ["part_2"]);
        assert_eq!(store.feed().after(0, 10).expect("in memory").0.len(), 3);
    }
}
