//! Deleting conversations: at first they are only as if they were not there, and after a while they are gone.

use slipway_protocol::ConversationId;
use slipway_protocol::event::EventBody;
use sqlx::{AnyConnection, Row};

use super::{StoreError, Write, branches, budgets, conversations, drafts, ownership};

/// Where a conversation stands between being there and being gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is there.
    Present,
    /// It is deleted, and can be brought back until then.
    Until(i64),
}

/// Where a conversation stands; `None` when there is no such conversation any more.
///
/// # Errors
/// When the database fails.
pub async fn presence(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<Option<Presence>, StoreError> {
    let sql = "SELECT deleted_until FROM conversations WHERE id = $1";
    let Some(row) = sqlx::query(sql).bind(id.as_str()).fetch_optional(connection).await? else {
        return Ok(None);
    };
    let until: Option<i64> = row.try_get("deleted_until")?;
    Ok(Some(until.map_or(Presence::Present, Presence::Until)))
}

/// Makes a conversation be as if it were not there, and tells of that.
///
/// # Errors
/// When the database fails.
pub async fn hide(write: &mut Write, id: &ConversationId, until: i64) -> Result<(), StoreError> {
    let relatives = branches::relatives(write.connection(), id).await?;
    let owner = ownership::owner(write.connection(), id).await?;
    sqlx::query("UPDATE conversations SET deleted_until = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(until)
        .execute(write.connection())
        .await?;
    if let Some(owner) = owner {
        write.record_for(&owner, id, EventBody::ConversationDeleted { conversation_id: id.clone() }).await?;
    }
    branches::announce(write, &relatives).await
}

/// Brings a deleted conversation back, and tells of that.
///
/// # Errors
/// When the database fails.
pub async fn bring_back(write: &mut Write, id: &ConversationId) -> Result<(), StoreError> {
    sqlx::query("UPDATE conversations SET deleted_until = NULL WHERE id = $1")
        .bind(id.as_str())
        .execute(write.connection())
        .await?;
    conversations::announce(write, id).await?;
    let relatives = branches::relatives(write.connection(), id).await?;
    branches::announce(write, &relatives).await
}

/// From now on a deleted conversation cannot be brought back; nothing happens to one that is there.
///
/// # Errors
/// When the database fails.
pub async fn end_undo(write: &mut Write, id: &ConversationId) -> Result<(), StoreError> {
    let now = write.now();
    let sql = "UPDATE conversations SET deleted_until = $2 WHERE id = $1 AND deleted_until > $2";
    sqlx::query(sql).bind(id.as_str()).bind(now).execute(write.connection()).await?;
    Ok(())
}

/// Deleted conversations that cannot be brought back any more.
///
/// # Errors
/// When the database fails.
pub async fn due(connection: &mut AnyConnection, now: i64) -> Result<Vec<ConversationId>, StoreError> {
    let sql = "SELECT id FROM conversations WHERE deleted_until <= $1 ORDER BY deleted_until, id";
    let rows = sqlx::query(sql).bind(now).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(ConversationId(row.try_get("id")?))).collect()
}

/// Removes a deleted conversation with everything in it. Its events go too: whoever replays them only needs to know
/// that it is gone. `false` when it was brought back or is gone already.
///
/// # Errors
/// When the database fails.
pub async fn remove(write: &mut Write, id: &ConversationId) -> Result<bool, StoreError> {
    write.insert_events().await?;
    let owner = ownership::owner_even_if_deleted(write.connection(), id).await?;
    let now = write.now();
    let purse_id = budgets::purse_id(write.connection(), id).await?;
    let sql = "DELETE FROM conversations WHERE id = $1 AND deleted_until <= $2";
    let done = sqlx::query(sql).bind(id.as_str()).bind(now).execute(write.connection()).await?;
    let Some(owner) = owner.filter(|_| done.rows_affected() > 0) else { return Ok(false) };
    sqlx::query("DELETE FROM events WHERE conversation_id = $1")
        .bind(id.as_str())
        .execute(write.connection())
        .await?;
    drafts::remove(write, id).await?;
    budgets::remove_unused(write, purse_id).await?;
    write.record_for(&owner, id, EventBody::ConversationDeleted { conversation_id: id.clone() }).await?;
    Ok(true)
}
