//! Rows of `checkpoints`, `workspace_states` and `restorations`.

use slipway_protocol::api::{Checkpoint, CheckpointKind};
use slipway_protocol::checkpoint::{ObjectId, Operation};
use slipway_protocol::{CheckpointId, ConversationId, RunId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::row::{from_count, from_json, from_name, to_count, to_json, to_name};
use super::{StoreError, Write};

/// A checkpoint with what only the gateway needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// What people see of it.
    pub checkpoint: Checkpoint,
    /// Its place among those of its workspace; 0 until it is inserted.
    pub ordinal: i64,
    /// The state.
    pub root: ObjectId,
    /// The state before.
    pub parent_root: Option<ObjectId>,
}

/// The newest state of a workspace that is known.
///
/// # Errors
/// When the database fails.
pub async fn newest_root(
    connection: &mut AnyConnection,
    workspace: &str,
) -> Result<Option<ObjectId>, StoreError> {
    let row = sqlx::query("SELECT root FROM workspace_states WHERE workspace = $1")
        .bind(workspace)
        .fetch_optional(connection)
        .await?;
    row.map(|row| object_id(row.try_get("root")?)).transpose()
}

/// Adds a checkpoint, behind all others of its workspace.
///
/// # Errors
/// When the database fails or the conversation is gone.
pub async fn insert(write: &mut Write, workspace: &str, stored: &StoredCheckpoint) -> Result<(), StoreError> {
    let ordinal: i64 = sqlx::query(
        "INSERT INTO workspace_states (workspace, root, ordinal) VALUES ($1, $2, 1) \
         ON CONFLICT (workspace) DO UPDATE SET root = $2, ordinal = workspace_states.ordinal + 1 \
         RETURNING ordinal",
    )
    .bind(workspace)
    .bind(stored.root.to_string())
    .fetch_one(write.connection())
    .await?
    .try_get("ordinal")?;
    let checkpoint = &stored.checkpoint;
    sqlx::query(
        "INSERT INTO checkpoints (id, workspace, ordinal, conversation_id, run_id, step, kind, root, \
         parent_root, changed_files, files, unkept, unkept_count, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(checkpoint.id.as_str())
    .bind(workspace)
    .bind(ordinal)
    .bind(checkpoint.conversation_id.as_str())
    .bind(checkpoint.run_id.as_ref().map(|id| id.0.clone()))
    .bind(checkpoint.step.map(i64::from))
    .bind(to_name("checkpoint kind", &checkpoint.kind)?)
    .bind(stored.root.to_string())
    .bind(stored.parent_root.map(|id| id.to_string()))
    .bind(to_count(checkpoint.changed_files))
    .bind(to_count(checkpoint.files))
    .bind(to_json("unkept files", &checkpoint.unkept)?)
    .bind(to_count(checkpoint.unkept_count))
    .bind(checkpoint.created_at)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// One checkpoint of a conversation.
///
/// # Errors
/// When the database fails.
pub async fn get(
    connection: &mut AnyConnection,
    conversation: &ConversationId,
    id: &CheckpointId,
) -> Result<Option<StoredCheckpoint>, StoreError> {
    let row = sqlx::query("SELECT * FROM checkpoints WHERE id = $1 AND conversation_id = $2")
        .bind(id.as_str())
        .bind(conversation.as_str())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(stored).transpose()
}

/// Up to `limit` checkpoints of a conversation before this place, newest first.
///
/// # Errors
/// When the database fails.
pub async fn page(
    connection: &mut AnyConnection,
    conversation: &ConversationId,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<StoredCheckpoint>, StoreError> {
    let sql = "SELECT * FROM checkpoints WHERE conversation_id = $1 AND ordinal < $2 \
               ORDER BY ordinal DESC LIMIT $3";
    let query =
        sqlx::query(sql).bind(conversation.as_str()).bind(before.unwrap_or(i64::MAX)).bind(i64::from(limit));
    query.fetch_all(connection).await?.iter().map(stored).collect()
}

/// All checkpoints of a conversation, or of one of its runs, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn all(
    connection: &mut AnyConnection,
    conversation: &ConversationId,
    run: Option<&RunId>,
) -> Result<Vec<StoredCheckpoint>, StoreError> {
    let sql = "SELECT * FROM checkpoints WHERE conversation_id = $1 AND ($2 = '' OR run_id = $2) \
               ORDER BY ordinal";
    let run = run.map_or("", RunId::as_str);
    let rows = sqlx::query(sql).bind(conversation.as_str()).bind(run).fetch_all(connection).await?;
    rows.iter().map(stored).collect()
}

/// Checkpoints of a workspace after this place, oldest first, whosever they are.
///
/// # Errors
/// When the database fails.
pub async fn after(
    connection: &mut AnyConnection,
    workspace: &str,
    ordinal: i64,
) -> Result<Vec<StoredCheckpoint>, StoreError> {
    let sql = "SELECT * FROM checkpoints WHERE workspace = $1 AND ordinal > $2 ORDER BY ordinal";
    let rows = sqlx::query(sql).bind(workspace).bind(ordinal).fetch_all(connection).await?;
    rows.iter().map(stored).collect()
}

/// Every state that something refers to.
///
/// # Errors
/// When the database fails.
pub async fn roots(connection: &mut AnyConnection) -> Result<Vec<ObjectId>, StoreError> {
    let sql = "SELECT root FROM checkpoints UNION SELECT parent_root FROM checkpoints \
               WHERE parent_root IS NOT NULL UNION SELECT root FROM workspace_states";
    let rows = sqlx::query(sql).fetch_all(connection).await?;
    rows.iter().map(|row| object_id(row.try_get("root")?)).collect()
}

/// Deletes the oldest `count` checkpoints.
///
/// # Errors
/// When the database fails.
pub async fn delete_oldest(write: &mut Write, count: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM checkpoints WHERE id IN (SELECT id FROM checkpoints ORDER BY created_at, ordinal \
               LIMIT $1)";
    Ok(sqlx::query(sql).bind(i64::from(count)).execute(write.connection()).await?.rows_affected())
}

/// Deletes the checkpoints that were recorded before a moment; how many.
///
/// # Errors
/// When the database fails.
pub async fn delete_before(write: &mut Write, moment: i64) -> Result<u64, StoreError> {
    let sql = "DELETE FROM checkpoints WHERE created_at < $1";
    Ok(sqlx::query(sql).bind(moment).execute(write.connection()).await?.rows_affected())
}

/// A restoration that is being carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restoration {
    /// The checkpoint that was taken before it.
    pub before: CheckpointId,
    /// Whose it is.
    pub conversation_id: ConversationId,
    /// What is to be done, in order.
    pub operations: Vec<Operation>,
}

/// Notes a restoration before it begins.
///
/// # Errors
/// When the database fails.
pub async fn begin_restoration(write: &mut Write, restoration: &Restoration) -> Result<(), StoreError> {
    let now = write.now();
    let sql = "INSERT INTO restorations (before_id, conversation_id, operations, created_at) \
               VALUES ($1, $2, $3, $4)";
    sqlx::query(sql)
        .bind(restoration.before.as_str())
        .bind(restoration.conversation_id.as_str())
        .bind(to_json("operations", &restoration.operations)?)
        .bind(now)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Notes that a restoration is done.
///
/// # Errors
/// When the database fails.
pub async fn end_restoration(write: &mut Write, before: &CheckpointId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM restorations WHERE before_id = $1")
        .bind(before.as_str())
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Restorations that were begun and are not done, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn open_restorations(connection: &mut AnyConnection) -> Result<Vec<Restoration>, StoreError> {
    let rows = sqlx::query("SELECT * FROM restorations ORDER BY created_at").fetch_all(connection).await?;
    let restoration = |row: &AnyRow| {
        Ok(Restoration {
            before: CheckpointId(row.try_get("before_id")?),
            conversation_id: ConversationId(row.try_get("conversation_id")?),
            operations: from_json("operations", row.try_get("operations")?)?,
        })
    };
    rows.iter().map(restoration).collect()
}

fn stored(row: &AnyRow) -> Result<StoredCheckpoint, StoreError> {
    let parent: Option<String> = row.try_get("parent_root")?;
    let step: Option<i64> = row.try_get("step")?;
    Ok(StoredCheckpoint {
        checkpoint: Checkpoint {
            id: CheckpointId(row.try_get("id")?),
            conversation_id: ConversationId(row.try_get("conversation_id")?),
            run_id: row.try_get::<Option<String>, _>("run_id")?.map(RunId),
            step: step.and_then(|step| u32::try_from(step).ok()),
            kind: from_name::<CheckpointKind>("checkpoint kind", row.try_get("kind")?)?,
            changed_files: from_count(row.try_get("changed_files")?),
            files: from_count(row.try_get("files")?),
            unkept: from_json("unkept files", row.try_get("unkept")?)?,
            unkept_count: from_count(row.try_get("unkept_count")?),
            created_at: row.try_get("created_at")?,
        },
        ordinal: row.try_get("ordinal")?,
        root: object_id(row.try_get("root")?)?,
        parent_root: parent.as_deref().map(object_id).transpose()?,
    })
}

fn object_id(text: &str) -> Result<ObjectId, StoreError> {
    from_name("object id", text)
}
