//! Budgets of tokens and money that are nearly used up: the person is told once of each, in the transaction that
//! settles the call with which four fifths of it are used.

use slipway_protocol::ConversationId;
use slipway_protocol::api::WebhookEvent;
use slipway_protocol::budget::{Budget, BudgetKind, BudgetScope, NearBudget, Spending};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::run::RunRequest;

use super::active::ActiveRun;
use super::timeline::{Change, NestedChange, notice};
use crate::app::AppState;
use crate::store::{StoreError, Write, budgets, messages};
use crate::webhooks::outbox::{self, RunNews};

/// Share of a budget from which on it is nearly used up, in percent.
const NEAR: u128 = 80;

/// What a run may consume.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Granted {
    /// By itself.
    run: Budget,
    /// Together with the conversation's other runs.
    conversation: Budget,
}

impl Granted {
    /// What an engine was told.
    pub(super) fn by(request: &RunRequest) -> Self {
        Self { run: request.limits.budget(), conversation: request.conversation_budget.limit }
    }

    /// What a run was granted; what one would be now that is not known to have been granted anything.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn to(app: &AppState, run: &ActiveRun) -> Result<Self, StoreError> {
        match run.granted.get() {
            Some(granted) => Ok(*granted),
            None => Self::now(app, &run.conversation_id).await,
        }
    }

    async fn now(app: &AppState, id: &ConversationId) -> Result<Self, StoreError> {
        let saved = app.store.settings().await?;
        let mut connection = app.store.pool().acquire().await?;
        let Some(purse) = budgets::get(&mut connection, id).await? else { return Ok(Self::default()) };
        let defaults = app.config.limits;
        Ok(Self {
            run: saved.limits.unwrap_or(defaults.run).with(purse.own.run).budget(),
            conversation: purse
                .own
                .conversation
                .or(saved.conversation_budget.unwrap_or(defaults.conversation)),
        })
    }

    fn is_told_of(self) -> bool {
        [self.run, self.conversation].iter().any(|budget| budget.tokens.or(budget.cost_micros).is_some())
    }
}

/// Whether a model call is settled among these changes.
pub(super) fn settles(changes: &[Change]) -> bool {
    changes.iter().any(|change| {
        matches!(
            change,
            Change::CallSettled { .. } | Change::Nested { change: NestedChange::Settled { .. }, .. }
        )
    })
}

/// Tells the person of budgets that are nearly used up and of which they were not told: by an event, in the
/// timeline, and by webhooks. Gives whether one of those has something to send.
///
/// # Errors
/// When the database fails.
pub(super) async fn tell(
    write: &mut Write,
    app: &AppState,
    run: &ActiveRun,
    granted: Granted,
    status: RunStatus,
) -> Result<bool, StoreError> {
    let id = &run.conversation_id;
    if !granted.is_told_of() {
        return Ok(false);
    }
    let Some(purse) = budgets::get(write.connection(), id).await? else { return Ok(false) };
    let by_run = budgets::spent_by_run(write.connection(), &run.id).await?;
    let of_run = near(BudgetScope::Run, granted.run, by_run);
    let of_all = near(BudgetScope::Conversation, granted.conversation, purse.spent);
    let mut told = false;
    for budget in of_run.chain(of_all) {
        if !budgets::note_near(write, id, &run.id, &budget).await? {
            continue;
        }
        write.record(Some(id), EventBody::BudgetNear { run_id: run.id.clone(), budget }).await?;
        let text = format!("{budget}. At the limit it pauses and nothing is lost.");
        let message = notice::message(id, Some(&run.id), NoticeLevel::Warning, text, None, write.now());
        messages::insert(write, &message).await?;
        let news = RunNews {
            event: WebhookEvent::BudgetNear,
            conversation_id: id,
            run_id: &run.id,
            status,
            problem: None,
            budget: Some(&budget),
            url: app.conversation_url(id),
        };
        told |= outbox::tell(write, &news).await?;
    }
    Ok(told)
}

/// Those limits of which four fifths are used.
fn near(scope: BudgetScope, budget: Budget, spent: Spending) -> impl Iterator<Item = NearBudget> {
    let limits = [
        (BudgetKind::Tokens, budget.tokens, spent.tokens),
        (BudgetKind::Money, budget.cost_micros, spent.cost_micros),
    ];
    limits.into_iter().filter_map(move |(kind, limit, used)| {
        let limit = limit.filter(|limit| *limit > 0)?;
        let is_near = u128::from(used) * 100 >= u128::from(limit) * NEAR;
        is_near.then_some(NearBudget { scope, kind, limit, used })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_near_its_end_from_four_fifths_on() {
        let budget = Budget { tokens: Some(1_000), cost_micros: Some(10), ..Budget::default() };
        let kinds = |tokens, cost_micros| {
            let spent = Spending { tokens, cost_micros, ..Spending::default() };
            near(BudgetScope::Run, budget, spent).map(|near| near.kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds(799, 7), []);
        assert_eq!(kinds(800, 7), [BudgetKind::Tokens]);
        assert_eq!(kinds(u64::MAX, 8), [BudgetKind::Tokens, BudgetKind::Money]);
        let nothing = Budget { tokens: Some(0), ..Budget::default() };
        assert_eq!(near(BudgetScope::Run, nothing, Spending::default()).count(), 0);
    }
}
