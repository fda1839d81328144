//! What the server was asked, so that tests can check the bytes that a model would have seen.

use std::sync::{Mutex, PoisonError};

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

/// All requests so far, and what was wrong with them by the script's expectations.
#[derive(Debug)]
pub(crate) struct Recorder {
    requests: Mutex<Vec<RecordedRequest>>,
    violations: Mutex<Vec<String>>,
    count: watch::Sender<usize>,
    /// Answers that the client did not read to their end.
    dropped: watch::Sender<usize>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self {
            requests: Mutex::default(),
            violations: Mutex::default(),
            count: watch::Sender::new(0),
            dropped: watch::Sender::new(0),
        }
    }

    pub(crate) fn record(&self, request: RecordedRequest) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        self.count.send_modify(|count| *count += 1);
    }

    pub(crate) fn violate(&self, what: String) {
        self.violations.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        self.violations.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
