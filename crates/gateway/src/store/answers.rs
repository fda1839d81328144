//! Rows of `answers`: what requests were answered that a client may repeat.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slipway_protocol::{ConversationId, UserId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{StoreError, Write, gateways};

/// How long answers are kept, in ms.
pub const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Which request a person means: their name for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestName {
    /// Who.
    pub user: UserId,
    /// The name.
    pub name: String,
}

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRequest {
    /// What it was, as a hash.
    pub request: String,
    /// What became of it.
    pub outcome: RequestOutcome,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestOutcome {
    /// It is being carried out.
    UnderWay,
    /// This was answered.
    Answered(StoredAnswer),
    /// It was broken off after it had changed something, in this conversation if in one.
    Lost(Option<ConversationId>),
}

/// What comes of claiming a name.
#[derive(Debug)]
pub enum Claim {
    /// The request is to be carried out; to be held until its answer is kept.
    Ours(UnderWay),
    /// Somebody was faster.
    Known(KnownRequest),
}

/// Requests that this process carries out.
#[derive(Debug, Clone, Default)]
pub struct Requests(Arc<Mutex<HashSet<RequestName>>>);

impl Requests {
    fn begin(&self, id: &RequestName) -> UnderWay {
        self.lock().insert(id.clone());
        UnderWay { requests: self.clone(), id: id.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<RequestName>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being carried out, until it is dropped.
#[derive(Debug)]
pub struct UnderWay {
    requests: Requests,
    id: RequestName,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.requests.lock().remove(&self.id);
    }
}

tokio::task_local! {
    static CARRIED_OUT: RequestName;
}

/// Carries out a request: what is committed meanwhile on this task is noted as its doing, in the same transaction.
pub async fn carry_out<T>(id: RequestName, work: impl Future<Output = T>) -> T {
    CARRIED_OUT.scope(id, work).await
}

/// The request that this task carries out.
pub(super) fn carried_out() -> Option<RequestName> {
    CARRIED_OUT.try_with(Clone::clone).ok()
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body; empty when there is none.
    pub media_type: String,
    /// The body, encrypted.
    pub encrypted_body: String,
}

/// Claims a name for a request. One that a gateway's death has broken off before it changed anything may be claimed
/// anew.
///
/// # Errors
/// When the database fails.
pub async fn claim(write: &mut Write, id: &RequestName, request: &str) -> Result<Claim, StoreError> {
    let (now, life) = (write.now(), write.life().to_owned());
    sqlx::query("DELETE FROM answers WHERE created_at < $1")
        .bind(now - KEPT_MS)
        .execute(write.connection())
        .await?;
    if let Some(row) = find(write.connection(), id).await? {
        let known = known(write, id, &row).await?;
        if let Some(known) = known {
            return Ok(Claim::Known(known));
        }
        delete(write, id).await?;
    }
    sqlx::query(
        "INSERT INTO answers (user_id, name, request, status, media_type, body, created_at, life) \
         VALUES ($1, $2, $3, NULL, '', '', $4, $5)",
    )
    .bind(id.user.as_str())
    .bind(&id.name)
    .bind(request)
    .bind(now)
    .bind(life)
    .execute(write.connection())
    .await?;
    Ok(Claim::Ours(write.requests().begin(id)))
}

/// Notes that a request has changed something, in this conversation if in one.
pub(super) async fn note_change(
    connection: &mut AnyConnection,
    id: &RequestName,
    conversation: Option<&ConversationId>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE answers SET changed = $3 WHERE user_id = $1 AND name = $2 AND changed IS NULL")
        .bind(id.user.as_str())
        .bind(&id.name)
        .bind(conversation.map_or("", ConversationId::as_str))
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps the answer to a request.
///
/// # Errors
/// When the database fails.
pub async fn keep(write: &mut Write, id: &RequestName, answer: &StoredAnswer) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE answers SET status = $3, media_type = $4, body = $5 WHERE user_id = $1 AND name = $2",
    )
    .bind(id.user.as_str())
    .bind(&id.name)
    .bind(i64::from(answer.status))
    .bind(&answer.media_type)
    .bind(&answer.encrypted_body)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Gives a name back: nothing came of its request.
///
/// # Errors
/// When the database fails.
pub async fn release(write: &mut Write, id: &RequestName) -> Result<(), StoreError> {
    delete(write, id).await
}

/// Gives a name back if nothing came of its request, which failed.
///
/// # Errors
/// When the database fails.
pub async fn release_unchanged(write: &mut Write, id: &RequestName) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM answers WHERE user_id = $1 AND name = $2 AND changed IS NULL")
        .bind(id.user.as_str())
        .bind(&id.name)
        .execute(write.connection())
        .await?;
    Ok(())
}

async fn delete(write: &mut Write, id: &RequestName) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM answers WHERE user_id = $1 AND name = $2")
        .bind(id.user.as_str())
        .bind(&id.name)
        .execute(write.connection())
        .await?;
    Ok(())
}

async fn find(connection: &mut AnyConnection, id: &RequestName) -> Result<Option<AnyRow>, StoreError> {
    Ok(sqlx::query("SELECT * FROM answers WHERE user_id = $1 AND name = $2")
        .bind(id.user.as_str())
        .bind(&id.name)
        .fetch_optional(connection)
        .await?)
}

/// What is known of a request; `None` when nothing came of it and nothing will.
async fn known(
    write: &mut Write,
    id: &RequestName,
    row: &AnyRow,
) -> Result<Option<KnownRequest>, StoreError> {
    let status: Option<i64> = row.try_get("status")?;
    let (life, changed): (String, Option<String>) = (row.try_get("life")?, row.try_get("changed")?);
    let outcome = match (status.and_then(|status| u16::try_from(status).ok()), changed) {
        (Some(status), _) => RequestOutcome::Answered(StoredAnswer {
            status,
            media_type: row.try_get("media_type")?,
            encrypted_body: row.try_get("body")?,
        }),
        (None, _) if goes_on(write, id, &life).await? => RequestOutcome::UnderWay,
        (None, Some(changed)) => {
            RequestOutcome::Lost(Some(changed).filter(|id| !id.is_empty()).map(ConversationId::from))
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(KnownRequest { request: row.try_get("request")?, outcome }))
}

/// Whether a life of a gateway still carries out a request.
async fn goes_on(write: &mut Write, id: &RequestName, life: &str) -> Result<bool, StoreError> {
    if life == write.life() {
        return Ok(write.requests().lock().contains(id));
    }
    match write.member() {
        Some(_) => gateways::is_member(write.connection(), life).await,
        // Nobody else has the database.
        None => Ok(false),
    }
}
