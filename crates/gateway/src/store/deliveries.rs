//! Rows of `deliveries`: what webhooks are to be told, and what became of it.

use slipway_protocol::api::{DeliveryState, WebhookDelivery, WebhookEvent};
use slipway_protocol::{DeliveryId, WebhookId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::row::{from_count, from_name, to_name};
use super::{Store, StoreError, Write, now_ms};

/// Most deliveries that wait for one webhook; beyond, the oldest are given up.
pub const MOST_PENDING: i64 = 1000;
/// Most deliveries that are kept of one webhook once they are over.
pub const MOST_KEPT: i64 = 100;

/// A delivery that is to be tried now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// To whom.
    pub webhook_id: WebhookId,
    /// What it tells.
    pub event: WebhookEvent,
    /// What is sent.
    pub body: String,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was to be tried.
    pub next_at: i64,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// How far the delivery has come with it.
    pub state: DeliveryState,
    /// What was answered.
    pub status: Option<u16>,
    /// Why it failed.
    pub error: String,
    /// When to try again.
    pub next_at: Option<i64>,
}

/// Adds a delivery, to be tried at once. When too many wait already, the oldest are given up.
///
/// # Errors
/// When the database fails.
pub async fn add(
    write: &mut Write,
    webhook_id: &WebhookId,
    event: WebhookEvent,
    body: &str,
) -> Result<DeliveryId, StoreError> {
    let (id, now) = (DeliveryId::generate(), write.now());
    sqlx::query(
        "INSERT INTO deliveries (id, webhook_id, event, body, state, attempts, next_at, error, created_at) \
         VALUES ($1, $2, $3, $4, 'pending', 0, $5, '', $5)",
    )
    .bind(id.as_str())
    .bind(webhook_id.as_str())
    .bind(to_name("webhook event", &event)?)
    .bind(body)
    .bind(now)
    .execute(write.connection())
    .await?;
    sqlx::query(
        "UPDATE deliveries SET state = 'failed', next_at = NULL, ended_at = $2, \
         error = 'too many deliveries waited' WHERE webhook_id = $1 AND state = 'pending' AND id NOT IN \
         (SELECT id FROM deliveries WHERE webhook_id = $1 AND state = 'pending' ORDER BY id DESC LIMIT $3)",
    )
    .bind(webhook_id.as_str())
    .bind(now)
    .bind(MOST_PENDING)
    .execute(write.connection())
    .await?;
    Ok(id)
}

/// The oldest delivery of each webhook that is to be tried at the moment `now`.
///
/// # Errors
/// When the database fails.
pub async fn due(connection: &mut AnyConnection, now: i64) -> Result<Vec<DueDelivery>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM deliveries d WHERE d.state = 'pending' AND d.next_at <= $1 AND NOT EXISTS \
         (SELECT 1 FROM deliveries e WHERE e.webhook_id = d.webhook_id AND e.state = 'pending' \
         AND e.next_at <= $1 AND (e.next_at, e.id) < (d.next_at, d.id)) ORDER BY d.next_at, d.id",
    )
    .bind(now)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(DueDelivery {
                id: DeliveryId(row.try_get("id")?),
                webhook_id: WebhookId(row.try_get("webhook_id")?),
                event: from_name("webhook event", row.try_get("event")?)?,
                body: row.try_get("body")?,
                attempts: attempts(row)?,
                next_at: row.try_get("next_at")?,
            })
        })
        .collect()
}

/// When the next delivery after the moment `now` is to be tried.
///
/// # Errors
/// When the database fails.
pub async fn next_after(connection: &mut AnyConnection, now: i64) -> Result<Option<i64>, StoreError> {
    let row =
        sqlx::query("SELECT MIN(next_at) AS next FROM deliveries WHERE state = 'pending' AND next_at > $1")
            .bind(now)
            .fetch_one(connection)
            .await?;
    Ok(row.try_get("next")?)
}

