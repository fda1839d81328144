//! From changes to rows and events.

use slipway_fail_points::{Point, reach};
use slipway_protocol::budget::Spending;
use slipway_protocol::event::{EventBody, Retry, RunStatus};
use slipway_protocol::transcript::Entry;
use slipway_protocol::usage::Usage;
use slipway_protocol::{CallId, ConversationId, Problem};

use super::active::ActiveRun;
use super::near_budget;
use super::part_rows::PartRows;
use super::timeline::{Change, NestedChange};
use super::{pinning, steer, subagents};
use crate::app::AppState;
use crate::store::{StoreError, Write, budgets, conversations, messages, output, runs, transcript};

/// Records changes of a run that goes on, in a transaction of their own, and tells the person of budgets that come near
/// their end by them.
///
/// # Errors
/// When the database fails.
pub(super) async fn commit(app: &AppState, run: &ActiveRun, changes: &[Change]) -> Result<(), StoreError> {
    let mut write = app.store.write().await?;
    record_all(&mut write, run, changes).await?;
    let is_told = match run.granted.get() {
        Some(granted) if near_budget::settles(changes) => {
            near_budget::tell(&mut write, app, run, *granted, RunStatus::Running).await?
        }
        _ => false,
    };
    reach(Point::RecordBeforeCommit);
    write.commit().await?;
    if is_told {
        app.webhooks.wake();
    }
    Ok(())
}

/// Records changes of a run, in order. What they leave of a part is written once, and their entries together; a
/// plan among them becomes the conversation's.
///
/// # Errors
/// When the database fails.
pub(super) async fn record_all(
    write: &mut Write,
    run: &ActiveRun,
    changes: &[Change],
) -> Result<(), StoreError> {
    let mut rows = PartRows::of(changes);
    for (position, change) in changes.iter().enumerate() {
        record(write, run, change, position, &mut rows).await?;
    }
    let entries = changes.iter().filter_map(|change| match change {
        Change::Entry { entry } => Some(entry),
        _ => None,
    });
    transcript::append(write, &run.conversation_id, &entries.collect::<Vec<_>>()).await
}

/// Calls that may be executed once these changes are committed.
pub(super) fn calls_of(changes: &[Change]) -> Vec<CallId> {
    let calls = changes.iter().filter_map(|change| match change {
        Change::Entry { entry: Entry::Assistant(step) } => {
            Some(step.tool_calls.iter().map(|call| call.id.clone()).collect())
        }
        Change::Nested { change: NestedChange::Calls(calls), .. } => Some(calls.clone()),
        _ => None,
    });
    calls.flat_map(|calls: Vec<CallId>| calls).collect()
}

async fn record<'a>(
    write: &mut Write,
    run: &ActiveRun,
    change: &'a Change,
    position: usize,
    rows: &mut PartRows<'a>,
) -> Result<(), StoreError> {
    let id = &run.conversation_id;
    rows.write(write, id, change, position).await?;
    match change {
        Change::MessageCreated { message } => messages::insert(write, message).await,
        Change::MessageRemoved { message_id } => messages::remove(write, id, message_id).await,
        Change::PartStarted { part, .. } | Change::PartRestarted { part } => {
            write.record(Some(id), EventBody::PartStarted { part: part.clone() }).await
        }
        Change::PartDone { part } => write.record(Some(id), EventBody::PartDone { part: part.clone() }).await,
        Change::ToolFinished { part } => {
            write.record(Some(id), EventBody::ToolFinished { part: part.clone() }).await
        }
        Change::ToolStarted { base, at } => {
            let started = EventBody::ToolStarted { part_id: base.id.clone(), started_at: *at };
            write.record(Some(id), started).await
        }
        Change::Entry { entry: Entry::Plan(update) } => {
            conversations::set_plan(write, id, &update.plan).await
        }
        Change::Entry { entry: Entry::User(heard) } => steer::heard(write, run, heard).await,
        Change::Entry { entry: Entry::ContextChange(change) } => pinning::recorded(write, id, change).await,
        // All together behind everything else.
        Change::Entry { .. } => Ok(()),
        Change::Step { number } => step(write, run, *number, None, None).await,
        Change::Retrying { attempt, at, problem } => {
            let retry = Retry { attempt: *attempt, at: *at };
            step(write, run, 0, Some(problem.clone()), Some(retry)).await
        }
        Change::OutputKept { call_id, start, text } => output::append(write, id, call_id, *start, text).await,
        Change::Usage { last, context_used, context_limit } => {
            add_usage(write, id, *last, Some((*context_used, *context_limit))).await
        }
        Change::CallReserved { call } => budgets::set_open_call(write, &run.id, Some(call)).await,
        Change::CallSettled { spent, failed } => settle(write, run, spent, *failed).await,
        Change::Nested { call_id, change } => subagents::record(write, run, call_id, change).await,
        Change::TextDelta { .. }
        | Change::ArgumentsDelta { .. }
        | Change::OutputDelta { .. }
        | Change::ContextFiles { .. }
        | Change::FilesChanged { .. }
        | Change::CallEnded { .. } => tell(write, id, change).await,
    }
}

