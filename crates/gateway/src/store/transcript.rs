//! Rows of `entries`: the transcript, to which is only ever added.

use slipway_protocol::transcript::{Entry, ToolResult};
use slipway_protocol::{CallId, ConversationId};
use sqlx::{AnyConnection, Row};

use super::row::{from_json, to_json};
use super::{StoreError, Write};

/// Appends an entry.
///
/// # Errors
/// When the database fails or there is no such conversation.
pub async fn append(write: &mut Write, id: &ConversationId, entry: &Entry) -> Result<(), StoreError> {
    let ordinal: i64 = sqlx::query(
        "UPDATE conversations SET entry_count = entry_count + 1 WHERE id = $1 RETURNING entry_count",
    )
    .bind(id.as_str())
    .fetch_one(write.connection())
    .await?
    .try_get(0)?;
    sqlx::query("INSERT INTO entries (conversation_id, ordinal, kind, body) VALUES ($1, $2, $3, $4)")
        .bind(id.as_str())
        .bind(ordinal)
        .bind(kind(entry))
        .bind(to_json("entry", entry)?)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// The whole transcript, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn all(connection: &mut AnyConnection, id: &ConversationId) -> Result<Vec<Entry>, StoreError> {
    let rows = sqlx::query("SELECT body FROM entries WHERE conversation_id = $1 ORDER BY ordinal")
        .bind(id.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| from_json("entry", row.try_get("body")?)).collect()
}

/// What a tool call came to; `None` while it has no result.
///
/// # Errors
/// When the database fails.
pub async fn result(
    connection: &mut AnyConnection,
    id: &ConversationId,
    call_id: &CallId,
) -> Result<Option<ToolResult>, StoreError> {
    let rows = sqlx::query(
        "SELECT body FROM entries WHERE conversation_id = $1 AND kind = 'tool_result' ORDER BY ordinal DESC",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    for row in &rows {
        if let Entry::ToolResult(result) = from_json("entry", row.try_get("body")?)?
            && result.call_id == *call_id
        {
            return Ok(Some(result));
        }
    }
    Ok(None)
}

/// The name on the wire.
fn kind(entry: &Entry) -> &'static str {
    match entry {
        Entry::User(_) => "user",
        Entry::Assistant(_) => "assistant",
        Entry::ToolResult(_) => "tool_result",
        Entry::Correction(_) => "correction",
        Entry::View(_) => "view",
        Entry::Notice(_) => "notice",
        Entry::Handover(_) => "handover",
        Entry::ContextChange(_) => "context_change",
        Entry::Plan(_) => "plan",
    }
}
