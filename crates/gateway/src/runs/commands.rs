//! What a person can do with a conversation's runs. Each command is one transaction, and is finished even
//! when the request that asked for it is given up.

use slipway_fail_points::{Point, reach};
use slipway_protocol::api::{AnswerQuestion, AnswerReceipt, SendMessage, SendMode, SendReceipt};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::transcript::Origin;
use slipway_protocol::{CallId, ConversationId, MessageId, Problem, RunId};

use super::active::Registration;
use super::begin::begin;
use super::conclude::{Ending, conclude};
use super::drive::launch;
use super::{orders, pausing, steer, waiting};
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::conversations::{self, Standing, StoredConversation};
use crate::store::gateways::Order;
use crate::store::queue::{self, PendingMessage, Urgency};
use crate::store::{StoreError, Write, runs};

/// Sends a message: it starts a run or waits for the present one to end.
///
/// # Errors
/// When there is no such conversation or the database fails.
pub async fn send(app: &AppState, id: ConversationId, message: SendMessage) -> Result<SendReceipt, ApiError> {
    let state = app.clone();
    finish(app, async move { try_send(&state, &id, message).await }).await
}

/// Lets a paused run go on, or starts one without a new message after one that ended early.
///
/// # Errors
/// When there is no such conversation, a run goes on that is not to pause, or there is nothing to continue.
pub async fn resume(app: &AppState, id: ConversationId) -> Result<RunId, ApiError> {
    let state = app.clone();
    finish(app, async move { try_resume(&state, &id).await }).await
}

/// Stops the run; nothing happens when none goes on.
///
/// # Errors
/// When there is no such conversation or the database fails.
pub async fn stop(app: &AppState, id: ConversationId) -> Result<(), ApiError> {
    let state = app.clone();
    finish(app, async move {
        // A run that waits to be saved could not be told otherwise, and the model would work on.
        if state.store.trouble().is_some() {
            state.runs.stop(&id);
        }
        let mut write = state.store.write().await?;
        let stored = existing(&mut write, &id).await?;
        if waiting::is_waiting(&stored.conversation) {
            waiting::stop(&mut write, &stored.conversation).await?;
            return Ok(write.commit().await?);
        }
        let stopping = begin_stop(&mut write, &stored).await?;
        reach(Point::StopBeforeCommit);
        write.commit().await?;
        reach(Point::StopAfterCommit);
        if let Some(run_id) = stopping {
            carry_out_stop(&state, &stored, &run_id).await?;
        }
        Ok(())
    })
    .await
}

/// Answers a question of the model.
///
/// # Errors
/// When there is no such question, it was answered otherwise, the answer does not fit, or the database fails.
pub async fn answer(
    app: &AppState,
    id: ConversationId,
    call_id: CallId,
    given: AnswerQuestion,
) -> Result<AnswerReceipt, ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        let stored = existing(&mut write, &id).await?;
        let (receipt, next) = waiting::answer(&mut write, &state.runs, &stored, &call_id, &given).await?;
        reach(Point::AnswerBeforeCommit);
        write.commit().await?;
        reach(Point::AnswerAfterCommit);
        if let Some(registration) = next {
            launch(&state, registration);
        }
        Ok(receipt)
    })
    .await
}

/// Sends a waiting message now, stopping the run that goes on.
///
/// # Errors
/// When there is no such message or the database fails.
pub async fn send_queued(
    app: &AppState,
    id: ConversationId,
    message_id: MessageId,
) -> Result<SendReceipt, ApiError> {
    let state = app.clone();
    finish(app, async move { try_send_queued(&state, &id, &message_id).await }).await
}

/// Carries a command out on a task of its own, so that it is not given up half-way with the request.
pub(super) async fn finish<T: Send + 'static>(
    app: &AppState,
    command: impl Future<Output = Result<T, ApiError>> + Send + 'static,
) -> Result<T, ApiError> {
    app.tasks.spawn(command).await.map_err(ApiError::internal)?
}

