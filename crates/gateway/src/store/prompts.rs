//! The facts that a conversation's system prompt states, kept so that it stays the same.

use slipway_protocol::ConversationId;
use slipway_protocol::run::PromptFacts;
use sqlx::{AnyConnection, Row};

use super::row::{from_json, to_json};
use super::{StoreError, Write};

/// What the model of a conversation is told at the beginning; `None` before the first run.
///
/// # Errors
/// When the database fails.
pub async fn get(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<Option<PromptFacts>, StoreError> {
    let row = sqlx::query("SELECT prompt FROM conversations WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let prompt: Option<String> = row.try_get("prompt")?;
    prompt.map(|json| from_json("prompt facts", &json)).transpose()
}

/// Keeps what the model of a conversation is told at the beginning.
///
/// # Errors
/// When the database fails.
pub async fn set(write: &mut Write, id: &ConversationId, facts: &PromptFacts) -> Result<(), StoreError> {
    sqlx::query("UPDATE conversations SET prompt = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(to_json("prompt facts", facts)?)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Has the model of a conversation be told the same at the beginning as that of another.
///
/// # Errors
/// When the database fails.
pub async fn copy(write: &mut Write, from: &ConversationId, to: &ConversationId) -> Result<(), StoreError> {
    let sql =
        "UPDATE conversations SET prompt = (SELECT prompt FROM conversations WHERE id = $1) WHERE id = $2";
    sqlx::query(sql).bind(from.as_str()).bind(to.as_str()).execute(write.connection()).await?;
    Ok(())
}
