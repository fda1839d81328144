//! Rows of `pin_wishes`: files that a person wants pinned, or not any more, until the transcript says so.

use slipway_protocol::ConversationId;
use slipway_protocol::context::PinFile;
use sqlx::{AnyConnection, Row};

use super::row::plain;
use super::{StoreError, Write};

/// Keeps a wish; an earlier one for the same file is gone.
///
/// # Errors
/// When the database fails.
pub async fn set(write: &mut Write, id: &ConversationId, wish: &PinFile) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO pin_wishes (conversation_id, path, pinned) VALUES ($1, $2, $3) \
         ON CONFLICT (conversation_id, path) DO UPDATE SET pinned = excluded.pinned",
    )
    .bind(id.as_str())
    .bind(plain(&wish.path).into_owned())
    .bind(i64::from(wish.pinned))
    .execute(write.connection())
    .await?;
    Ok(())
}

/// What the transcript does not say yet.
///
/// # Errors
/// When the database fails.
pub async fn all(connection: &mut AnyConnection, id: &ConversationId) -> Result<Vec<PinFile>, StoreError> {
    let sql = "SELECT path, pinned FROM pin_wishes WHERE conversation_id = $1 ORDER BY path";
    let rows = sqlx::query(sql).bind(id.as_str()).fetch_all(connection).await?;
    let wish = |row: &sqlx::any::AnyRow| {
        Ok(PinFile { path: row.try_get("path")?, pinned: row.try_get::<i64, _>("pinned")? != 0 })
    };
    rows.iter().map(wish).collect()
}

/// Takes away a wish that is fulfilled; a newer one that says the opposite stays.
///
/// # Errors
/// When the database fails.
pub async fn fulfil(write: &mut Write, id: &ConversationId, wish: &PinFile) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM pin_wishes WHERE conversation_id = $1 AND path = $2 AND pinned = $3")
        .bind(id.as_str())
        .bind(plain(&wish.path).into_owned())
        .bind(i64::from(wish.pinned))
        .execute(write.connection())
        .await?;
    Ok(())
}
