//! `/conversations/{id}/budget`: what a conversation may consume, and what it has; and which limits make
//! sense.

use axum::Json;
use axum::extract::State;
use slipway_protocol::budget::{Budget, BudgetState, ConversationBudgets, TurnUsage};
use slipway_protocol::run::RunLimits;
use slipway_protocol::{ConversationId, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, Own};
use super::{ApiError, ApiResult, settings};
use crate::app::AppState;
use crate::runs::budget;
use crate::store::budgets;

/// Most steps of one run.
const MAX_RUN_STEPS: u64 = 1_000;
/// Largest limit of any other kind; beyond it is no limit.
const MAX: u64 = 1_000_000_000_000;

/// Most runs in one answer.
const MAX_TURNS: u32 = 100;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, save)).routes(routes!(turns))
}

/// Tells what each of a conversation's runs has consumed, oldest first: the newest hundred of them.
#[utoipa::path(get, path = "/conversations/{id}/turns", tag = "conversations", operation_id = "list_turns",
    params(("id" = String, Path)),
    responses((status = 200, body = Vec<TurnUsage>),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn turns(State(app): State<AppState>, Own(id): Own) -> ApiResult<Json<Vec<TurnUsage>>> {
    let mut moment = app.store.read().await?;
    Ok(Json(budgets::turns(&mut moment, &id, MAX_TURNS).await?))
}

/// Tells what a conversation may consume, and what it has.
#[utoipa::path(get, path = "/conversations/{id}/budget", tag = "conversations", operation_id = "get_budget",
    params(("id" = String, Path)),
    responses((status = 200, body = BudgetState),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>, Own(id): Own) -> ApiResult<Json<BudgetState>> {
    current(&app, &id).await.map(Json)
}

/// Replaces a conversation's own limits. Where it has none, the instance's hold. They take effect with the
/// next run.
#[utoipa::path(put, path = "/conversations/{id}/budget", tag = "conversations", operation_id = "save_budget",
    params(("id" = String, Path)), request_body = ConversationBudgets,
    responses((status = 200, body = BudgetState),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save(
    State(app): State<AppState>,
    Own(id): Own,
    JsonBody(own): JsonBody<ConversationBudgets>,
) -> ApiResult<Json<BudgetState>> {
    check_own(&own)?;
    let mut write = app.store.write().await?;
    budgets::set_own(&mut write, &id, &own).await?;
    write.commit().await?;
    current(&app, &id).await.map(Json)
}

async fn current(app: &AppState, id: &ConversationId) -> ApiResult<BudgetState> {
    let settings = settings::current(app).await?;
    let mut moment = app.store.read().await?;
    let purse = budgets::get(&mut moment, id).await?;
    let purse = purse.ok_or_else(|| ApiError::not_found("conversation", id))?;
    Ok(budget::state(&settings, &purse))
}

/// Refuses a conversation's own limits that cannot be meant.
pub(super) fn check_own(own: &ConversationBudgets) -> ApiResult<()> {
    check(&own.run, MAX_RUN_STEPS)?;
    check_budget(&own.conversation)
}

/// Refuses a conversation's budget that cannot be meant.
pub(super) fn check_budget(budget: &Budget) -> ApiResult<()> {
    check(budget, MAX)
}

/// Refuses limits of runs that cannot be meant.
pub(super) fn check_limits(limits: &RunLimits) -> ApiResult<()> {
    check(&limits.budget(), MAX_RUN_STEPS)?;
    if !(1..=32).contains(&limits.max_parallel_calls) {
        return Err(ApiError::invalid("The limit of parallel calls must be 1 to 32."));
    }
    if limits.max_output_tokens.is_some_and(|most| !(256..=1_000_000).contains(&most)) {
        return Err(ApiError::invalid("The limit of output tokens must be 256 to 1000000, or none."));
    }
    Ok(())
}

fn check(budget: &Budget, most_steps: u64) -> ApiResult<()> {
    for (name, limit, least, most) in [
        ("steps", budget.steps, 1, most_steps),
        ("tokens", budget.tokens, 1, MAX),
        // No money at all leaves what costs nothing.
        ("money, in millionths,", budget.cost_micros, 0, MAX),
        ("minutes", budget.minutes, 1, MAX),
    ] {
        if limit.is_some_and(|limit| !(least..=most).contains(&limit)) {
            return Err(ApiError::invalid(format!(
                "The limit of {name} must be {least} to {most}, or none."
            )));
        }
    }
    Ok(())
}
