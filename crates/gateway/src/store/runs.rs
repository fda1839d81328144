//! Rows of `runs` and `calls`: what was executed, and how it ended.

use slipway_protocol::api::ModelChoice;
use slipway_protocol::event::RunStatus;
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::{CallId, ConversationId, InvocationId, Problem, RunId};
use sqlx::Row;

use super::row::{from_name, to_json, to_name};
use super::{Store, StoreError, Write, now_ms};

/// Adds a run that starts now.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    write: &mut Write,
    id: &RunId,
    conversation_id: &ConversationId,
    model: &ModelChoice,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO runs (id, conversation_id, status, provider_id, model, step, problem, started_at, \
         ended_at) VALUES ($1, $2, $3, $4, $5, 0, NULL, $6, NULL)",
    )
    .bind(id.as_str())
    .bind(conversation_id.as_str())
    .bind(to_name("run status", &RunStatus::Running)?)
    .bind(model.provider_id.as_str())
    .bind(model.model.as_str())
    .bind(write.now())
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Records that a run has reached a step, and tells which is the furthest it has and how its conversation
/// stands.
///
/// # Errors
/// When the database fails or there is no such run.
pub async fn reach_step(write: &mut Write, id: &RunId, step: u32) -> Result<(u32, RunStatus), StoreError> {
    let row = sqlx::query(
        "UPDATE runs SET step = CASE WHEN step < $2 THEN $2 ELSE step END WHERE id = $1 RETURNING step, \
         (SELECT status FROM conversations WHERE conversations.id = runs.conversation_id) AS standing",
    )
    .bind(id.as_str())
    .bind(i64::from(step))
    .fetch_one(write.connection())
    .await?;
    let furthest: i64 = row.try_get("step")?;
    let standing = from_name("run status", row.try_get("standing")?)?;
    Ok((u32::try_from(furthest).unwrap_or_default(), standing))
}

/// Records where a run stands; a status that is not active ends it now.
///
/// # Errors
/// When the database fails.
pub async fn set_status(
    write: &mut Write,
    id: &RunId,
    status: RunStatus,
    problem: Option<&Problem>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE runs SET status = $2, problem = $3, ended_at = $4 WHERE id = $1")
        .bind(id.as_str())
        .bind(to_name("run status", &status)?)
        .bind(problem.map(|problem| to_json("problem", problem)).transpose()?)
        .bind((!status.is_active()).then_some(write.now()))
        .execute(write.connection())
        .await?;
    Ok(())
}

/// A tool call that is about to be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent<'a> {
    /// This execution.
    pub invocation_id: &'a InvocationId,
    /// Whose.
    pub conversation_id: &'a ConversationId,
    /// In which run.
    pub run_id: &'a RunId,
    /// The model's call.
    pub call_id: &'a CallId,
    /// The tool's name.
    pub tool: &'a str,
}

/// Records, in a transaction of its own, that a tool call is about to be executed. `false` when this
/// invocation was recorded before, or another gateway has taken over: then it must not be executed.
///
/// # Errors
/// When the database fails.
pub async fn begin_call(store: &Store, intent: &Intent<'_>) -> Result<bool, StoreError> {
    let _turn = store.turn().await?;
    let done = sqlx::query(
        "INSERT INTO calls (invocation_id, conversation_id, run_id, call_id, tool, status, started_at, \
         ended_at) SELECT $1, $2, $3, $4, $5, NULL, $6, NULL \
         WHERE $7 = '' OR EXISTS (SELECT 1 FROM gateways WHERE id = $7) \
         ON CONFLICT (invocation_id) DO NOTHING",
    )
    .bind(intent.invocation_id.as_str())
    .bind(intent.conversation_id.as_str())
    .bind(intent.run_id.as_str())
    .bind(intent.call_id.as_str())
    .bind(intent.tool)
    .bind(now_ms())
    .bind(store.member().unwrap_or_default())
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Records how a tool call ended.
///
/// # Errors
/// When the database fails.
pub async fn end_call(write: &mut Write, id: &InvocationId, status: ToolStatus) -> Result<(), StoreError> {
    sqlx::query("UPDATE calls SET status = $2, ended_at = $3 WHERE invocation_id = $1")
        .bind(id.as_str())
        .bind(to_name("tool status", &status)?)
        .bind(write.now())
        .execute(write.connection())
        .await?;
    Ok(())
}
