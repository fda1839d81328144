//! When states are recorded around a run.
//!
//! Before the first call of a run that may change something, and after each step with such calls. The state after
//! a step is recorded while the model is asked for the next one, so a step does not wait for it; a call that may
//! change something waits until it is whole ([`before_call`]), so the two never race. What changed between two
//! steps, when the model thought for a while, was not the agent: it is recorded apart, before the next such call.
//! A call is never refused because a state cannot be recorded; the person is told instead.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use slipway_protocol::api::CheckpointKind;
use slipway_protocol::event::EventBody;
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::{Problem, WorkspaceId};

use super::capture::{Occasion, capture, keep_present};
use super::{CheckpointError, Turn};
use crate::app::AppState;
use crate::runs::ActiveRun;
use crate::runs::patience::{again, storage_problem};

/// How long after a step the workspace is taken to be as the step left it. Looking again costs a few
/// milliseconds, which counts when the model answers as fast as this and never otherwise.
const FRESH: Duration = Duration::from_millis(250);

/// How long the end of a run waits for its last state.
const END_LIMIT: Duration = Duration::from_secs(10);

/// What of a run is recorded.
#[derive(Debug, Default)]
pub struct Watched {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether there is a state from before the run's first change.
    has_begun: bool,
    /// The step that may have changed something since the newest state.
    unrecorded: Option<u32>,
    /// Whether the person was told that states cannot be recorded.
    has_told: bool,
}

impl Watched {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the present state while the model is asked for the first time, so that the run's first change need not
/// wait for the workspace to be read.
pub fn warm(app: &AppState, workspace: &WorkspaceId) {
    let (state, workspace) = (app.clone(), workspace.clone());
    app.tasks.spawn(async move {
        let turn = state.checkpoints.turn(&workspace).await;
        let kept = state.shutdown.run_until_cancelled(keep_present(&state, &turn)).await;
        if let Some(Err(error)) = kept {
            tracing::debug!(%error, "the workspace's state cannot be kept yet");
        }
    });
}

/// To be called, and waited for, before a call of this step that may change something.
pub async fn before_call(app: &AppState, run: &ActiveRun, step: u32) {
    let mut turn = app.checkpoints.turn(&run.workspace).await;
    let (has_begun, unrecorded) = {
        let mut state = run.watched.state();
        let before = (std::mem::replace(&mut state.has_begun, true), state.unrecorded);
        state.unrecorded = Some(step);
        before
    };
    let is_fresh = turn.recorded.is_some_and(|recorded| recorded.elapsed() < FRESH);
    let kind = match unrecorded {
        _ if !has_begun => CheckpointKind::BeforeRun,
        Some(unrecorded) if unrecorded == step => return,
        Some(unrecorded) => {
            record(app, run, &mut turn, CheckpointKind::Step, Some(unrecorded)).await;
            return;
        }
        None if is_fresh => return,
        None => CheckpointKind::Outside,
    };
    record(app, run, &mut turn, kind, None).await;
}

/// To be called when the model is asked for the next step.
pub fn on_step(app: &AppState, run: &ActiveRun, step: u32) {
    if run.watched.state().unrecorded.is_none_or(|unrecorded| unrecorded >= step) {
        return;
    }
    let Some(run) = app.runs.get(&run.id) else { return };
    let state = app.clone();
    app.tasks.spawn(async move {
        record_step(&state, &run, Some(step)).await;
    });
}

/// To be called when no call of the run goes on any more.
pub async fn after_run(app: &AppState, run: &ActiveRun) {
    if !run.watched.state().has_begun {
        return;
    }
    // Waits for its turn even if there is nothing more: what has been begun is then done.
    let recorded = tokio::time::timeout(END_LIMIT, record_step(app, run, None)).await;
    if recorded.is_err() {
        tracing::warn!(run_id = %run.id, "the last state of a run was not recorded in time");
    }
}

/// Records what a step before `next` has left, unless that has been done meanwhile.
async fn record_step(app: &AppState, run: &ActiveRun, next: Option<u32>) {
    let mut turn = app.checkpoints.turn(&run.workspace).await;
    let step = {
        let mut state = run.watched.state();
        match state.unrecorded {
            Some(step) if next.is_none_or(|next| step < next) => {
                state.unrecorded = None;
                step
            }
            _ => return,
        }
    };
    record(app, run, &mut turn, CheckpointKind::Step, Some(step)).await;
}

async fn record(app: &AppState, run: &ActiveRun, turn: &mut Turn, kind: CheckpointKind, step: Option<u32>) {
    let occasion =
        Occasion { conversation_id: run.conversation_id.clone(), run_id: Some(run.id.clone()), step, kind };
    let captured = loop {
        let captured = app.shutdown.run_until_cancelled(capture(app, turn, &occasion)).await;
        if !again(app, run, captured.as_ref().and_then(storage_problem)).await {
            break captured;
        }
    };
    let Some(Err(error)) = captured else { return };
    tracing::warn!(%error, run_id = %run.id, ?kind, "a state of the workspace is not recorded");
    if kind == CheckpointKind::BeforeRun {
        // The next call tries again: changes from there on can be undone then.
        run.watched.state().has_begun = false;
    }
    let is_first = !std::mem::replace(&mut run.watched.state().has_told, true);
    if is_first && let Err(error) = tell(app, run, error).await {
        tracing::warn!(%error, "the person is not told that a state is not recorded");
    }
}

async fn tell(app: &AppState, run: &ActiveRun, error: CheckpointError) -> Result<(), CheckpointError> {
    let problem: Problem = error.into();
    let text = format!(
        "What the agent changes now cannot be shown or undone here: {}. {} {}",
        problem.title, problem.detail, problem.hint
    );
    let mut write = app.store.write().await?;
    let notice = EventBody::Notice { level: NoticeLevel::Warning, text };
    write.record(Some(&run.conversation_id), notice).await?;
    Ok(write.commit().await?)
}
