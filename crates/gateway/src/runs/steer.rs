//! Messages to a run that goes on, which its model hears at the next step.
//!
//! Such a message waits in the queue like any other, and is passed on to the engine. Only when the engine tells
//! that the model is about to hear it does it leave the queue; so it starts a run of its own when this one ends before,
//! whatever ends it.

use std::time::Duration;

use slipway_fail_points::{Point, reach};
use slipway_protocol::transcript::{Origin, UserMessage};
use slipway_protocol::{ConversationId, MessageId, RunId};
use url::Url;

use super::active::ActiveRun;
use super::begin;
use crate::app::AppState;
use crate::store::queue::{self, PendingMessage};
use crate::store::{StoreError, Write};

/// How long an engine may take for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// How long a run may take to reach an engine; it may wait for the sandbox before.
const START_LIMIT: Duration = Duration::from_secs(120);

/// Passes a waiting message on to the run's engine, as soon as there is one.
pub(super) fn pass_on(app: &AppState, run_id: &RunId, message: UserMessage) {
    let Some(run) = app.runs.get(run_id) else { return };
    let state = app.clone();
    app.tasks.spawn(async move {
        let engine = tokio::time::timeout(START_LIMIT, run.engine.wait());
        let Some(Ok(engine)) = state.shutdown.run_until_cancelled(engine).await else { return };
        let url = address(engine, &run.id, None);
        match state.http.post(url).timeout(ANSWER_LIMIT).json(&message).send().await {
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => tracing::debug!(status = %answer.status(), "a run could not be told something"),
            Err(error) => tracing::warn!(%error, "a run could not be told something"),
        }
    });
}

/// Takes a message back that was removed from the queue, as far as the model has not heard it.
pub(super) fn take_back(app: &AppState, run_id: &RunId, message_id: &MessageId) {
    let Some(run) = app.runs.get(run_id) else { return };
    let Some(url) = run.engine.get().map(|engine| address(engine, run_id, Some(message_id))) else { return };
    let state = app.clone();
    app.tasks.spawn(async move {
        if let Err(error) = state.http.delete(url).timeout(ANSWER_LIMIT).send().await {
            tracing::warn!(%error, "a message could not be taken back from a run");
        }
    });
}

/// Moves a message that the model hears now from the queue into the timeline.
pub(super) async fn heard(
    write: &mut Write,
    run: &ActiveRun,
    message: &UserMessage,
) -> Result<(), StoreError> {
    let id: &ConversationId = &run.conversation_id;
    // What was removed a moment too late is heard all the same, so it is shown.
    let mut waiting = queue::take(write, id, &message.id).await?.unwrap_or_else(|| PendingMessage {
        id: message.id.clone(),
        client_id: message.id.to_string(),
        text: message.text.clone(),
        attachments: message.attachments.clone(),
        origin: Origin::Person,
        created_at: message.created_at,
    });
    // What was changed a moment too late was heard in the old words.
    waiting.text.clone_from(&message.text);
    begin::show(write, id, &run.id, waiting).await?;
    reach(Point::SteerHeard);
    Ok(())
}

fn address(engine: &Url, run_id: &RunId, message_id: Option<&MessageId>) -> Url {
    let mut url = engine.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "runs", run_id.as_str(), "messages"]);
        path.extend(message_id.map(MessageId::as_str));
    }
    url
}
