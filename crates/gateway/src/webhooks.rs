//! Webhooks: programs elsewhere that are told what becomes of runs.
//!
//! What is to be told is written in the transaction of what it tells ([`outbox`]) and sent afterwards, at least
//! once and each time under the same id ([`deliver()`]). Messages are small, hold no words of a conversation,
//! and are signed as <https://www.standardwebhooks.com> says ([`Secret`]). Addresses that are not public are
//! refused unless the person has allowed them for this webhook ([`target`]).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

mod deliver;
pub(crate) mod outbox;
mod sign;
pub mod target;

pub use self::deliver::deliver;
pub use self::sign::Secret;
use crate::egress::Resolve;

/// Waits between attempts, unless configured otherwise: nine attempts within a day.
pub const WAITS: [Duration; 8] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(6 * 3600),
    Duration::from_secs(15 * 3600),
];

/// What sending needs.
#[derive(Debug)]
pub struct Webhooks {
    /// Rung when there is something to send.
    bell: Notify,
    /// Reaches public addresses only.
    public: reqwest::Client,
    /// Reaches those of this machine and its network too.
    private: reqwest::Client,
}

impl Webhooks {
    /// Clients that look names up with `resolver`.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(resolver: &Arc<dyn Resolve>) -> Result<Self, reqwest::Error> {
        let client = |reach| target::client(Arc::clone(resolver), reach);
        Ok(Self {
            bell: Notify::new(),
            public: client(target::Reach::Public)?,
            private: client(target::Reach::Private)?,
        })
    }

    /// Has what was written to the outbox sent. To be called once that is committed.
    pub fn wake(&self) {
        self.bell.notify_one();
    }
}
