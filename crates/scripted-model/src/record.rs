//! What the server was asked, so that tests can check the bytes that a model would have seen.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::Value;
use tokio::sync::watch;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// The `Authorization` header, if any.
    pub authorization: Option<String>,
    /// The body's bytes as text.
    pub text: String,
    /// The body as JSON; null when it was not JSON.
    pub body: Value,
}

/// When a request came and when its answer was complete, for measuring what a client does in between.
#[derive(Debug, Clone, Copy)]
pub struct Exchange {
    /// When the last byte of the request had been read.
    pub received_at: Instant,
    /// When the last byte of the answer was handed to the connection; `None` while it has not been.
    pub answered_at: Option<Instant>,
}

/// All requests so far, and what was wrong with them by the script's expectations.
#[derive(Debug)]
pub(crate) struct Recorder {
    requests: Mutex<Vec<RecordedRequest>>,
    exchanges: Mutex<Vec<Exchange>>,
    violations: Mutex<Vec<String>>,
    count: watch::Sender<usize>,
    /// Answers that the client did not read to their end.
    dropped: watch::Sender<usize>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self {
            requests: Mutex::default(),
            exchanges: Mutex::default(),
            violations: Mutex::default(),
            count: watch::Sender::new(0),
            dropped: watch::Sender::new(0),
        }
    }

    /// Notes that a request has come now; gives its number, from 0.
    pub(crate) fn received(&self) -> usize {
        let mut exchanges = locked(&self.exchanges);
        exchanges.push(Exchange { received_at: Instant::now(), answered_at: None });
        exchanges.len() - 1
    }

    /// Notes that a request is fully answered now.
    pub(crate) fn answered(&self, number: usize) {
        if let Some(exchange) = locked(&self.exchanges).get_mut(number) {
            exchange.answered_at = Some(Instant::now());
        }
    }

    pub(crate) fn record(&self, request: RecordedRequest) {
        locked(&self.requests).push(request);
        self.count.send_modify(|count| *count += 1);
    }

    pub(crate) fn violate(&self, what: String) {
        locked(&self.violations).push(what);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        locked(&self.requests).clone()
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        locked(&self.exchanges).clone()
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        locked(&self.violations).clone()
    }

    pub(crate) fn counts(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// Counts an answer that the client hung up on.
    pub(crate) fn drop_answer(&self) {
        self.dropped.send_modify(|dropped| *dropped += 1);
    }

    pub(crate) fn dropped(&self) -> watch::Receiver<usize> {
        self.dropped.subscribe()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
