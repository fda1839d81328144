//! Rows of `webhooks`. Their secrets pass through here encrypted only.

use slipway_protocol::api::Webhook;
use slipway_protocol::{UserId, WebhookId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::row::{from_json, to_json};
use super::{StoreError, Write, now_ms};

/// A webhook as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredWebhook {
    /// Whose it is.
    pub user: UserId,
    /// As it is told.
    pub webhook: Webhook,
    /// What its messages are signed with, encrypted.
    pub encrypted_secret: String,
    /// The secret before, encrypted, while messages are signed with it too.
    pub earlier_secret: Option<String>,
}

/// All of a person, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of(connection: &mut AnyConnection, user: &UserId) -> Result<Vec<StoredWebhook>, StoreError> {
    let rows = sqlx::query("SELECT * FROM webhooks WHERE user_id = $1 ORDER BY created_at, id")
        .bind(user.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter().map(stored).collect()
}

/// One of a person's.
///
/// # Errors
/// When the database fails.
pub async fn own(
    connection: &mut AnyConnection,
    user: &UserId,
    id: &WebhookId,
) -> Result<Option<StoredWebhook>, StoreError> {
    let found = get(connection, id).await?;
    Ok(found.filter(|stored| stored.user == *user))
}

/// One, whosever it is: for sending what its owner is to be told.
///
/// # Errors
/// When the database fails.
pub async fn get(
    connection: &mut AnyConnection,
    id: &WebhookId,
) -> Result<Option<StoredWebhook>, StoreError> {
    let row = sqlx::query("SELECT * FROM webhooks WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(stored).transpose()
}

/// Adds one or replaces the one with its id.
///
/// # Errors
/// When the database fails.
pub async fn save(write: &mut Write, stored: &StoredWebhook) -> Result<(), StoreError> {
    let webhook = &stored.webhook;
    sqlx::query(
        "INSERT INTO webhooks (id, url, events, private_network, enabled, secret, created_at, user_id, \
         earlier_secret, earlier_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (id) DO UPDATE SET url = excluded.url, events = excluded.events, \
         private_network = excluded.private_network, enabled = excluded.enabled, secret = excluded.secret, \
         earlier_secret = excluded.earlier_secret, earlier_until = excluded.earlier_until",
    )
    .bind(webhook.id.as_str())
    .bind(&webhook.url)
    .bind(to_json("events of a webhook", &webhook.events)?)
    .bind(i64::from(webhook.private_network))
    .bind(i64::from(webhook.enabled))
    .bind(&stored.encrypted_secret)
    .bind(webhook.created_at)
    .bind(stored.user.as_str())
    .bind(stored.earlier_secret.clone())
    .bind(webhook.earlier_secret_until)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Has it told nothing any more.
///
/// # Errors
/// When the database fails.
pub async fn switch_off(write: &mut Write, id: &WebhookId) -> Result<(), StoreError> {
    sqlx::query("UPDATE webhooks SET enabled = 0 WHERE id = $1")
        .bind(id.as_str())
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Forgets secrets that are good no more.
///
/// # Errors
/// When the database fails.
pub async fn forget_earlier_secrets(write: &mut Write) -> Result<(), StoreError> {
    let sql = "UPDATE webhooks SET earlier_secret = NULL, earlier_until = NULL WHERE earlier_until <= $1";
    sqlx::query(sql).bind(write.now()).execute(write.connection()).await?;
    Ok(())
}

/// Removes one with its deliveries.
///
/// # Errors
/// When the database fails.
pub async fn remove(write: &mut Write, id: &WebhookId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM webhooks WHERE id = $1").bind(id.as_str()).execute(write.connection()).await?;
    Ok(())
}

fn stored(row: &AnyRow) -> Result<StoredWebhook, StoreError> {
    let until: Option<i64> = row.try_get("earlier_until")?;
    let earlier_secret_until = until.filter(|until| *until > now_ms());
    Ok(StoredWebhook {
        user: UserId(row.try_get("user_id")?),
        webhook: Webhook {
            id: WebhookId(row.try_get("id")?),
            url: row.try_get("url")?,
            events: from_json("events of a webhook", row.try_get("events")?)?,
            private_network: row.try_get::<i64, _>("private_network")? != 0,
            enabled: row.try_get::<i64, _>("enabled")? != 0,
            created_at: row.try_get("created_at")?,
            earlier_secret_until,
        },
        encrypted_secret: row.try_get("secret")?,
        earlier_secret: match earlier_secret_until {
            Some(_) => row.try_get("earlier_secret")?,
            None => None,
        },
    })
}
