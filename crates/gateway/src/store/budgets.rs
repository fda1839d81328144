//! Rows of `purses`: what conversations may consume, and what they have. A conversation that was handed over
//! shares the purse of the one it came from.

use slipway_protocol::budget::{
    BudgetKind, BudgetScope, ConversationBudgets, NearBudget, Reservation, Spending, TurnUsage,
};
use slipway_protocol::{CallId, ConversationId, RunId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::row::{from_count, from_json, to_count, to_json};
use super::{StoreError, Write};

/// What a conversation draws from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purse {
    /// Its own limits.
    pub own: ConversationBudgets,
    /// What was consumed.
    pub spent: Spending,
}

/// Gives a conversation a purse of its own.
///
/// # Errors
/// When the database fails or there is such a purse.
pub async fn open(
    write: &mut Write,
    id: &ConversationId,
    own: &ConversationBudgets,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO purses (id, own, steps, tokens, cost_micros, time_ms) VALUES ($1, $2, 0, 0, 0, 0)",
    )
    .bind(id.as_str())
    .bind(to_json("budgets", own)?)
    .execute(write.connection())
    .await?;
    sqlx::query("UPDATE conversations SET purse_id = $1 WHERE id = $1")
        .bind(id.as_str())
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Has a conversation draw from the purse of `other` from now on, instead of its own.
///
/// # Errors
/// When the database fails.
pub async fn share(write: &mut Write, id: &ConversationId, other: &ConversationId) -> Result<(), StoreError> {
    let own = purse_id(write.connection(), id).await?;
    sqlx::query(
        "UPDATE conversations SET purse_id = (SELECT purse_id FROM conversations WHERE id = $2) WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(other.as_str())
    .execute(write.connection())
    .await?;
    remove_unused(write, own).await
}

/// The purse of a conversation; `None` when there is no such conversation.
///
/// # Errors
/// When the database fails.
pub async fn get(connection: &mut AnyConnection, id: &ConversationId) -> Result<Option<Purse>, StoreError> {
    let row = sqlx::query(
        "SELECT purses.* FROM purses JOIN conversations ON purse_id = purses.id WHERE conversations.id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Purse { own: from_json("budgets", row.try_get("own")?)?, spent: spending(&row)? }))
}

fn spending(row: &AnyRow) -> Result<Spending, StoreError> {
    let count = |name: &str| row.try_get(name).map(from_count);
    Ok(Spending {
        steps: count("steps")?,
        tokens: count("tokens")?,
        cost_micros: count("cost_micros")?,
        included: count("included")?,
        time_ms: count("time_ms")?,
    })
}

/// Sets a conversation's own limits.
///
/// # Errors
/// When the database fails.
pub async fn set_own(
    write: &mut Write,
    id: &ConversationId,
    own: &ConversationBudgets,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE purses SET own = $2 WHERE id = (SELECT purse_id FROM conversations WHERE id = $1)")
        .bind(id.as_str())
        .bind(to_json("budgets", own)?)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Takes from the purse of a conversation.
///
/// # Errors
/// When the database fails.
pub async fn spend(write: &mut Write, id: &ConversationId, spent: &Spending) -> Result<(), StoreError> {
    let sql = "UPDATE purses SET steps = steps + $2, tokens = tokens + $3, cost_micros = cost_micros + $4, \
               included = included + $5, time_ms = time_ms + $6 WHERE id = (SELECT purse_id FROM conversations WHERE id = $1)";
    add(write, sql, id.as_str(), spent).await
}

/// Notes what a run has consumed.
///
/// # Errors
/// When the database fails.
pub async fn spend_in_run(write: &mut Write, run_id: &RunId, spent: &Spending) -> Result<(), StoreError> {
    let sql = "UPDATE runs SET steps = steps + $2, tokens = tokens + $3, cost_micros = cost_micros + $4, \
               included = included + $5, time_ms = time_ms + $6 WHERE id = $1";
    add(write, sql, run_id.as_str(), spent).await
}

async fn add(write: &mut Write, sql: &'static str, id: &str, spent: &Spending) -> Result<(), StoreError> {
    sqlx::query(sql)
        .bind(id)
        .bind(to_count(spent.steps))
        .bind(to_count(spent.tokens))
        .bind(to_count(spent.cost_micros))
        .bind(to_count(spent.included))
        .bind(to_count(spent.time_ms))
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Notes that the person is told of a budget of a run, or of its conversation, that is nearly used up; `false` when
/// they were told of this limit, or of a higher one, before.
///
/// # Errors
/// When the database fails.
pub async fn note_near(
    write: &mut Write,
    id: &ConversationId,
    run_id: &RunId,
    near: &NearBudget,
) -> Result<bool, StoreError> {
    let (sql, owner) = match (near.scope, near.kind) {
        (BudgetScope::Run, BudgetKind::Tokens) => (
            "UPDATE runs SET told_tokens = $2 WHERE id = $1 AND COALESCE(told_tokens, 0) < $2",
            run_id.as_str(),
        ),
        (BudgetScope::Run, BudgetKind::Money) => (
            "UPDATE runs SET told_cost_micros = $2 WHERE id = $1 AND COALESCE(told_cost_micros, 0) < $2",
            run_id.as_str(),
        ),
        (BudgetScope::Conversation, BudgetKind::Tokens) => (
            "UPDATE purses SET told_tokens = $2 WHERE id = (SELECT purse_id FROM conversations WHERE id = $1) \
             AND COALESCE(told_tokens, 0) < $2",
            id.as_str(),
        ),
        (BudgetScope::Conversation, BudgetKind::Money) => (
            "UPDATE purses SET told_cost_micros = $2 WHERE id = (SELECT purse_id FROM conversations WHERE id = $1) \
             AND COALESCE(told_cost_micros, 0) < $2",
            id.as_str(),
        ),
    };
    let done = sqlx::query(sql).bind(owner).bind(to_count(near.limit)).execute(write.connection()).await?;
    Ok(done.rows_affected() == 1)
}

/// What a run has consumed.
///
/// # Errors
/// When the database fails.
pub async fn spent_by_run(connection: &mut AnyConnection, run_id: &RunId) -> Result<Spending, StoreError> {
    let row = sqlx::query("SELECT steps, tokens, cost_micros, included, time_ms FROM runs WHERE id = $1")
        .bind(run_id.as_str())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map_or_else(|| Ok(Spending::default()), spending)
}

/// What each of a conversation's newest runs has consumed, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn turns(
    connection: &mut AnyConnection,
    id: &ConversationId,
    most: u32,
) -> Result<Vec<TurnUsage>, StoreError> {
    let sql = "SELECT id, model, started_at, ended_at, steps, tokens, cost_micros, included, time_ms FROM runs \
               WHERE conversation_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2";
    let rows = sqlx::query(sql).bind(id.as_str()).bind(i64::from(most)).fetch_all(connection).await?;
    let turn = |row: &AnyRow| {
        Ok(TurnUsage {
            run_id: RunId(row.try_get("id")?),
            model: row.try_get("model")?,
            started_at: row.try_get("started_at")?,
            ended_at: row.try_get("ended_at")?,
            spent: spending(row)?,
        })
    };
    rows.iter().rev().map(turn).collect()
}

/// Remembers the model call that a run is about to make, or that it makes none any more.
///
/// # Errors
/// When the database fails.
pub async fn set_open_call(
    write: &mut Write,
    run_id: &RunId,
    call: Option<&Reservation>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE runs SET open_call = $2 WHERE id = $1")
        .bind(run_id.as_str())
        .bind(call.map(|call| to_json("model call", call)).transpose()?)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// The model call of a run that nobody has settled.
///
/// # Errors
/// When the database fails.
pub async fn open_call(
    connection: &mut AnyConnection,
    run_id: &RunId,
) -> Result<Option<Reservation>, StoreError> {
    let row = sqlx::query("SELECT open_call FROM runs WHERE id = $1")
        .bind(run_id.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let call: Option<String> = row.try_get("open_call")?;
    call.map(|json| from_json("model call", &json)).transpose()
}

/// Remembers the model call that the sub-agent of a call is about to make, or that it makes none any more.
///
/// # Errors
/// When the database fails.
pub async fn set_nested_open_call(
    write: &mut Write,
    run_id: &RunId,
    call_id: &CallId,
    call: Option<&Reservation>,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM nested_open_calls WHERE run_id = $1 AND call_id = $2")
        .bind(run_id.as_str())
        .bind(call_id.as_str())
        .execute(write.connection())
        .await?;
    let Some(call) = call else { return Ok(()) };
    sqlx::query("INSERT INTO nested_open_calls (run_id, call_id, body) VALUES ($1, $2, $3)")
        .bind(run_id.as_str())
        .bind(call_id.as_str())
        .bind(to_json("model call", call)?)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// The model calls of a run's sub-agents that nobody has settled, with the calls that they work for.
///
/// # Errors
/// When the database fails.
pub async fn nested_open_calls(
    connection: &mut AnyConnection,
    run_id: &RunId,
) -> Result<Vec<(CallId, Reservation)>, StoreError> {
    let rows = sqlx::query("SELECT call_id, body FROM nested_open_calls WHERE run_id = $1 ORDER BY call_id")
        .bind(run_id.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((CallId(row.try_get("call_id")?), from_json("model call", row.try_get("body")?)?)))
        .collect()
}

/// Whether a run of another conversation that draws from the same purse went on before this one began.
///
/// # Errors
/// When the database fails.
pub async fn is_in_use(
    connection: &mut AnyConnection,
    id: &ConversationId,
    since: i64,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) FROM conversations WHERE id <> $1 AND run_started_at IS NOT NULL \
         AND (run_started_at < $2 OR (run_started_at = $2 AND id < $1)) \
         AND purse_id = (SELECT purse_id FROM conversations WHERE id = $1)",
    )
    .bind(id.as_str())
    .bind(since)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

/// The purse that a conversation draws from.
pub(super) async fn purse_id(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT purse_id FROM conversations WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.try_get("purse_id")).transpose()?.flatten())
}

/// Removes a purse that no conversation draws from.
pub(super) async fn remove_unused(write: &mut Write, purse_id: Option<String>) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM purses WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM conversations WHERE purse_id = $1)",
    )
    .bind(purse_id)
    .execute(write.connection())
    .await?;
    Ok(())
}
