//! Rows of `conversations`: what is known of a conversation besides its messages.

use slipway_protocol::api::{Conversation, ModelChoice};
use slipway_protocol::budget::ConversationBudgets;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::plan::Plan;
use slipway_protocol::run::ContextFile;
use slipway_protocol::usage::Usage;
use slipway_protocol::{ConversationId, Problem, RunId, UserId, WorkspaceId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::budgets;
use super::row::{from_count, from_json, from_name, plain, to_count, to_json, to_name};
use super::{StoreError, Write};

/// A conversation and the state of its context.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredConversation {
    /// As the list shows it.
    pub conversation: Conversation,
    /// Consumption of all its model calls.
    pub usage: Usage,
    /// What of the model's window is in use.
    pub context: ContextState,
    /// The model's plan.
    pub plan: Option<Plan>,
    /// Whether it is deleted, and can still be brought back.
    pub is_deleted: bool,
}

/// What of the model's window is in use.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContextState {
    /// Tokens in use.
    pub used: u64,
    /// The window; `None` when unknown.
    pub limit: Option<u64>,
    /// Open files.
    pub files: Vec<ContextFile>,
}

/// Where a conversation's run stands from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The status.
    pub status: RunStatus,
    /// The run, if there was one ever.
    pub run_id: Option<RunId>,
    /// Since when it goes on; `None` when it has ended.
    pub run_started_at: Option<i64>,
    /// Why it stands so.
    pub problem: Option<Problem>,
}

/// Which conversations a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Those that are not put away.
    Current,
    /// Those that are.
    Archived,
}

/// Position in the list of conversations: pinned ones first, then newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageKey {
    /// `pinned` of the last conversation on the page before.
    pub pinned: bool,
    /// Its `updated_at`.
    pub updated_at: i64,
    /// Its id.
    pub id: ConversationId,
}

/// Adds a conversation of `owner`, with a purse of its own, and tells of it.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    write: &mut Write,
    owner: &UserId,
    conversation: &Conversation,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO conversations (id, title, status, run_id, run_started_at, problem, provider_id, model, \
         scripted, usage, context_used, context_limit, context_files, entry_count, message_count, \
         created_at, updated_at, user_id, branch_of, workspace) \
         VALUES ($1, $2, $3, NULL, NULL, NULL, $4, $5, $6, $7, 0, NULL, '[]', 0, 0, $8, $9, $10, $11, $12)",
    )
    .bind(conversation.id.as_str())
    .bind(plain(&conversation.title).into_owned())
    .bind(to_name("run status", &conversation.status)?)
    .bind(conversation.model.provider_id.as_str())
    .bind(conversation.model.model.as_str())
    .bind(i64::from(conversation.scripted))
    .bind(to_json("usage", &Usage::default())?)
    .bind(conversation.created_at)
    .bind(conversation.updated_at)
    .bind(owner.as_str())
    .bind(conversation.branch_of.as_ref().map(|id| id.0.clone()))
    .bind(conversation.workspace_id.as_str())
    .execute(write.connection())
    .await?;
    budgets::open(write, &conversation.id, &ConversationBudgets::default()).await?;
    announce(write, &conversation.id).await
}

