//! Rows of `events`: what a transaction adds, and what readers get whose position is older than what is in
//! memory.

use std::sync::Arc;

use slipway_protocol::{ConversationId, PartId, UserId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::StoreError;
use super::row::insertion;
use crate::events::{LoggedEvent, TopicSet};

/// Most rows that are inserted together; for each number up to it a statement is prepared at most once.
const ROWS_AT_ONCE: usize = 24;
/// Most events of other gateways that are read together.
const EVENTS_AT_ONCE: i64 = 128;
/// The columns of a row.
const COLUMNS: [&str; 8] =
    ["seq", "conversation_id", "for_user", "user_id", "delta_of", "kind", "body", "at"];

/// A row to insert.
#[derive(Debug)]
pub(super) struct NewEvent {
    pub(super) seq: i64,
    pub(super) conversation_id: Option<ConversationId>,
    pub(super) for_user: bool,
    /// Who hears of it on the topic `user`; `None` for everybody.
    pub(super) user_id: Option<UserId>,
    pub(super) delta_of: Option<PartId>,
    pub(super) kind: &'static str,
    pub(super) body: String,
    pub(super) at: i64,
}

/// Inserts rows.
///
/// # Errors
/// When the database fails.
pub(super) async fn insert(connection: &mut AnyConnection, rows: &[NewEvent]) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let mut query = sqlx::query(AssertSqlSafe(insertion("events", &COLUMNS, rows.len())));
        for row in rows {
            query = query
                .bind(row.seq)
                .bind(row.conversation_id.as_ref().map(|id| id.0.clone()))
                .bind(i64::from(row.for_user))
                .bind(row.user_id.as_ref().map(|id| id.0.clone()))
                .bind(row.delta_of.as_ref().map(|id| id.0.clone()))
                .bind(row.kind)
                .bind(row.body.as_str())
                .bind(row.at);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Deletes what streamed into a part.
///
/// # Errors
/// When the database fails.
pub(super) async fn delete_deltas(connection: &mut AnyConnection, part: &PartId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM events WHERE delta_of = $1").bind(part.as_str()).execute(connection).await?;
    Ok(())
}

/// Up to `limit` events of these topics with numbers in `after + 1 ..= up_to`, in order.
///
/// # Errors
/// When the database fails.
pub(crate) async fn range(
    connection: &mut AnyConnection,
    topics: &TopicSet,
    after: i64,
    up_to: i64,
    limit: usize,
) -> Result<Vec<Arc<LoggedEvent>>, StoreError> {
    // Only placeholders are formatted into the statement.
    let places =
        (0..topics.conversations.len()).map(|n| format!("${}", n + 6)).collect::<Vec<_>>().join(", ");
    let of_conversations =
        if places.is_empty() { String::new() } else { format!("OR conversation_id IN ({places})") };
    let sql = format!(
        "SELECT seq, conversation_id, for_user, user_id, kind, body, at FROM events \
         WHERE seq > $1 AND seq <= $2 \
         AND (for_user = $3 AND (user_id IS NULL OR user_id = $5) {of_conversations}) ORDER BY seq LIMIT $4"
    );
    let mut query = sqlx::query(AssertSqlSafe(sql))
        .bind(after)
        .bind(up_to)
        // No event has 2 there: a reader without the topic `user` gets none by this condition.
        .bind(if topics.user { 1_i64 } else { 2 })
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(topics.viewer.as_str());
    for id in &topics.conversations {
        query = query.bind(id.as_str());
    }
    query.fetch_all(connection).await?.iter().map(|row| logged(row).map(Arc::new)).collect()
}

/// Events with numbers in `after + 1 ..= up_to`, in order, and the number up to which they are all.
///
/// # Errors
/// When the database fails.
pub(super) async fn all(
    connection: &mut AnyConnection,
    after: i64,
    up_to: i64,
) -> Result<(Vec<Arc<LoggedEvent>>, i64), StoreError> {
    let sql = "SELECT seq, conversation_id, for_user, user_id, kind, body, at FROM events \
               WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3";
    let query = sqlx::query(sql).bind(after).bind(up_to).bind(EVENTS_AT_ONCE);
    let rows = query.fetch_all(connection).await?;
    let events = rows.iter().map(|row| logged(row).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
    let is_part = i64::try_from(events.len()) == Ok(EVENTS_AT_ONCE);
    let reached = events.last().filter(|_| is_part).map_or(up_to, |last| last.seq);
    Ok((events, reached))
}

fn logged(row: &AnyRow) -> Result<LoggedEvent, StoreError> {
    let conversation_id = row.try_get::<Option<String>, _>("conversation_id")?.map(ConversationId);
    Ok(LoggedEvent::from_stored(
        row.try_get("seq")?,
        conversation_id,
        row.try_get::<i64, _>("for_user")? != 0,
        row.try_get::<Option<String>, _>("user_id")?.map(UserId),
        row.try_get("kind")?,
        row.try_get("at")?,
        row.try_get("body")?,
    ))
}

/// When the newest event of a conversation was recorded; 0 when there is none.
///
/// # Errors
/// When the database fails.
pub(crate) async fn newest_at(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT MAX(at) FROM events WHERE conversation_id = $1")
        .bind(id.as_str())
        .fetch_one(connection)
        .await?;
    Ok(row.try_get::<Option<i64>, _>(0)?.unwrap_or_default())
}
