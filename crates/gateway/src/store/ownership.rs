//! Whose a conversation is. Everything that is kept of a conversation is its owner's: messages, entries, runs,
//! events, pictures, checkpoints, questions, what waits in its queue, its budget.

use std::collections::BTreeSet;

use slipway_protocol::{ConversationId, UserId};
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::StoreError;

/// Whoever runs the instance: the launcher acts as this one.
pub const OWNER: &str = "user_owner";

/// Whose a conversation is; `None` when there is no such conversation, or it is deleted.
///
/// # Errors
/// When the database fails.
pub async fn owner(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<Option<UserId>, StoreError> {
    let sql = "SELECT user_id FROM conversations WHERE id = $1 AND deleted_until IS NULL";
    let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get("user_id")).transpose()?.map(UserId))
}

/// Whose a conversation is that is there or can be brought back.
///
/// # Errors
/// When the database fails.
pub async fn owner_even_if_deleted(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<Option<UserId>, StoreError> {
    let sql = "SELECT user_id FROM conversations WHERE id = $1";
    let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get("user_id")).transpose()?.map(UserId))
}

/// Those of `ids` that are conversations of `user`.
///
/// # Errors
/// When the database fails.
pub async fn own_among(
    connection: &mut AnyConnection,
    user: &UserId,
    ids: BTreeSet<ConversationId>,
) -> Result<BTreeSet<ConversationId>, StoreError> {
    if ids.is_empty() {
        return Ok(ids);
    }
    // Only placeholders are formatted into the statement.
    let places = (0..ids.len()).map(|n| format!("${}", n + 2)).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT id FROM conversations WHERE user_id = $1 AND deleted_until IS NULL AND id IN ({places})"
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(user.as_str());
    for id in &ids {
        query = query.bind(id.as_str());
    }
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| Ok(ConversationId(row.try_get("id")?))).collect()
}
