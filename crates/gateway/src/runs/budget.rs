//! What runs may consume, and what they have when nobody could tell any more.

use slipway_protocol::api::Settings;
use slipway_protocol::budget::{Allowance, BudgetState, Spending};
use slipway_protocol::run::RunLimits;
use slipway_protocol::transcript::{AssistantStep, Entry};
use slipway_protocol::{CallId, Problem};

use super::active::ActiveRun;
use super::record;
use super::subagents;
use super::timeline::{Change, NestedChange};
use crate::store::budgets::{self, Purse};
use crate::store::{StoreError, Write};

/// Bytes of text that a token is taken to have.
const BYTES_PER_TOKEN: usize = 4;

/// The limits of a run of a conversation: its own before the instance's.
pub(super) fn run_limits(settings: &Settings, purse: &Purse) -> RunLimits {
    settings.limits.with(purse.own.run)
}

/// What all runs of a conversation may consume, and what they have.
pub(super) fn allowance(settings: &Settings, purse: &Purse) -> Allowance {
    Allowance { limit: purse.own.conversation.or(settings.conversation_budget), spent: purse.spent }
}

/// What holds for a conversation.
pub fn state(settings: &Settings, purse: &Purse) -> BudgetState {
    BudgetState {
        own: purse.own,
        run: run_limits(settings, purse).budget(),
        conversation: allowance(settings, purse),
    }
}

/// Another run draws from the same purse: what either may consume is not known until the other has ended.
pub(super) fn in_use() -> Problem {
    Problem::new(409, "budget_in_use", "Another conversation is using the same budget")
        .detail("This conversation was handed over from it, or to it, and both draw from one budget.")
        .hint("Wait until the other one is done or stop it, then continue.")
}

/// Settles what a run leaves open when it ends at `ended_at`: the time that it went on, and a model call that
/// was given up, with as much of its answer as is known. `changes` is what else is recorded at the end.
///
/// # Errors
/// When the database fails.
pub(super) async fn close(
    write: &mut Write,
    run: &ActiveRun,
    changes: &[Change],
    ended_at: i64,
) -> Result<(), StoreError> {
    let time_ms = u64::try_from(ended_at.saturating_sub(run.started_at)).unwrap_or_default();
    let time = Spending { time_ms, ..Spending::default() };
    let id = &run.conversation_id;
    budgets::spend(write, id, &time).await?;
    budgets::spend_in_run(write, &run.id, &time).await?;
    for (call_id, call) in budgets::nested_open_calls(write.connection(), &run.id).await? {
        let (spent, usage) = call.given_up_after(nested_output_tokens(changes, &call_id));
        let settled = NestedChange::Settled { spent, failed: Some(usage) };
        subagents::record(write, run, &call_id, &settled).await?;
    }
    let Some(call) = budgets::open_call(write.connection(), &run.id).await? else { return Ok(()) };
    let (spent, usage) = call.given_up_after(output_tokens(changes));
    budgets::set_open_call(write, &run.id, None).await?;
    budgets::spend(write, id, &spent).await?;
    budgets::spend_in_run(write, &run.id, &spent).await?;
    record::add_usage(write, id, usage, None).await
}

/// Tokens of the answer that was given up, as far as it had come.
fn output_tokens(changes: &[Change]) -> u64 {
    let bytes = changes.iter().rev().find_map(|change| match change {
        Change::Entry { entry: Entry::Assistant(AssistantStep { usage: None, text, reasoning, .. }) } => {
            Some(text.len() + reasoning.len())
        }
        _ => None,
    });
    tokens(bytes.unwrap_or_default())
}

/// The same of the sub-agent of a call.
fn nested_output_tokens(changes: &[Change], of: &CallId) -> u64 {
    let bytes = changes.iter().rev().find_map(|change| match change {
        Change::Nested { call_id, change: NestedChange::GivenUp(bytes) } if call_id == of => Some(*bytes),
        _ => None,
    });
    tokens(bytes.unwrap_or_default())
}

fn tokens(bytes: usize) -> u64 {
    u64::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).unwrap_or(u64::MAX)
}
