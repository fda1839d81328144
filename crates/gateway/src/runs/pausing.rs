//! Pausing a run: it comes to rest before its next model call or tool call, waits as rows alone like one that asks, and
//! goes on when the person says so.
//!
//! Until it rests its status is `pausing`, which is all that is recorded of the wish; who drives it passes the wish on to
//! the engine, as often as it changes. A run that ends before, ends as it would have.

use std::time::Duration;

use slipway_fail_points::{Point, reach};
use slipway_protocol::api::RunStanding;
use slipway_protocol::event::RunStatus;
use slipway_protocol::{ConversationId, Problem, RunId};
use tokio::sync::watch;
use url::Url;

use super::active::{ActiveRun, Registration, Runs};
use super::commands::{existing, finish};
use super::{orders, waiting};
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::conversations::StoredConversation;
use crate::store::gateways::Order;
use crate::store::{StoreError, Write};

/// How long an engine may take for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// Wait before an engine that did not answer is told again.
const TELL_AGAIN: Duration = Duration::from_millis(500);

/// Has a run come to rest; nothing happens to one that does or will.
///
/// # Errors
/// When there is no such conversation, nothing goes on in it that could be paused, or the database fails.
pub async fn pause(app: &AppState, id: ConversationId) -> Result<RunStanding, ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        let stored = existing(&mut write, &id).await?;
        let conversation = &stored.conversation;
        let (RunStatus::Running | RunStatus::StartingSandbox, Some(run_id)) =
            (conversation.status, conversation.run_id.clone())
        else {
            return unchanged(conversation.status);
        };
        set(&mut write, &stored, &run_id, RunStatus::Pausing).await?;
        let elsewhere =
            orders::pass(&mut write, &stored, |run_id| Order::Pause { run_id, pause: true }).await?;
        reach(Point::PauseBeforeCommit);
        write.commit().await?;
        reach(Point::PauseAfterCommit);
        if !elsewhere {
            carry_out(&state, &run_id, true);
        }
        Ok(RunStanding { status: RunStatus::Pausing })
    })
    .await
}

fn unchanged(status: RunStatus) -> Result<RunStanding, ApiError> {
    match status {
        RunStatus::Pausing | RunStatus::Paused => Ok(RunStanding { status }),
        RunStatus::WaitingUser | RunStatus::WaitingApproval => Err(waiting::waits()),
        RunStatus::Idle
        | RunStatus::Queued
        | RunStatus::StartingSandbox
        | RunStatus::Running
        | RunStatus::Stopping
        | RunStatus::Stopped
        | RunStatus::LimitReached
        | RunStatus::Done
        | RunStatus::Error => Err(Problem::new(409, "nothing_to_pause", "There is nothing to pause")
            .detail("No run goes on, or it is being stopped.")
            .into()),
    }
}

/// Takes the wish back of a run that has not come to rest; its id, and whether this gateway drives it.
///
/// # Errors
/// When the database fails.
pub(super) async fn take_back(
    write: &mut Write,
    stored: &StoredConversation,
    run_id: &RunId,
) -> Result<bool, StoreError> {
    set(write, stored, run_id, RunStatus::Running).await?;
    let elsewhere = orders::pass(write, stored, |run_id| Order::Pause { run_id, pause: false }).await?;
    Ok(!elsewhere)
}

/// Lets a run that rests go on; it is to be driven once this is committed.
///
/// # Errors
/// When the database fails.
pub(super) async fn end(
    write: &mut Write,
    registry: &Runs,
    stored: &StoredConversation,
    run_id: RunId,
) -> Result<Option<Registration>, StoreError> {
    let run = ActiveRun::new(run_id, &stored.conversation, write.now());
    Ok(waiting::proceed(write, registry, stored, run).await?.1)
}

async fn set(
    write: &mut Write,
    stored: &StoredConversation,
    run_id: &RunId,
    status: RunStatus,
) -> Result<(), StoreError> {
    let started_at = stored.conversation.run_started_at;
    let run = ActiveRun::new(run_id.clone(), &stored.conversation, started_at.unwrap_or_default());
    waiting::stand(write, &run, status, started_at).await
}

/// Tells the task of a run what is wanted; nothing happens when the run has ended.
pub(super) fn carry_out(app: &AppState, run_id: &RunId, pause: bool) {
    if let Some(run) = app.runs.get(run_id) {
        run.pause.send_replace(pause);
    }
}

/// Waits until something else is wanted than what the engine knows.
pub(super) async fn differs(wishes: &mut watch::Receiver<bool>, known: bool) {
    // The sender lives as long as the run that is driven.
    wishes.wait_for(|wanted| *wanted != known).await.ok();
}

/// Tells the engine what is wanted of the run; gives what it knows then.
pub(super) async fn tell(app: &AppState, run: &ActiveRun, engine: &Url, known: bool) -> bool {
    let wanted = *run.pause.borrow();
    let mut url = engine.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "runs", run.id.as_str(), "pause"]);
    }
    let request = if wanted { app.http.post(url) } else { app.http.delete(url) };
    match request.timeout(ANSWER_LIMIT).send().await {
        // Where the run has ended, there is nothing to be paused.
        Ok(answer) if answer.status().is_success() || answer.status() == http::StatusCode::NOT_FOUND => {
            wanted
        }
        Ok(answer) => {
            tracing::warn!(status = %answer.status(), "an engine was not told to pause");
            tokio::time::sleep(TELL_AGAIN).await;
            known
        }
        Err(error) => {
            tracing::warn!(%error, "an engine was not told to pause");
            tokio::time::sleep(TELL_AGAIN).await;
            known
        }
    }
}
