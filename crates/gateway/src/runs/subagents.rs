//! Sub-agents of runs that go on: what they cost, and ending what the tool host keeps for one.

use std::time::Duration;

use slipway_protocol::CallId;

use super::active::ActiveRun;
use super::record::add_usage;
use super::timeline::NestedChange;
use crate::app::AppState;
use crate::store::{StoreError, Write, budgets};

/// How long a tool host may take for an answer.
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
