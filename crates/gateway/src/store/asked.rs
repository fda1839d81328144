//! What rows of `approvals` and `questions` have in common: they are about a call that waits for the person.

use serde::de::DeserializeOwned;
use slipway_protocol::{CallId, ConversationId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::row::from_json;
use super::{StoreError, Write};

/// The row of a call; `sql` selects it by conversation and call.
///
/// # Errors
/// When the database fails.
pub(super) async fn of_call(
    connection: &mut AnyConnection,
    sql: &'static str,
    id: &ConversationId,
    call_id: &CallId,
) -> Result<Option<AnyRow>, StoreError> {
    Ok(sqlx::query(sql).bind(id.as_str()).bind(call_id.as_str()).fetch_optional(connection).await?)
}

/// The bodies of a conversation's rows that `sql` selects, in its order.
///
/// # Errors
/// When the database fails.
pub(super) async fn bodies<T: DeserializeOwned>(
    connection: &mut AnyConnection,
    what: &'static str,
    sql: &'static str,
    id: &ConversationId,
) -> Result<Vec<T>, StoreError> {
    let rows = sqlx::query(sql).bind(id.as_str()).fetch_all(connection).await?;
    rows.iter().map(|row| from_json(what, row.try_get("body")?)).collect()
}

/// Closes a conversation's rows by `sql`, and tells how many that were.
///
/// # Errors
/// When the database fails.
pub(super) async fn close_all(
    write: &mut Write,
    sql: &'static str,
    id: &ConversationId,
) -> Result<u64, StoreError> {
    let now = write.now();
    Ok(sqlx::query(sql).bind(id.as_str()).bind(now).execute(write.connection()).await?.rows_affected())
}
