//! The event log: every change, numbered, in the order of commits; what readers follow and replay.

mod classify;
mod feed;
pub mod fold;
mod logged;
mod topics;

pub(crate) use self::classify::{delta_of, is_for_user, kind};
pub use self::feed::Feed;
pub use self::logged::LoggedEvent;
pub use self::topics::TopicSet;
use crate::store::Store;

/// The event log and its readers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EventLog {
    store: Store,
}

impl EventLog {
    /// The log of `store`.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The position that everything committed so far reflects: `<epoch>-<seq>`.
    pub fn cursor(&self) -> String {
        format!("{}-{}", self.store.epoch(), self.store.feed().newest())
    }
}
