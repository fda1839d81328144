//! Rows of `call_stops`: calls that a person has stopped by themselves, and where a call stands.

use slipway_protocol::message::{PartBody, ToolPartStatus};
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::{CallId, ConversationId};
use sqlx::{AnyConnection, Row};

use super::row::from_name;
use super::{StoreError, Write, messages, transcript};

/// Records that the person stops a call; once is enough.
///
/// # Errors
/// When the database fails.
pub async fn insert(write: &mut Write, id: &ConversationId, call_id: &CallId) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO call_stops (conversation_id, call_id, stopped_at) VALUES ($1, $2, $3) \
         ON CONFLICT (conversation_id, call_id) DO NOTHING",
    )
    .bind(id.as_str())
    .bind(call_id.as_str())
    .bind(write.now())
    .execute(write.connection())
    .await?;
    Ok(())
}

/// The conversation's calls that were stopped by themselves.
///
/// # Errors
/// When the database fails.
pub async fn all(connection: &mut AnyConnection, id: &ConversationId) -> Result<Vec<CallId>, StoreError> {
    let sql = "SELECT call_id FROM call_stops WHERE conversation_id = $1 ORDER BY stopped_at, call_id";
    let rows = sqlx::query(sql).bind(id.as_str()).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(CallId(row.try_get("call_id")?))).collect()
}

/// Where a call stands, a sub-agent's included; `None` when there is no such call.
///
/// # Errors
/// When the database fails.
pub async fn standing(
    connection: &mut AnyConnection,
    id: &ConversationId,
    call_id: &CallId,
) -> Result<Option<ToolPartStatus>, StoreError> {
    let open = messages::unfinished(connection, id).await?;
    let mut parts = open.iter().flat_map(|message| &message.parts);
    let found = parts.find_map(|part| match &part.body {
        PartBody::Tool(tool) if tool.call_id == *call_id => Some(tool.status),
        _ => None,
    });
    if found.is_some() {
        return Ok(found);
    }
    if let Some(result) = transcript::result(connection, id, call_id).await? {
        return Ok(Some(result.outcome.status.into()));
    }
    // What a sub-agent has called is in no transcript.
    let sql = "SELECT status FROM calls WHERE conversation_id = $1 AND call_id = $2 \
               ORDER BY started_at DESC LIMIT 1";
    let row = sqlx::query(sql).bind(id.as_str()).bind(call_id.as_str()).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let status = row.try_get::<Option<String>, _>("status")?;
    let status: Option<ToolStatus> = status.map(|name| from_name("tool status", &name)).transpose()?;
    Ok(Some(status.unwrap_or(ToolStatus::Interrupted).into()))
}
