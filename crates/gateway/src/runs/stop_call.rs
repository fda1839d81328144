//! Stopping one call of a run that goes on: the run goes on, and so do the other calls.
//!
//! That it is stopped is recorded first. Then both who may be at it are told: the call's stream at the tool endpoint
//! (`open_call`) and the engine, which does some of the work itself. A call that has not begun does not begin.

use std::time::Duration;

use slipway_fail_points::{Point, reach};
use slipway_protocol::api::CallStanding;
use slipway_protocol::event::RunStatus;
use slipway_protocol::message::ToolPartStatus;
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::{CallId, ConversationId, Problem, RunId};

use super::commands::{existing, finish};
use super::{orders, waiting};
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::call_stops;
use crate::store::gateways::Order;

/// How long an engine may take for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// What the model is told behind the result of a call that was stopped while it ran.
const STOPPED: &str = "[The person stopped this call; the run goes on. What it did until then stays done. Do not begin it again \
     unless they ask for it.]";

/// What the model is told of a call that was stopped before it began.
const NOT_BEGUN: &str = "The person stopped this call before it began; nothing of it was done. The run goes on. Do not begin it again \
     unless they ask for it.";

/// Stops a call; one that has ended stays as it has.
///
/// # Errors
/// When there is no such conversation or call, it waits for the person, the engine does not answer, or the database
/// fails.
pub async fn stop(app: &AppState, id: ConversationId, call_id: CallId) -> Result<CallStanding, ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        let stored = existing(&mut write, &id).await?;
        let Some(status) = call_stops::standing(write.connection(), &id, &call_id).await? else {
            return Err(ApiError::not_found("call", call_id));
        };
        let standing = CallStanding { status };
        if !matches!(status, ToolPartStatus::Proposed | ToolPartStatus::Running) {
            return Ok(standing);
        }
        // One that a pause has left for later is not made then.
        if waiting::is_waiting(&stored.conversation) && stored.conversation.status != RunStatus::Paused {
            return Err(waiting::waits());
        }
        call_stops::insert(&mut write, &id, &call_id).await?;
        let order = |run_id| Order::StopCall { run_id, call_id: call_id.clone() };
        let elsewhere = orders::pass(&mut write, &stored, order).await?;
        reach(Point::CallStopBeforeCommit);
        write.commit().await?;
        reach(Point::CallStopAfterCommit);
        if let Some(run_id) = stored.conversation.run_id.filter(|_| !elsewhere) {
            carry_out(&state, &run_id, &call_id).await?;
        }
        Ok(standing)
    })
    .await
}

/// Stops a call of a run that this gateway drives; nothing happens when the run has ended.
///
/// # Errors
/// When the engine does not answer: a sub-agent may go on then.
pub(super) async fn carry_out(app: &AppState, run_id: &RunId, call_id: &CallId) -> Result<(), Problem> {
    let Some(run) = app.runs.get(run_id) else { return Ok(()) };
    run.stop_call(call_id);
    let Some(engine) = run.engine.get() else { return Ok(()) };
    let mut url = engine.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "runs", run_id.as_str(), "calls", call_id.as_str()]);
    }
    // Any answer will do: where the run has ended, so has the call.
    app.http.delete(url).timeout(ANSWER_LIMIT).send().await.map(drop).map_err(|error| {
        Problem::new(502, "engine_lost", "The engine did not stop the call")
            .detail(error.to_string())
            .hint("Try again, or stop the whole run.")
    })
}

/// What comes of a call that was stopped before anything of it began.
pub(super) fn not_begun() -> ToolOutcome {
    ToolOutcome::new(ToolStatus::Stopped, NOT_BEGUN)
}

/// Tells the model who has stopped a call that did not end by itself.
pub(super) fn tell(outcome: &mut ToolOutcome) {
    if outcome.status == ToolStatus::Stopped {
        outcome.text = format!("{}\n{STOPPED}", outcome.text);
    }
}
