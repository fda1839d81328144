//! Sub-agents of runs that go on: what they cost, stopping one, and ending what the tool host keeps for it.

use std::time::Duration;

use http::StatusCode;
use slipway_protocol::{CallId, ConversationId, Problem};

use super::active::ActiveRun;
use super::orders;
use super::record::add_usage;
use super::timeline::NestedChange;
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::conversations;
use crate::store::gateways::Order;
use crate::store::{StoreError, Write, budgets};

/// How long an engine or a tool host may take for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// Records what changed in a sub-agent. What it consumes counts to its run and conversation; its steps only to
/// the conversation: the step limit of a run is a pause after so many of its own.
///
/// # Errors
/// When the database fails.
pub(super) async fn record(
    write: &mut Write,
    run: &ActiveRun,
    call_id: &CallId,
    change: &NestedChange,
) -> Result<(), StoreError> {
    let id = &run.conversation_id;
    match change {
        NestedChange::Calls(_) | NestedChange::GivenUp(_) => Ok(()),
        NestedChange::Usage(last) => add_usage(write, id, *last, None).await,
        NestedChange::Reserved(call) => {
            budgets::set_nested_open_call(write, &run.id, call_id, Some(call)).await
        }
        NestedChange::Settled { spent, failed } => {
            budgets::set_nested_open_call(write, &run.id, call_id, None).await?;
            budgets::spend(write, id, spent).await?;
            let in_run = slipway_protocol::budget::Spending { steps: 0, ..*spent };
            budgets::spend_in_run(write, &run.id, &in_run).await?;
            if let Some(failed) = failed { add_usage(write, id, *failed, None).await } else { Ok(()) }
        }
    }
}

/// Stops the sub-agent that works inside a call; its run goes on.
///
/// # Errors
/// When there is no such conversation, no sub-agent works inside this call, or the engine does not answer.
pub async fn stop(app: &AppState, id: &ConversationId, call_id: &CallId) -> Result<(), ApiError> {
    let mut read = app.store.read().await?;
    let stored = conversations::get(&mut read, id).await?;
    drop(read);
    let Some(stored) = stored else { return Err(ApiError::not_found("conversation", id)) };
    let run = stored.conversation.run_id.as_ref().and_then(|run_id| app.runs.get(run_id));
    if run.is_none() && app.store.member().is_some() {
        let mut write = app.store.write().await?;
        let order = |_| Order::StopCall { conversation_id: id.clone(), call_id: call_id.clone() };
        let elsewhere = orders::pass(&mut write, &stored, order).await?;
        write.commit().await?;
        return if elsewhere { Ok(()) } else { Err(not_running()) };
    }
    let Some((run, engine)) = run.as_ref().and_then(|run| Some((run, run.engine.get()?))) else {
        return Err(not_running());
    };
    let mut url = engine.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "runs", run.id.as_str(), "calls", call_id.as_str()]);
    }
    let answer = app.http.delete(url).timeout(ANSWER_LIMIT).send().await.map_err(|error| {
        Problem::new(502, "engine_lost", "The engine did not stop the sub-agent")
            .detail(error.to_string())
            .hint("Stop the whole run instead.")
    })?;
    if answer.status() == StatusCode::NO_CONTENT { Ok(()) } else { Err(not_running()) }
}

fn not_running() -> ApiError {
    Problem::new(409, "call_not_running", "No sub-agent works inside this call")
        .detail("It has ended, or the call is another tool's.")
        .into()
}

/// Forgets these sub-agents, and has the tool host forget what they have seen.
pub(super) fn forget(app: &AppState, run: &ActiveRun, calls: Vec<CallId>) {
    let id = &run.conversation_id;
    for call_id in &calls {
        app.desktop.forget(&id.under(call_id));
    }
    let Some(client) = app.sandboxes.client_in(&run.workspace) else { return };
    for call_id in calls {
        let (client, nested) = (client.clone(), id.under(&call_id));
        app.tasks.spawn(async move {
            match tokio::time::timeout(ANSWER_LIMIT, client.end_conversation(&nested)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "the tool host keeps what a sub-agent has seen"),
                Err(_elapsed) => tracing::debug!("the tool host did not answer about a sub-agent"),
            }
        });
    }
}
