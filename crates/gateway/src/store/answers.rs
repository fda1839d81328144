//! Rows of `answers`: what requests were answered that a client may repeat.

use slipway_protocol::UserId;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{StoreError, Write};

/// How long answers are kept, in ms.
pub const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Which request a person means: their name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// What it was answered; `None` while it is under way.
    pub answer: Option<StoredAnswer>,
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

/// Claims a name for a request; gives what is known of it already when somebody has. Forgets old answers.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    write: &mut Write,
    id: &RequestName,
    request: &str,
) -> Result<Option<KnownRequest>, StoreError> {
    let now = write.now();
    sqlx::query("DELETE FROM answers WHERE created_at < $1")
        .bind(now - KEPT_MS)
        .execute(write.connection())
        .await?;
    let claimed = sqlx::query(
        "INSERT INTO answers (user_id, name, request, status, media_type, body, created_at) \
         VALUES ($1, $2, $3, NULL, '', '', $4) ON CONFLICT (user_id, name) DO NOTHING",
    )
    .bind(id.user.as_str())
    .bind(&id.name)
    .bind(request)
    .bind(now)
    .execute(write.connection())
    .await?;
    if claimed.rows_affected() == 1 { Ok(None) } else { known(write.connection(), id).await }
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
    sqlx::query("DELETE FROM answers WHERE user_id = $1 AND name = $2")
        .bind(id.user.as_str())
        .bind(&id.name)
        .execute(write.connection())
        .await?;
    Ok(())
}

async fn known(connection: &mut AnyConnection, id: &RequestName) -> Result<Option<KnownRequest>, StoreError> {
    let row = sqlx::query("SELECT * FROM answers WHERE user_id = $1 AND name = $2")
        .bind(id.user.as_str())
        .bind(&id.name)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(from_row).transpose()
}

fn from_row(row: &AnyRow) -> Result<KnownRequest, StoreError> {
    let status: Option<i64> = row.try_get("status")?;
    let answer = match status.and_then(|status| u16::try_from(status).ok()) {
        Some(status) => Some(StoredAnswer {
            status,
            media_type: row.try_get("media_type")?,
            encrypted_body: row.try_get("body")?,
        }),
        None => None,
    };
    Ok(KnownRequest { request: row.try_get("request")?, answer })
}
