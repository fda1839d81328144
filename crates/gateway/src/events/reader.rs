//! Following the log: one reader, its position and its topics. A slow reader costs nothing but a position.

use std::sync::Arc;

use slipway_protocol::Problem;
use tokio::sync::watch;

use super::{LoggedEvent, TopicSet};
use crate::store::{Store, StoreError, event_rows, prune};

/// Most events that are looked at in one go.
const BATCH: usize = 256;
/// Most events that are read from the database in one go: they may be long.
const STORED_BATCH: usize = 32;
/// Bytes of JSON after which nothing more is added to what is given out in one go.
const BATCH_BYTES: usize = 256 << 10;

/// A reader of the log.
#[derive(Debug)]
pub struct Reader {
    store: Store,
    position: i64,
    topics: watch::Receiver<TopicSet>,
    newest: watch::Receiver<i64>,
}

/// Why a reader cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It read so slowly that what comes next is no longer in the log; it has to begin anew.
    #[error("the events that come next are no longer in the log")]
    TooSlow,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where a reader begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After the event with this number.
    After(i64),
    /// Now; the reader's position means nothing here, so it must fetch snapshots again.
    Reset,
}

impl Start {
    /// From a cursor (`<epoch>-<seq>`) that a client sent; nothing sent means from now on.
    ///
    /// # Errors
    /// When it is no cursor at all.
    pub async fn from_cursor(store: &Store, cursor: Option<&str>) -> Result<Self, Problem> {
        let newest = store.feed().newest();
        let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else { return Ok(Self::After(newest)) };
        let malformed = || {
            Problem::new(422, "malformed_cursor", "This is no position in the event log")
                .detail("A position looks like <epoch>-<number>.")
        };
        let (epoch, seq) = cursor.rsplit_once('-').ok_or_else(malformed)?;
        let seq: i64 = seq.parse().map_err(|_not_a_number| malformed())?;
        let is_known = epoch == store.epoch() && (0..=newest).contains(&seq);
        Ok(if is_known && !is_given_up(store, seq).await? { Self::After(seq) } else { Self::Reset })
    }
}

/// Whether events after this number are no longer in the log.
async fn is_given_up(store: &Store, seq: i64) -> Result<bool, StoreError> {
    // What is in memory is there, whatever was given up on the disk.
    if store.feed().after(seq, 0).is_some() {
        return Ok(false);
    }
    let mut connection = store.pool().acquire().await?;
    Ok(seq < prune::given_up(&mut connection).await?)
}

impl Reader {
    /// A reader that begins at `start`.
    pub fn new(store: Store, start: Start, topics: watch::Receiver<TopicSet>) -> Self {
        let newest = store.feed().subscribe();
        let position = match start {
            Start::After(seq) => seq,
            Start::Reset => store.feed().newest(),
        };
        Self { store, position, topics, newest }
    }

    /// Goes on from now; gives that as a cursor. For a reader that is behind what the log still has.
    pub fn skip(&mut self) -> String {
        self.position = self.store.feed().newest();
        self.cursor()
    }

    /// Its position as a cursor: everything up to here was given out, or was not wanted.
    pub fn cursor(&self) -> String {
        format!("{}-{}", self.store.epoch(), self.position)
    }

    /// Waits for the next events of its topics; never empty. Cancel-safe: the position moves only with
    /// what is given out.
    ///
    /// # Errors
    /// When the database fails, or events that it has not given out are no longer there.
    pub async fn next(&mut self) -> Result<Vec<Arc<LoggedEvent>>, ReadError> {
        loop {
            let newest = *self.newest.borrow_and_update();
            if self.position >= newest {
                if self.newest.changed().await.is_err() {
                    // The store is gone, and with it everything that could happen.
                    std::future::pending::<()>().await;
                }
                continue;
            }
            let wanted = self.advance(newest).await?;
            if !wanted.is_empty() {
                return Ok(wanted);
            }
        }
    }

    async fn advance(&mut self, newest: i64) -> Result<Vec<Arc<LoggedEvent>>, ReadError> {
        let topics = self.topics.borrow().clone();
        if let Some((mut events, reached)) = self.store.feed().after(self.position, BATCH) {
            self.position = reached;
            events.retain(|event| topics.wants(event));
            return Ok(self.give_out(events));
        }
        let mut moment = self.store.read().await?;
        if self.position < prune::given_up(&mut moment).await? {
            return Err(ReadError::TooSlow);
        }
        let events = event_rows::range(&mut moment, &topics, self.position, newest, STORED_BATCH).await?;
        drop(moment);
        self.position = match events.last() {
            Some(last) if events.len() == STORED_BATCH => last.seq,
            _ => newest,
        };
        Ok(self.give_out(events))
    }

    /// As many of `events` as make a reasonable amount; the position is set back for the others.
    fn give_out(&mut self, mut events: Vec<Arc<LoggedEvent>>) -> Vec<Arc<LoggedEvent>> {
        let mut bytes = 0;
        let fits = events.iter().take_while(|event| {
            let is_room = bytes < BATCH_BYTES;
            bytes += event.json.len();
            is_room
        });
        let count = fits.count();
        if count < events.len() {
            events.truncate(count);
            self.position = events.last().map_or(self.position, |event| event.seq);
        }
        events
    }
}
