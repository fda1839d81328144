//! Waiting for storage: a run whose doings cannot be saved pauses until they can.
//!
//! Nothing of a write that fails for want of space or permission is in the database, so it is simply made again. The
//! person is told by `storage` of the instance, which needs no writing.

use std::time::Duration;

use slipway_protocol::Problem;

use super::active::ActiveRun;
use crate::app::AppState;
use crate::store::StoreError;

/// Wait between attempts.
const RETRY_WAIT: Duration = Duration::from_millis(500);

/// A failure that may be one of storage.
pub(crate) trait StorageFailure {
    /// What the person has to put right before the same can succeed; `None` when that is not the matter.
    fn storage_problem(&self) -> Option<Problem>;
}

impl StorageFailure for StoreError {
    fn storage_problem(&self) -> Option<Problem> {
        Self::storage_problem(self)
    }
}

/// What the person has to put right before an attempt that failed can succeed, if that is why it failed.
pub(crate) fn storage_problem<T, E: StorageFailure>(attempt: &Result<T, E>) -> Option<Problem> {
    attempt.as_ref().err().and_then(StorageFailure::storage_problem)
}

/// Whether an attempt to save something, which met this problem, is to be made again; waits before that. Not when it
/// met none, nor when nobody waits for it any more: the run is to stop, or the gateway stops.
pub(crate) async fn again(app: &AppState, run: &ActiveRun, problem: Option<Problem>) -> bool {
    let Some(problem) = problem else { return false };
    tracing::error!(%problem, run_id = %run.id, "a run waits until it can be saved");
    app.store.note_trouble(problem);
    tokio::select! {
        () = app.shutdown.cancelled() => false,
        () = run.stop.cancelled() => false,
        () = tokio::time::sleep(RETRY_WAIT) => true,
    }
}
