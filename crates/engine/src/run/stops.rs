//! Calls that the person may stop by themselves, while their run goes on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slipway_protocol::{CallId, RunId};
use tokio_util::sync::CancellationToken;

/// Runs whose calls can be stopped. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallStops {
    runs: Arc<Mutex<HashMap<RunId, Arc<Calls>>>>,
}

/// What stops the calls of a run, also of those that have not begun.
#[derive(Debug, Default)]
struct Calls(Mutex<HashMap<CallId, CancellationToken>>);

/// Lets a run's calls be stopped; dropping it ends that.
#[derive(Debug)]
pub(crate) struct StoppableRun {
    stops: CallStops,
    run_id: RunId,
    calls: Arc<Calls>,
}

impl CallStops {
    /// The calls of a run that begins can be stopped from now on.
    pub(crate) fn open(&self, run_id: RunId) -> StoppableRun {
        let calls = Arc::default();
        self.lock().insert(run_id.clone(), Arc::clone(&calls));
        StoppableRun { stops: self.clone(), run_id, calls }
    }

    /// Fires when the call is stopped, which may have happened before it began.
    pub(crate) fn of(&self, run_id: &RunId, call_id: CallId) -> CancellationToken {
        self.lock().get(run_id).map(|calls| calls.token(call_id)).unwrap_or_default()
    }

    /// Stops a call, at once or as soon as it begins; `false` when the run does not go on.
    pub(crate) fn stop(&self, run_id: &RunId, call_id: CallId) -> bool {
        let token = self.lock().get(run_id).map(|calls| calls.token(call_id));
        token.inspect(CancellationToken::cancel).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Arc<Calls>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    fn token(&self, call_id: CallId) -> CancellationToken {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.entry(call_id).or_default().clone()
    }
}

impl Drop for StoppableRun {
    fn drop(&mut self) {
        let mut runs = self.stops.lock();
        // A run that has waited for the person goes on under the same id, perhaps before this is dropped.
        if runs.get(&self.run_id).is_some_and(|present| Arc::ptr_eq(present, &self.calls)) {
            runs.remove(&self.run_id);
        }
    }
}
