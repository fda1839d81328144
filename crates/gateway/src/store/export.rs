//! Rows as an export reads them: runs, which message belongs to which run, and entries as they are stored.

use std::collections::HashMap;

use slipway_protocol::api::ModelChoice;
use slipway_protocol::event::RunStatus;
use slipway_protocol::export::ExportedProvider;
use slipway_protocol::{ConversationId, MessageId, Problem, RunId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::StoreError;
use super::row::{from_json, from_name};

/// A run without its entries.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRun {
    /// Its id.
    pub id: RunId,
    /// The model that was asked.
    pub model: ModelChoice,
    /// Who was asked, where the run was made elsewhere.
    pub imported_provider: Option<ExportedProvider>,
    /// How it ended, or that it goes on.
    pub status: RunStatus,
    /// Why it ended so.
    pub problem: Option<Problem>,
    /// When it began.
    pub started_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its place in the transcript, from 1.
    pub ordinal: i64,
    /// JSON.
    pub body: String,
}

/// The runs of a conversation, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn runs(connection: &mut AnyConnection, id: &ConversationId) -> Result<Vec<StoredRun>, StoreError> {
    let rows = sqlx::query("SELECT * FROM runs WHERE conversation_id = $1 ORDER BY started_at, id")
        .bind(id.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter().map(run).collect()
}

fn run(row: &AnyRow) -> Result<StoredRun, StoreError> {
    let problem: Option<String> = row.try_get("problem")?;
    let imported: Option<String> = row.try_get("imported_provider")?;
    Ok(StoredRun {
        id: RunId(row.try_get("id")?),
        model: ModelChoice {
            provider_id: row.try_get::<String, _>("provider_id")?.into(),
            model: row.try_get("model")?,
        },
        imported_provider: imported.map(|json| from_json("provider", &json)).transpose()?,
        status: from_name("run status", row.try_get("status")?)?,
        problem: problem.map(|json| from_json("problem", &json)).transpose()?,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
    })
}

/// The run of each message that has one.
///
/// # Errors
/// When the database fails.
pub async fn runs_of_messages(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<HashMap<MessageId, RunId>, StoreError> {
    let rows =
        sqlx::query("SELECT id, run_id FROM messages WHERE conversation_id = $1 AND run_id IS NOT NULL")
            .bind(id.as_str())
            .fetch_all(connection)
            .await?;
    rows.iter().map(|row| Ok((MessageId(row.try_get("id")?), RunId(row.try_get("run_id")?)))).collect()
}

/// How many entries a conversation has.
///
/// # Errors
/// When the database fails or there is no such conversation.
pub async fn entry_count(connection: &mut AnyConnection, id: &ConversationId) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT entry_count FROM conversations WHERE id = $1")
        .bind(id.as_str())
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}

/// Up to `limit` entries behind the one at `after`, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn entries(
    connection: &mut AnyConnection,
    id: &ConversationId,
    after: i64,
    limit: u32,
) -> Result<Vec<StoredEntry>, StoreError> {
    let rows = sqlx::query(
        "SELECT ordinal, body FROM entries WHERE conversation_id = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3",
    )
    .bind(id.as_str())
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok(StoredEntry { ordinal: row.try_get("ordinal")?, body: row.try_get("body")? }))
        .collect()
}