async fn try_send(
    app: &AppState,
    id: &ConversationId,
    message: SendMessage,
) -> Result<SendReceipt, ApiError> {
    let mut write = app.store.write().await?;
    let stored = existing(&mut write, id).await?;
    if let Some(receipt) = queue::receipt(write.connection(), id, &message.client_id).await? {
        return Ok(receipt);
    }
    if stored.conversation.archived {
        conversations::set_archived(&mut write, id, false).await?;
        conversations::announce(&mut write, id).await?;
    }
    let SendMessage { client_id, text, attachments, mode } = message;
    let (message_id, created_at) = (MessageId::generate(), write.now());
    let pending = PendingMessage {
        id: message_id.clone(),
        client_id: client_id.clone(),
        text,
        attachments,
        origin: Origin::Person,
        created_at,
    };
    let mut started = None;
    let mut stopping = None;
    let mut told = None;
    if goes_on(&stored) {
        let urgency = match mode {
            SendMode::Queue | SendMode::Steer => Urgency::Patient,
            SendMode::Interrupt => Urgency::Urgent,
        };
        queue::push(&mut write, id, &pending, urgency).await?;
        if mode == SendMode::Steer {
            let order = |run_id| Order::Tell { run_id, message: pending.clone().into() };
            let elsewhere = orders::pass(&mut write, &stored, order).await?;
            told = stored.conversation.run_id.clone().filter(|_| !elsewhere).map(|run_id| (run_id, pending));
        }
        if urgency == Urgency::Urgent {
            stopping = begin_stop(&mut write, &stored).await?;
        }
    } else {
        waiting::end_with_message(&mut write, &stored.conversation).await?;
        started = Some(begin(&mut write, &app.runs, &stored.conversation, Some(pending)).await?);
    }
    let run_id = started.as_ref().map(|registration| registration.run.id.clone());
    let receipt = SendReceipt { message_id, run_id };
    queue::remember(&mut write, id, &client_id, &receipt).await?;
    reach(Point::MessageBeforeCommit);
    write.commit().await?;
    reach(Point::MessageAfterCommit);
    if let Some((run_id, message)) = told {
        steer::pass_on(app, &run_id, message.into());
    }
    go_on(app, &stored, started, stopping).await?;
    Ok(receipt)
}

async fn try_resume(app: &AppState, id: &ConversationId) -> Result<RunId, ApiError> {
    let mut write = app.store.write().await?;
    let stored = existing(&mut write, id).await?;
    let (mut started, mut taken_back) = (None, false);
    let run_id = match (stored.conversation.status, stored.conversation.run_id.clone()) {
        (RunStatus::Stopped | RunStatus::LimitReached | RunStatus::Error, _) => {
            let registration = begin(&mut write, &app.runs, &stored.conversation, None).await?;
            let run_id = registration.run.id.clone();
            started = Some(registration);
            run_id
        }
        (RunStatus::Paused, Some(run_id)) => {
            started = pausing::end(&mut write, &app.runs, &stored, run_id.clone()).await?;
            run_id
        }
        (RunStatus::Pausing, Some(run_id)) => {
            taken_back = pausing::take_back(&mut write, &stored, &run_id).await?;
            run_id
        }
        (RunStatus::WaitingUser | RunStatus::WaitingApproval, _) => return Err(waiting::waits()),
        (status, _) if status.is_active() => return Err(already_running()),
        _ => return Err(nothing_to_continue()),
    };
    reach(Point::ContinueBeforeCommit);
    write.commit().await?;
    reach(Point::ContinueAfterCommit);
    if let Some(registration) = started {
        launch(app, registration);
    }
    if taken_back {
        pausing::carry_out(app, &run_id, false);
    }
    Ok(run_id)
}

async fn try_send_queued(
    app: &AppState,
    id: &ConversationId,
    message_id: &MessageId,
) -> Result<SendReceipt, ApiError> {
    let mut write = app.store.write().await?;
    let stored = existing(&mut write, id).await?;
    let mut started = None;
    let mut stopping = None;
    if goes_on(&stored) {
        if !queue::hurry(&mut write, id, message_id).await? {
            return Err(ApiError::not_found("waiting message", message_id));
        }
        stopping = begin_stop(&mut write, &stored).await?;
    } else {
        let Some(message) = queue::take(&mut write, id, message_id).await? else {
            return Err(ApiError::not_found("waiting message", message_id));
        };
        waiting::end_with_message(&mut write, &stored.conversation).await?;
        started = Some(begin(&mut write, &app.runs, &stored.conversation, Some(message)).await?);
    }
    let run_id = started.as_ref().map(|registration| registration.run.id.clone());
    reach(Point::QueuedSendBeforeCommit);
    write.commit().await?;
    reach(Point::QueuedSendAfterCommit);
    go_on(app, &stored, started, stopping).await?;
    Ok(SendReceipt { message_id: message_id.clone(), run_id })
}

