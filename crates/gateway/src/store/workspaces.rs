//! Rows of `workspaces`: those besides the one that every instance has.

use slipway_protocol::api::Workspace;
use slipway_protocol::event::RunStatus;
use slipway_protocol::{ConversationId, UserId, WorkspaceId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::row::{from_name, plain};
use super::{StoreError, Write};

/// A person's workspaces, the oldest first, those in the trash among them.
///
/// # Errors
/// When the database fails.
pub async fn of_person(connection: &mut AnyConnection, owner: &UserId) -> Result<Vec<Workspace>, StoreError> {
    let rows = sqlx::query("SELECT * FROM workspaces WHERE user_id = $1 ORDER BY created_at, id")
        .bind(owner.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter().map(workspace).collect()
}

/// A workspace, and whose it is.
///
/// # Errors
/// When the database fails.
pub async fn get(
    connection: &mut AnyConnection,
    id: &WorkspaceId,
) -> Result<Option<(Workspace, UserId)>, StoreError> {
    let row = sqlx::query("SELECT * FROM workspaces WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(|row| Ok((workspace(row)?, UserId(row.try_get("user_id")?)))).transpose()
}

/// The workspace that a conversation names; the one that every instance has when the conversation is not there.
///
/// # Errors
/// When the database fails.
pub async fn of_conversation(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<WorkspaceId, StoreError> {
    let row = sqlx::query("SELECT workspace FROM conversations WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.try_get("workspace")).transpose()?.map(WorkspaceId).unwrap_or_default())
}

/// Makes the workspaces of `user` those of `heir`.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(write: &mut Write, user: &UserId, heir: &UserId) -> Result<(), StoreError> {
    sqlx::query("UPDATE workspaces SET user_id = $2 WHERE user_id = $1")
        .bind(user.as_str())
        .bind(heir.as_str())
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Adds one.
///
/// # Errors
/// When the database fails or the id is taken.
pub async fn insert(write: &mut Write, owner: &UserId, workspace: &Workspace) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO workspaces (id, user_id, name, created_at) VALUES ($1, $2, $3, $4)")
        .bind(workspace.id.as_str())
        .bind(owner.as_str())
        .bind(plain(&workspace.name).into_owned())
        .bind(workspace.created_at)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Gives it another name.
///
/// # Errors
/// When the database fails.
pub async fn set_name(write: &mut Write, id: &WorkspaceId, name: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE workspaces SET name = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(plain(name).into_owned())
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Notes when it was put into the trash, or that it is not there any more.
///
/// # Errors
/// When the database fails.
pub async fn set_deleted(write: &mut Write, id: &WorkspaceId, at: Option<i64>) -> Result<(), StoreError> {
    sqlx::query("UPDATE workspaces SET deleted_at = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(at)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Forgets one that never came to be.
///
/// # Errors
/// When the database fails.
pub async fn remove(write: &mut Write, id: &WorkspaceId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM workspaces WHERE id = $1").bind(id.as_str()).execute(write.connection()).await?;
    Ok(())
}

/// Whether a run goes on in it, or waits for the person.
///
/// # Errors
/// When the database fails.
pub async fn is_in_use(connection: &mut AnyConnection, id: &WorkspaceId) -> Result<bool, StoreError> {
    let rows = sqlx::query("SELECT DISTINCT status FROM conversations WHERE workspace = $1")
        .bind(id.as_str())
        .fetch_all(connection)
        .await?;
    for row in &rows {
        if from_name::<RunStatus>("run status", row.try_get("status")?)?.is_active() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn workspace(row: &AnyRow) -> Result<Workspace, StoreError> {
    Ok(Workspace {
        id: WorkspaceId(row.try_get("id")?),
        name: row.try_get("name")?,
        created_at: row.try_get("created_at")?,
        deleted_at: row.try_get("deleted_at")?,
    })
}
