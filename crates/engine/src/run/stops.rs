//! Calls that the person may stop by themselves, while their run goes on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slipway_protocol::{CallId, RunId};
use tokio_util::sync::CancellationToken;

/// Calls in progress. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallStops {
    tokens: Arc<Mutex<HashMap<(RunId, CallId), CancellationToken>>>,
}

/// Keeps a call among those that can be stopped; dropping it ends that.
#[derive(Debug)]
pub(crate) struct Stoppable {
    stops: CallStops,
    key: (RunId, CallId),
    token: CancellationToken,
}

impl CallStops {
    /// A call that can be stopped from now on.
    pub(crate) fn register(&self, run_id: RunId, call_id: CallId) -> Stoppable {
        let (key, token) = ((run_id, call_id), CancellationToken::new());
        self.lock().insert(key.clone(), token.clone());
        Stoppable { stops: self.clone(), key, token }
    }

    /// Stops a call; `false` when it is not in progress.
    pub(crate) fn stop(&self, run_id: RunId, call_id: CallId) -> bool {
        let token = self.lock().get(&(run_id, call_id)).cloned();
        token.inspect(CancellationToken::cancel).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(RunId, CallId), CancellationToken>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stoppable {
    /// Waits until the call is stopped.
    pub(crate) async fn stopped(&self) {
        self.token.cancelled().await;
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        self.stops.lock().remove(&self.key);
    }
}
