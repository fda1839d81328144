//! Rows of `approvals`: calls that wait until the person has decided. A row stays when that is done: it says that the
//! call may be made, and the same decision sent again is recognised.

use slipway_protocol::approval::{Approval, ApprovalDecision};
use slipway_protocol::event::EventBody;
use slipway_protocol::{CallId, ConversationId, RunId};
use sqlx::{AnyConnection, Row};

use super::row::{from_json, to_json, to_name};
use super::{StoreError, Write, asked};

/// A call that waits or has waited.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredApproval {
    /// What is asked.
    pub approval: Approval,
    /// The run that waits.
    pub run_id: RunId,
    /// Whether it still does.
    pub state: ApprovalState,
}

/// Whether a call still waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalState {
    /// It does.
    Open,
    /// It may be made, by what the sender of the decision called it.
    Approved(String),
    /// It is not made; the sender's id for the decision, if there was one.
    Refused(Option<String>),
}

/// What is asked, and what a decision for the whole conversation would be about.
#[derive(Debug, Clone, PartialEq)]
pub struct NewApproval {
    /// What is asked.
    pub approval: Approval,
    /// See [`is_covered`].
    pub covers: String,
}

/// A call about which nobody has decided in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Whose.
    pub conversation_id: ConversationId,
    /// The call.
    pub call_id: CallId,
}

/// Adds calls that a run waits for, and tells of them.
///
/// # Errors
/// When the database fails or one of these calls was asked about before.
pub async fn insert(
    write: &mut Write,
    id: &ConversationId,
    run_id: &RunId,
    asked: &[NewApproval],
) -> Result<(), StoreError> {
    for (NewApproval { approval, covers }, ordinal) in asked.iter().zip(1_i64..) {
        sqlx::query(
            "INSERT INTO approvals (conversation_id, call_id, run_id, ordinal, body, asked_at, expires_at, \
             closed_at, client_id, decision, covers) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL, NULL, $8)",
        )
        .bind(id.as_str())
        .bind(approval.call_id.as_str())
        .bind(run_id.as_str())
        .bind(ordinal)
        .bind(to_json("approval", approval)?)
        .bind(approval.asked_at)
        .bind(approval.expires_at)
        .bind(covers)
        .execute(write.connection())
        .await?;
    }
    announce(write, id).await
}

/// A call that waits or has waited.
///
/// # Errors
/// When the database fails.
pub async fn get(
    connection: &mut AnyConnection,
    id: &ConversationId,
    call_id: &CallId,
) -> Result<Option<StoredApproval>, StoreError> {
    let sql = "SELECT * FROM approvals WHERE conversation_id = $1 AND call_id = $2";
    let Some(row) = asked::of_call(connection, sql, id, call_id).await? else { return Ok(None) };
    let closed_at: Option<i64> = row.try_get("closed_at")?;
    let client_id: Option<String> = row.try_get("client_id")?;
    let decision: Option<String> = row.try_get("decision")?;
    let denied = to_name("decision", &ApprovalDecision::Deny)?;
    let state = match (closed_at, client_id, decision) {
        (None, _, _) => ApprovalState::Open,
        (Some(_), Some(client_id), Some(decision)) if decision != denied => {
            ApprovalState::Approved(client_id)
        }
        (Some(_), client_id, _) => ApprovalState::Refused(client_id),
    };
    Ok(Some(StoredApproval {
        approval: from_json("approval", row.try_get("body")?)?,
        run_id: RunId(row.try_get("run_id")?),
        state,
    }))
}

/// The calls that wait, in the order in which they were asked.
///
/// # Errors
/// When the database fails.
pub async fn open(connection: &mut AnyConnection, id: &ConversationId) -> Result<Vec<Approval>, StoreError> {
    let sql = "SELECT body FROM approvals WHERE conversation_id = $1 AND closed_at IS NULL \
               ORDER BY asked_at, ordinal";
    asked::bodies(connection, "approval", sql, id).await
}

/// Whether the person has approved what this stands for in the whole conversation.
///
/// # Errors
/// When the database fails.
pub async fn is_covered(
    connection: &mut AnyConnection,
    id: &ConversationId,
    covers: &str,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT call_id FROM approvals WHERE conversation_id = $1 AND covers = $2 AND decision = $3 LIMIT 1",
    )
    .bind(id.as_str())
    .bind(covers)
    .bind(to_name("decision", &ApprovalDecision::ApproveForConversation)?)
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// Calls about which nobody has decided in time.
///
/// # Errors
/// When the database fails.
pub async fn due(connection: &mut AnyConnection, now: i64) -> Result<Vec<Due>, StoreError> {
    let rows = sqlx::query(
        "SELECT conversation_id, call_id FROM approvals WHERE closed_at IS NULL AND expires_at <= $1 \
         AND conversation_id IN (SELECT id FROM conversations WHERE deleted_until IS NULL)",
    )
    .bind(now)
    .fetch_all(connection)
    .await?;
    let due = |row: &sqlx::any::AnyRow| {
        Ok(Due {
            conversation_id: ConversationId(row.try_get("conversation_id")?),
            call_id: CallId(row.try_get("call_id")?),
        })
    };
    rows.iter().map(due).collect()
}

/// Records what was decided about a call, by what its sender calls `client_id`, and tells of those that remain.
///
/// # Errors
/// When the database fails.
pub async fn close(
    write: &mut Write,
    id: &ConversationId,
    call_id: &CallId,
    client_id: &str,
    decision: ApprovalDecision,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE approvals SET closed_at = $3, client_id = $4, decision = $5 \
         WHERE conversation_id = $1 AND call_id = $2 AND closed_at IS NULL",
    )
    .bind(id.as_str())
    .bind(call_id.as_str())
    .bind(write.now())
    .bind(client_id)
    .bind(to_name("decision", &decision)?)
    .execute(write.connection())
    .await?;
    announce(write, id).await
}

/// Records that no call waits any more, and tells of it if one did.
///
/// # Errors
/// When the database fails.
pub async fn close_all(write: &mut Write, id: &ConversationId) -> Result<(), StoreError> {
    let sql = "UPDATE approvals SET closed_at = $2 WHERE conversation_id = $1 AND closed_at IS NULL";
    let closed = asked::close_all(write, sql, id).await?;
    if closed > 0 { announce(write, id).await } else { Ok(()) }
}

async fn announce(write: &mut Write, id: &ConversationId) -> Result<(), StoreError> {
    let approvals = open(write.connection(), id).await?;
    write.record(Some(id), EventBody::ApprovalsUpdated { approvals }).await
}