/// Has the delivery tried now, as if for the first time; `false` when there is none.
///
/// # Errors
/// When the database fails.
pub async fn renew(write: &mut Write, webhook_id: &WebhookId, id: &DeliveryId) -> Result<bool, StoreError> {
    let now = write.now();
    let done = sqlx::query(
        "UPDATE deliveries SET state = 'pending', attempts = 0, next_at = $3, ended_at = NULL \
         WHERE id = $1 AND webhook_id = $2",
    )
    .bind(id.as_str())
    .bind(webhook_id.as_str())
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives up all that waits for a webhook.
///
/// # Errors
/// When the database fails.
pub async fn give_up(write: &mut Write, webhook_id: &WebhookId, why: &str) -> Result<(), StoreError> {
    let now = write.now();
    sqlx::query(
        "UPDATE deliveries SET state = 'failed', next_at = NULL, ended_at = $2, error = $3 \
         WHERE webhook_id = $1 AND state = 'pending'",
    )
    .bind(webhook_id.as_str())
    .bind(now)
    .bind(why)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Records how an attempt ended, and forgets old deliveries of its webhook.
///
/// # Errors
/// When the database fails.
pub async fn record(write: &mut Write, due: &DueDelivery, attempt: &Attempt) -> Result<(), StoreError> {
    let ended_at = (attempt.state != DeliveryState::Pending).then(|| write.now());
    sqlx::query(
        "UPDATE deliveries SET state = $2, status = $3, error = $4, next_at = $5, ended_at = $6 \
         WHERE id = $1 AND state = 'pending'",
    )
    .bind(due.id.as_str())
    .bind(to_name("delivery state", &attempt.state)?)
    .bind(attempt.status.map(i64::from))
    .bind(&attempt.error)
    .bind(attempt.next_at)
    .bind(ended_at)
    .execute(write.connection())
    .await?;
    sqlx::query(
        "DELETE FROM deliveries WHERE webhook_id = $1 AND state <> 'pending' AND id NOT IN \
         (SELECT id FROM deliveries WHERE webhook_id = $1 AND state <> 'pending' ORDER BY id DESC LIMIT $2)",
    )
    .bind(due.webhook_id.as_str())
    .bind(MOST_KEPT)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Up to `limit` deliveries to a webhook, newest first.
///
/// # Errors
/// When the database fails.
pub async fn page(
    connection: &mut AnyConnection,
    webhook_id: &WebhookId,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<WebhookDelivery>, StoreError> {
    // Behind every id in every collation: ids begin with `dlv`.
    let before = before.unwrap_or("z");
    let rows =
        sqlx::query("SELECT * FROM deliveries WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
            .bind(webhook_id.as_str())
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(connection)
            .await?;
    rows.iter().map(delivery).collect()
}

impl Store {
    /// Gives back the claim to a delivery, which is to be tried again as soon as can be.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_delivery(&self, id: &DeliveryId) -> Result<(), StoreError> {
        let _turn = self.turn().await?;
        sqlx::query("UPDATE deliveries SET next_at = $2 WHERE id = $1 AND state = 'pending'")
            .bind(id.as_str())
            .bind(now_ms())
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// Claims a delivery for an attempt: until `until` nobody else makes one. `false` when somebody has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_delivery(&self, due: &DueDelivery, until: i64) -> Result<bool, StoreError> {
        let _turn = self.turn().await?;
        let done = sqlx::query(
            "UPDATE deliveries SET attempts = attempts + 1, next_at = $3 \
             WHERE id = $1 AND next_at = $2 AND state = 'pending'",
        )
        .bind(due.id.as_str())
        .bind(due.next_at)
        .bind(until)
        .execute(self.pool())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn delivery(row: &AnyRow) -> Result<WebhookDelivery, StoreError> {
    let status: Option<i64> = row.try_get("status")?;
    Ok(WebhookDelivery {
        id: DeliveryId(row.try_get("id")?),
        event: from_name("webhook event", row.try_get("event")?)?,
        state: from_name("delivery state", row.try_get("state")?)?,
        attempts: attempts(row)?,
        status: status.and_then(|status| u16::try_from(status).ok()),
        error: row.try_get("error")?,
        created_at: row.try_get("created_at")?,
        next_attempt_at: row.try_get("next_at")?,
        ended_at: row.try_get("ended_at")?,
    })
}

fn attempts(row: &AnyRow) -> Result<u32, StoreError> {
    Ok(u32::try_from(from_count(row.try_get("attempts")?)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use slipway_protocol::api::Webhook;

    use super::*;
    use crate::store::webhooks::{self, StoredWebhook};
    use crate::store::{Location, ownership};

    async fn store_with_webhook(directory: &std::path::Path) -> (Store, WebhookId) {
        let store = Store::open(&Location::in_data_dir(directory)).await.expect("opens");
        let webhook = Webhook {
            id: WebhookId::generate(),
            url: "https://example.com/".to_owned(),
            events: WebhookEvent::ALL.to_vec(),
            private_network: false,
            enabled: true,
            created_at: 0,
            earlier_secret_until: None,
        };
        let id = webhook.id.clone();
        let mut write = store.write().await.expect("a turn");
        let user = ownership::OWNER.into();
        let stored = StoredWebhook { user, webhook, encrypted_secret: String::new(), earlier_secret: None };
        webhooks::save(&mut write, &stored).await.expect("saved");
        write.commit().await.expect("committed");
        (store, id)
    }

    async fn due_at(store: &Store, now: i64) -> Vec<DueDelivery> {
        let mut moment = store.read().await.expect("a connection");
        due(&mut moment, now).await.expect("read")
    }

    #[tokio::test]
    async fn a_claim_lasts_until_its_time_even_if_nobody_hears_of_it_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let (store, webhook) = store_with_webhook(directory.path()).await;
        let mut write = store.write().await.expect("a turn");
        add(&mut write, &webhook, WebhookEvent::RunFinished, "{}").await.expect("added");
        write.commit().await.expect("committed");
        let now = now_ms();
        let [delivery] = due_at(&store, now).await.try_into().expect("one");
        assert!(store.claim_delivery(&delivery, now + 500).await.expect("claimed"));
        assert!(!store.claim_delivery(&delivery, now + 500).await.expect("asked"), "twice");
        assert_eq!(due_at(&store, now + 499).await, []);
        let [again] = due_at(&store, now + 500).await.try_into().expect("one");
        assert_eq!((again.id, again.attempts), (delivery.id, 1));
    }

    #[tokio::test]
    async fn what_waits_and_what_is_kept_is_bounded() {
        let directory = tempfile::tempdir().expect("a directory");
        let (store, webhook) = store_with_webhook(directory.path()).await;
        let mut write = store.write().await.expect("a turn");
        let mut ids = Vec::new();
        for _ in 0..MOST_PENDING + 2 {
            ids.push(add(&mut write, &webhook, WebhookEvent::RunFinished, "{}").await.expect("added"));
        }
        let counted = |state: &str| format!("SELECT COUNT(*) AS n FROM deliveries WHERE state = '{state}'");
        for (state, wanted) in [("pending", MOST_PENDING), ("failed", 2)] {
            let row = sqlx::query(sqlx::AssertSqlSafe(counted(state))).fetch_one(write.connection()).await;
            assert_eq!(row.expect("counted").get::<i64, _>("n"), wanted, "{state}");
        }
        let mut all = page(write.connection(), &webhook, None, 2000).await.expect("read");
        let failed = all.split_off(usize::try_from(MOST_PENDING).expect("fits"));
        assert_eq!(failed.iter().map(|delivery| &delivery.id).collect::<Vec<_>>(), [&ids[1], &ids[0]]);

        give_up(&mut write, &webhook, "a test").await.expect("given up");
        let newest = add(&mut write, &webhook, WebhookEvent::RunFinished, "{}").await.expect("added");
        write.commit().await.expect("committed");
        let [delivery] = due_at(&store, now_ms()).await.try_into().expect("one");
        assert_eq!(delivery.id, newest);
        let mut write = store.write().await.expect("a turn");
        let delivered = Attempt {
            state: DeliveryState::Delivered,
            status: Some(204),
            error: String::new(),
            next_at: None,
        };
        record(&mut write, &delivery, &delivered).await.expect("recorded");
        let kept = page(write.connection(), &webhook, None, 2000).await.expect("read");
        assert_eq!(i64::try_from(kept.len()), Ok(MOST_KEPT));
        assert_eq!((&kept[0].id, kept[0].state), (&newest, DeliveryState::Delivered));
    }
}