/// Records what a model call has come to.
async fn settle(
    write: &mut Write,
    run: &ActiveRun,
    spent: &Spending,
    failed: Option<Usage>,
) -> Result<(), StoreError> {
    let id = &run.conversation_id;
    budgets::set_open_call(write, &run.id, None).await?;
    budgets::spend(write, id, spent).await?;
    budgets::spend_in_run(write, &run.id, spent).await?;
    if let Some(failed) = failed { add_usage(write, id, failed, None).await } else { Ok(()) }
}

/// Changes that need no row, or only one field, or no event.
async fn tell(write: &mut Write, id: &ConversationId, change: &Change) -> Result<(), StoreError> {
    let event = match change {
        Change::TextDelta { part_id, text } => {
            EventBody::PartDelta { part_id: part_id.clone(), text: text.clone() }
        }
        Change::ArgumentsDelta { part_id, text } => {
            EventBody::ToolArgs { part_id: part_id.clone(), text: text.clone() }
        }
        Change::OutputDelta { part_id, skipped, text } => {
            EventBody::ToolOutput { part_id: part_id.clone(), skipped_bytes: *skipped, text: text.clone() }
        }
        Change::ContextFiles { files } => {
            let files = pinning::overlaid(write, id, files).await?;
            conversations::set_context_files(write, id, &files).await?;
            EventBody::ContextFiles { files }
        }
        Change::FilesChanged { paths } => EventBody::FilesChanged { paths: paths.clone() },
        Change::CallEnded { invocation_id, status } => {
            return runs::end_call(write, invocation_id, *status).await;
        }
        _ => return Ok(()),
    };
    write.record(Some(id), event).await
}

/// Tells which step goes on, unless the run is being stopped: then that is what readers are to see.
async fn step(
    write: &mut Write,
    run: &ActiveRun,
    number: u32,
    problem: Option<Problem>,
    retry: Option<Retry>,
) -> Result<(), StoreError> {
    let id = &run.conversation_id;
    let (number, standing) = runs::reach_step(write, &run.id, number).await?;
    if standing != RunStatus::Running {
        return Ok(());
    }
    let status = EventBody::RunStatus {
        status: RunStatus::Running,
        run_id: Some(run.id.clone()),
        step: number,
        started_at: Some(run.started_at),
        problem,
        retry,
    };
    write.record(Some(id), status).await
}

/// Adds what a model call consumed to the conversation's total. `context` is what of the model's window is in
/// use now and the window; `None` when the call left no answer in it.
///
/// # Errors
/// When the database fails.
pub(super) async fn add_usage(
    write: &mut Write,
    id: &ConversationId,
    last: Usage,
    context: Option<(u64, Option<u64>)>,
) -> Result<(), StoreError> {
    let Some(stored) = conversations::get(write.connection(), id).await? else { return Ok(()) };
    let total = stored.usage.plus(last);
    let (context_used, context_limit) = context.unwrap_or((stored.context.used, stored.context.limit));
    conversations::set_usage(write, id, &total, context_used, context_limit).await?;
    write.record(Some(id), EventBody::UsageUpdated { last, total, context_used, context_limit }).await
}
