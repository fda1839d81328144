//! The event log: every change, numbered, in the order of commits; what readers follow and replay.

mod classify;
mod feed;
pub mod fold;
mod logged;
mod reader;
mod topics;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

pub(crate) use self::classify::{delta_of, is_for_user, kind};
pub use self::feed::Feed;
pub use self::logged::LoggedEvent;
pub use self::reader::{ReadError, Reader, Start};
pub use self::topics::TopicSet;
use crate::store::Store;

/// The event log and its open streams. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EventLog {
    store: Store,
    streams: Arc<Mutex<HashMap<String, watch::Sender<TopicSet>>>>,
}

/// An open stream's registration: its topics can be changed until it is dropped.
#[derive(Debug)]
pub struct OpenStream {
    /// Its name.
    pub id: String,
    /// What it follows.
    pub reader: Reader,
    log: EventLog,
}

impl EventLog {
    /// The log of `store`.
    pub fn new(store: Store) -> Self {
        Self { store, streams: Arc::default() }
    }

    /// The position that everything committed so far reflects: `<epoch>-<seq>`.
    pub fn cursor(&self) -> String {
        format!("{}-{}", self.store.epoch(), self.store.feed().newest())
    }

    /// Opens a stream of these topics.
    pub fn open(&self, start: Start, topics: TopicSet) -> OpenStream {
        let id = format!("str_{}", uuid::Uuid::now_v7().simple());
        let (sender, receiver) = watch::channel(topics);
        self.lock().insert(id.clone(), sender);
        OpenStream { id, reader: Reader::new(self.store.clone(), start, receiver), log: self.clone() }
    }

    /// Changes what a stream follows, from its present position on; `false` when it is not open, or not this
    /// person's.
    pub fn set_topics(&self, stream: &str, topics: TopicSet) -> bool {
        let streams = self.lock();
        let own = streams.get(stream).filter(|sender| sender.borrow().viewer == topics.viewer);
        own.map(|sender| sender.send_replace(topics)).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<TopicSet>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.log.lock().remove(&self.id);
    }
}