/// One conversation, even if it is deleted.
///
/// # Errors
/// When the database fails.
pub async fn get(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<Option<StoredConversation>, StoreError> {
    let row = sqlx::query("SELECT * FROM conversations WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(stored).transpose()
}

/// Up to `limit` conversations of a person's shelf, pinned ones first, then newest first.
///
/// # Errors
/// When the database fails.
pub async fn page(
    connection: &mut AnyConnection,
    owner: &UserId,
    shelf: Shelf,
    before: Option<&PageKey>,
    limit: u32,
) -> Result<Vec<Conversation>, StoreError> {
    let (pinned, updated_at, id) =
        before.map_or((1, i64::MAX, ""), |key| (i64::from(key.pinned), key.updated_at, key.id.as_str()));
    let rows = sqlx::query(
        "SELECT * FROM conversations WHERE user_id = $6 AND archived = $1 AND deleted_until IS NULL \
         AND (pinned, updated_at, id) < ($2, $3, $4) \
         ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT $5",
    )
    .bind(i64::from(shelf == Shelf::Archived))
    .bind(pinned)
    .bind(updated_at)
    .bind(id)
    .bind(i64::from(limit))
    .bind(owner.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter().map(conversation).collect()
}

/// Conversations whose run, as far as the database knows, goes on.
///
/// # Errors
/// When the database fails.
pub async fn active(connection: &mut AnyConnection) -> Result<Vec<Conversation>, StoreError> {
    let rows = sqlx::query("SELECT * FROM conversations WHERE run_started_at IS NOT NULL ORDER BY id")
        .fetch_all(connection)
        .await?;
    rows.iter().map(conversation).collect()
}

/// Gives it a name.
///
/// # Errors
/// When the database fails.
pub async fn set_title(write: &mut Write, id: &ConversationId, title: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE conversations SET title = $2, updated_at = $3 WHERE id = $1")
        .bind(id.as_str())
        .bind(plain(title).into_owned())
        .bind(write.now())
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Keeps it at the top of the list, or no longer.
///
/// # Errors
/// When the database fails.
pub async fn set_pinned(write: &mut Write, id: &ConversationId, pinned: bool) -> Result<(), StoreError> {
    sqlx::query("UPDATE conversations SET pinned = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(i64::from(pinned))
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Puts it away, or back into the list.
///
/// # Errors
/// When the database fails.
pub async fn set_archived(write: &mut Write, id: &ConversationId, archived: bool) -> Result<(), StoreError> {
    let since = archived.then(|| write.now());
    sqlx::query("UPDATE conversations SET archived = $2, archived_at = $3 WHERE id = $1")
        .bind(id.as_str())
        .bind(i64::from(archived))
        .bind(since)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Some of those that were put away before a moment, are not pinned, and have no run that goes on, the oldest first.
/// What was put away by versions that did not note when counts from now on.
///
/// # Errors
/// When the database fails.
pub async fn archived_before(
    write: &mut Write,
    moment: i64,
    limit: u32,
) -> Result<Vec<ConversationId>, StoreError> {
    let sql = "UPDATE conversations SET archived_at = $1 WHERE archived = 1 AND archived_at IS NULL";
    sqlx::query(sql).bind(write.now()).execute(write.connection()).await?;
    let sql = "SELECT id FROM conversations WHERE archived = 1 AND deleted_until IS NULL AND archived_at < $1 AND pinned = 0 \
               AND run_started_at IS NULL ORDER BY archived_at, id LIMIT $2";
    let rows = sqlx::query(sql).bind(moment).bind(i64::from(limit)).fetch_all(write.connection()).await?;
    rows.iter().map(|row| Ok(ConversationId(row.try_get("id")?))).collect()
}

/// Chooses the model of its next runs.
///
/// # Errors
/// When the database fails.
pub async fn set_model(
    write: &mut Write,
    id: &ConversationId,
    model: &ModelChoice,
    scripted: bool,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE conversations SET provider_id = $2, model = $3, scripted = $4, updated_at = $5 WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(model.provider_id.as_str())
    .bind(model.model.as_str())
    .bind(i64::from(scripted))
    .bind(write.now())
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Records where its run stands. A run that begins to go on is this gateway's; it is nobody's when it has ended.
///
/// # Errors
/// When the database fails.
pub async fn set_standing(
    write: &mut Write,
    id: &ConversationId,
    standing: &Standing,
) -> Result<(), StoreError> {
    let problem = standing.problem.as_ref().map(|problem| to_json("problem", problem)).transpose()?;
    sqlx::query(
        "UPDATE conversations SET status = $2, run_id = $3, run_started_at = $4, problem = $5, \
         updated_at = $6, driver = CASE WHEN $8 = 0 THEN NULL ELSE COALESCE(driver, $7) END WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(to_name("run status", &standing.status)?)
    .bind(standing.run_id.as_ref().map(|id| id.0.clone()))
    .bind(standing.run_started_at)
    .bind(problem)
    .bind(write.now())
    .bind(write.member())
    .bind(i64::from(standing.run_started_at.is_some()))
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Records consumption and what of the window is in use.
///
/// # Errors
/// When the database fails.
pub async fn set_usage(
    write: &mut Write,
    id: &ConversationId,
    total: &Usage,
    used: u64,
    limit: Option<u64>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE conversations SET usage = $2, context_used = $3, context_limit = $4 WHERE id = $1")
        .bind(id.as_str())
        .bind(to_json("usage", total)?)
        .bind(to_count(used))
        .bind(limit.map(to_count))
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Records which files the model has open.
///
/// # Errors
/// When the database fails.
pub async fn set_context_files(
    write: &mut Write,
    id: &ConversationId,
    files: &[ContextFile],
) -> Result<(), StoreError> {
    sqlx::query("UPDATE conversations SET context_files = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(to_json("context files", &files)?)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Records the model's plan, and tells of it.
///
/// # Errors
/// When the database fails.
pub async fn set_plan(write: &mut Write, id: &ConversationId, plan: &Plan) -> Result<(), StoreError> {
    sqlx::query("UPDATE conversations SET plan = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(to_json("plan", plan)?)
        .execute(write.connection())
        .await?;
    write.record(Some(id), EventBody::PlanUpdated { plan: plan.clone() }).await
}

/// Tells readers how it stands now. Nothing to tell when there is no such conversation, or it is deleted.
///
/// # Errors
/// When the database fails.
pub async fn announce(write: &mut Write, id: &ConversationId) -> Result<(), StoreError> {
    let stored = get(write.connection(), id).await?;
    let Some(stored) = stored.filter(|stored| !stored.is_deleted) else { return Ok(()) };
    let conversation = Box::new(stored.conversation);
    write.record(Some(id), EventBody::ConversationUpdated { conversation }).await
}

fn stored(row: &AnyRow) -> Result<StoredConversation, StoreError> {
    let plan: Option<String> = row.try_get("plan")?;
    Ok(StoredConversation {
        conversation: conversation(row)?,
        usage: from_json("usage", row.try_get("usage")?)?,
        context: ContextState {
            used: from_count(row.try_get("context_used")?),
            limit: row.try_get::<Option<i64>, _>("context_limit")?.map(from_count),
            files: from_json("context files", row.try_get("context_files")?)?,
        },
        plan: plan.map(|json| from_json("plan", &json)).transpose()?,
        is_deleted: row.try_get::<Option<i64>, _>("deleted_until")?.is_some(),
    })
}

/// The conversation that a row of its table tells of.
///
/// # Errors
/// When the row is not as this version writes it.
pub(super) fn conversation(row: &AnyRow) -> Result<Conversation, StoreError> {
    let problem: Option<String> = row.try_get("problem")?;
    Ok(Conversation {
        id: ConversationId(row.try_get("id")?),
        title: row.try_get("title")?,
        status: from_name("run status", row.try_get("status")?)?,
        run_id: row.try_get::<Option<String>, _>("run_id")?.map(RunId),
        run_started_at: row.try_get("run_started_at")?,
        problem: problem.map(|json| from_json("problem", &json)).transpose()?,
        model: ModelChoice {
            provider_id: row.try_get::<String, _>("provider_id")?.into(),
            model: row.try_get("model")?,
        },
        workspace_id: WorkspaceId(row.try_get("workspace")?),
        scripted: row.try_get::<i64, _>("scripted")? != 0,
        pinned: row.try_get::<i64, _>("pinned")? != 0,
        archived: row.try_get::<i64, _>("archived")? != 0,
        branch_of: row.try_get::<Option<String>, _>("branch_of")?.map(ConversationId),
        imported_at: row.try_get("imported_at")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
