//! Rows of `entries`: the transcript, to which is only ever added.

use futures::TryStreamExt as _;
use slipway_protocol::transcript::{Entry, ToolResult};
use slipway_protocol::{CallId, ConversationId};
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::row::{from_json, insertion, to_json};
use super::{StoreError, Write};

/// Most entries that are inserted together; for each number up to it a statement is prepared at most once.
const ROWS_AT_ONCE: usize = 8;
/// The columns of a row.
const COLUMNS: [&str; 4] = ["conversation_id", "ordinal", "kind", "body"];

/// Appends entries, in order.
///
/// # Errors
/// When the database fails or there is no such conversation.
pub async fn append(write: &mut Write, id: &ConversationId, entries: &[&Entry]) -> Result<(), StoreError> {
    for entries in entries.chunks(ROWS_AT_ONCE) {
        let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
        let newest: i64 = sqlx::query(
            "UPDATE conversations SET entry_count = entry_count + $2 WHERE id = $1 RETURNING entry_count",
        )
        .bind(id.as_str())
        .bind(count)
        .fetch_one(write.connection())
        .await?
        .try_get(0)?;
        let mut query = sqlx::query(AssertSqlSafe(insertion("entries", &COLUMNS, entries.len())));
        for (ordinal, entry) in (newest - count + 1..).zip(entries) {
            query = query.bind(id.as_str()).bind(ordinal).bind(kind(entry)).bind(to_json("entry", entry)?);
        }
        query.execute(write.connection()).await?;
    }
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

/// Entries behind the one with this number, oldest first: `limit` of them or as many as have `bytes` together, but
/// one at least, and one more when more follow.
///
/// # Errors
/// When the database fails.
pub async fn part(
    connection: &mut AnyConnection,
    id: &ConversationId,
    after: i64,
    limit: u32,
    bytes: usize,
) -> Result<(Vec<Entry>, bool), StoreError> {
    let sql =
        "SELECT body FROM entries WHERE conversation_id = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3";
    let query = sqlx::query(sql).bind(id.as_str()).bind(after).bind(i64::from(limit) + 1);
    let mut rows = query.fetch(connection);
    let (mut entries, mut length) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        let body: &str = row.try_get("body")?;
        let is_more = entries.len() >= limit as usize || length > bytes;
        length += body.len();
        entries.push(from_json("entry", body)?);
        if is_more {
            return Ok((entries, true));
        }
    }
    Ok((entries, false))
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