/// Whether a message has to wait for the run. One that waits for the person does not: they are here.
pub(super) fn goes_on(stored: &StoredConversation) -> bool {
    stored.conversation.status.is_active() && !waiting::is_waiting(&stored.conversation)
}

/// Does what was decided in a transaction that is committed now.
async fn go_on(
    app: &AppState,
    stored: &StoredConversation,
    started: Option<Registration>,
    stopping: Option<RunId>,
) -> Result<(), ApiError> {
    if let Some(registration) = started {
        launch(app, registration);
    }
    if let Some(run_id) = stopping {
        carry_out_stop(app, stored, &run_id).await?;
    }
    Ok(())
}

/// The conversation, behind the lock that all writes take.
///
/// # Errors
/// When it is not there, or the database fails.
pub(super) async fn existing(write: &mut Write, id: &ConversationId) -> Result<StoredConversation, ApiError> {
    let stored = conversations::get(write.connection(), id).await?;
    stored.filter(|stored| !stored.is_deleted).ok_or_else(|| ApiError::not_found("conversation", id))
}

/// Records that the run is being stopped; gives it when there is one to stop that this gateway drives.
pub(super) async fn begin_stop(
    write: &mut Write,
    stored: &StoredConversation,
) -> Result<Option<RunId>, StoreError> {
    let conversation = &stored.conversation;
    let Some(run_id) = conversation.run_id.clone().filter(|_| conversation.status.is_active()) else {
        return Ok(None);
    };
    let elsewhere = orders::pass(write, stored, |run_id| Order::Stop { run_id }).await?;
    let here = (!elsewhere).then(|| run_id.clone());
    if conversation.status == RunStatus::Stopping {
        return Ok(here);
    }
    let standing = Standing {
        status: RunStatus::Stopping,
        run_id: Some(run_id.clone()),
        run_started_at: conversation.run_started_at,
        problem: None,
    };
    conversations::set_standing(write, &conversation.id, &standing).await?;
    let (step, _) = runs::reach_step(write, &run_id, 0).await?;
    let event = EventBody::RunStatus {
        status: RunStatus::Stopping,
        run_id: Some(run_id.clone()),
        step,
        started_at: conversation.run_started_at,
        problem: None,
        retry: None,
    };
    write.record(Some(&conversation.id), event).await?;
    conversations::announce(write, &conversation.id).await?;
    Ok(here)
}

/// Tells the run's task; ends the run here in the unlikely case that it has none.
pub(super) async fn carry_out_stop(
    app: &AppState,
    stored: &StoredConversation,
    run_id: &RunId,
) -> Result<(), StoreError> {
    if let Some(run) = app.runs.get(run_id) {
        run.stop.cancel();
        return Ok(());
    }
    let conversation = &stored.conversation;
    let mut read = app.store.read().await?;
    let Some(now) = conversations::get(&mut read, &conversation.id).await? else { return Ok(()) };
    if now.conversation.run_id.as_ref() != Some(run_id) || !now.conversation.status.is_active() {
        return Ok(());
    }
    tracing::error!(%run_id, "a run without a task is ended");
    let timeline = waiting::restored(&mut read, conversation, run_id).await?;
    drop(read);
    let started_at = conversation.run_started_at.unwrap_or_default();
    let run = super::ActiveRun::new(run_id.clone(), conversation, started_at);
    if let Some(next) = conclude(app, &run, timeline, Vec::new(), Ending::Stopped).await {
        launch(app, next);
    }
    Ok(())
}

pub(super) fn already_running() -> ApiError {
    Problem::new(409, "run_active", "The model is already at work")
        .hint("Wait until it is done, or stop it first.")
        .into()
}

fn nothing_to_continue() -> ApiError {
    Problem::new(409, "nothing_to_continue", "There is nothing to continue")
        .detail("The last run ended by itself, or there was none.")
        .hint("Send a message instead.")
        .into()
}
