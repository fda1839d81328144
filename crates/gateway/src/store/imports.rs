//! Rows of conversations that are read from a file.

use slipway_protocol::api::Conversation;
use slipway_protocol::event::RunStatus;
use slipway_protocol::export::{ConversationExport, ExportedProvider};
use slipway_protocol::{ConversationId, Problem, RunId};

use super::row::{to_count, to_json, to_name};
use super::{StoreError, Write};

/// A run as the file tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedRun {
    /// Its id here.
    pub id: RunId,
    /// Who was asked, there.
    pub provider: ExportedProvider,
    /// The provider's name for the model.
    pub model: String,
    /// How it ended.
    pub status: RunStatus,
    /// Why it ended so.
    pub problem: Option<Problem>,
    /// When it began.
    pub started_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
}

/// Marks a conversation as read from a file: how it stands, and what it had consumed. Its purse is not concerned.
///
/// # Errors
/// When the database fails.
pub async fn mark(
    write: &mut Write,
    conversation: &Conversation,
    export: &ConversationExport,
) -> Result<(), StoreError> {
    let problem = conversation.problem.as_ref().map(|problem| to_json("problem", problem)).transpose()?;
    sqlx::query(
        "UPDATE conversations SET imported_at = $2, run_id = $3, problem = $4, usage = $5, context_limit = $6 \
         WHERE id = $1",
    )
    .bind(conversation.id.as_str())
    .bind(conversation.imported_at)
    .bind(conversation.run_id.as_ref().map(|id| id.0.clone()))
    .bind(problem)
    .bind(to_json("usage", &export.conversation.usage)?)
    .bind(export.context_limit.map(to_count))
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Adds a run that was made elsewhere.
///
/// # Errors
/// When the database fails.
pub async fn insert_run(
    write: &mut Write,
    conversation: &ConversationId,
    run: &ImportedRun,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO runs (id, conversation_id, status, provider_id, model, step, problem, started_at, ended_at, \
         imported_provider) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9)",
    )
    .bind(run.id.as_str())
    .bind(conversation.as_str())
    .bind(to_name("run status", &run.status)?)
    .bind(run.provider.id.as_str())
    .bind(run.model.as_str())
    .bind(run.problem.as_ref().map(|problem| to_json("problem", problem)).transpose()?)
    .bind(run.started_at)
    .bind(run.ended_at)
    .bind(to_json("provider", &run.provider)?)
    .execute(write.connection())
    .await?;
    Ok(())
}
