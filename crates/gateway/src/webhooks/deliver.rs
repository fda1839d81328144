//! Sending what is in the outbox. Each webhook gets one message at a time, oldest first, so that one that does not
//! answer holds up no other.

use std::collections::HashMap;
use std::error::Error as _;
use std::time::Duration;

use http::{StatusCode, header};
use slipway_protocol::api::{DeliveryState, WebhookEvent};
use slipway_protocol::{DeliveryId, WebhookId};
use tokio::task::{JoinError, JoinSet};

use super::sign::Secret;
use super::target::{self, Reach};
use crate::app::AppState;
use crate::store::deliveries::{self, Attempt, DueDelivery};
use crate::store::webhooks::{self, StoredWebhook};
use crate::store::{StoreError, now_ms};

/// How long one attempt may take.
pub(super) const ATTEMPT_LIMIT: Duration = Duration::from_secs(15);
/// How long an attempt keeps others from trying, should nobody hear of it any more (a crash).
const CLAIM: Duration = Duration::from_secs(60);
/// Longest sleep: another gateway on the same database may have written something.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// Longest text of a failure, in characters.
const MAX_ERROR: usize = 200;

/// Sends until the gateway stops.
pub async fn deliver(app: AppState) {
    let mut under_way = UnderWay::default();
    while !app.shutdown.is_cancelled() {
        let sleep = under_way.begin(&app).await.unwrap_or_else(|error| {
            tracing::error!(%error, "webhooks cannot be told anything at present");
            LONGEST_SLEEP
        });
        tokio::select! {
            () = app.shutdown.cancelled() => {}
            () = app.webhooks.bell.notified() => {}
            () = tokio::time::sleep(sleep) => {}
            Some(ended) = under_way.attempts.join_next() => under_way.note(ended),
        }
    }
    under_way.give_back(&app).await;
}

/// Attempts that are being made.
#[derive(Default)]
struct UnderWay {
    attempts: JoinSet<WebhookId>,
    deliveries: HashMap<WebhookId, DeliveryId>,
}

impl UnderWay {
    /// Begins what is due; tells when to look again.
    async fn begin(&mut self, app: &AppState) -> Result<Duration, StoreError> {
        let now = now_ms();
        let mut moment = app.store.read().await?;
        let due = deliveries::due(&mut moment, now).await?;
        let next = deliveries::next_after(&mut moment, now).await?;
        drop(moment);
        for delivery in due {
            let is_busy = self.deliveries.contains_key(&delivery.webhook_id);
            if !is_busy && app.store.claim_delivery(&delivery, after(now, CLAIM)).await? {
                self.deliveries.insert(delivery.webhook_id.clone(), delivery.id.clone());
                self.attempts.spawn(attempt_and_record(app.clone(), delivery));
            }
        }
        let wait = next.and_then(|next| u64::try_from(next - now).ok()).map(Duration::from_millis);
        Ok(wait.map_or(LONGEST_SLEEP, |wait| wait.min(LONGEST_SLEEP)))
    }

    /// Notes the end of an attempt.
    fn note(&mut self, ended: Result<WebhookId, JoinError>) {
        match ended {
            Ok(webhook_id) => {
                self.deliveries.remove(&webhook_id);
            }
            // Which one is not known any more; their claims keep them from being tried too soon.
            Err(error) => {
                tracing::error!(%error, "an attempt at a webhook broke off");
                self.attempts.abort_all();
                self.deliveries.clear();
            }
        }
    }

    /// Has what is under way tried again right after the next start, and not only once its claim is over.
    async fn give_back(mut self, app: &AppState) {
        self.attempts.shutdown().await;
        for delivery in self.deliveries.values() {
            if let Err(error) = app.store.release_delivery(delivery).await {
                tracing::warn!(%error, "a webhook's delivery stays claimed for a while");
            }
        }
    }
}

async fn attempt_and_record(app: AppState, delivery: DueDelivery) -> WebhookId {
    if let Err(error) = attempt(&app, &delivery).await {
        tracing::error!(%error, delivery = %delivery.id, "an attempt at a webhook cannot be recorded");
    }
    delivery.webhook_id
}

async fn attempt(app: &AppState, due: &DueDelivery) -> Result<(), StoreError> {
    let mut moment = app.store.read().await?;
    let Some(stored) = webhooks::get(&mut moment, &due.webhook_id).await? else { return Ok(()) };
    drop(moment);
    let sent = send(app, &stored, due).await;
    let mut write = app.store.write().await?;
    if sent == Ok(StatusCode::GONE) {
        webhooks::switch_off(&mut write, &due.webhook_id).await?;
        let why = "the other side answered that it is gone for good (HTTP 410)";
        deliveries::give_up(&mut write, &due.webhook_id, why).await?;
        return write.commit().await;
    }
    let waits = if due.event == WebhookEvent::Test { &[][..] } else { &app.config.webhook_waits };
    let outcome = outcome(sent, usize::try_from(due.attempts).ok().and_then(|made| waits.get(made)).copied());
    deliveries::record(&mut write, due, &outcome).await?;
    write.commit().await
}

/// What an attempt means for its delivery; `wait` is that before the next one, if there is to be one.
fn outcome(sent: Result<StatusCode, String>, wait: Option<Duration>) -> Attempt {
    let (status, error) = match sent {
        Ok(status) if status.is_success() => {
            let status = Some(status.as_u16());
            return Attempt { state: DeliveryState::Delivered, status, error: String::new(), next_at: None };
        }
        Ok(status) => (Some(status.as_u16()), format!("the other side answered HTTP {}", status.as_u16())),
        Err(error) => (None, error),
    };
    let next_at = wait.map(|wait| after(now_ms(), jittered(wait)));
    let state = if next_at.is_some() { DeliveryState::Pending } else { DeliveryState::Failed };
    Attempt { state, status, error, next_at }
}

/// Sends it; gives what was answered, or why nothing was.
async fn send(app: &AppState, stored: &StoredWebhook, due: &DueDelivery) -> Result<StatusCode, String> {
    let webhook = &stored.webhook;
    let reach = Reach::of(webhook.private_network);
    // Again, should another version have let it through.
    let url = target::check(&webhook.url, reach).map_err(|error| error.into_problem().detail)?;
    let readable = |encrypted: &String| {
        let secret = app.secrets.decrypt(webhook.id.as_str(), encrypted).ok()?;
        Secret::from_text(secret)
    };
    let Some(secret) = readable(&stored.encrypted_secret) else {
        return Err(
            "its secret cannot be read: Slipway's secret key has changed; make the webhook anew".to_owned()
        );
    };
    let client = match reach {
        Reach::Public => &app.webhooks.public,
        Reach::Private => &app.webhooks.private,
    };
    let timestamp = now_ms() / 1000;
    let earlier = stored.earlier_secret.as_ref().and_then(readable);
    let signatures = [Some(secret), earlier].into_iter().flatten();
    let signatures: Vec<_> =
        signatures.map(|secret| secret.signature(due.id.as_str(), timestamp, &due.body)).collect();
    let sent = client
        .post(url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", due.id.as_str())
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signatures.join(" "))
        .body(due.body.clone())
        .send()
        .await;
    // The answer's body is not read: it is nobody's.
    sent.map(|answer| answer.status()).map_err(|error| reason(&error))
}

/// Why nothing was answered, without the address, which may hold a secret.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", ATTEMPT_LIMIT.as_secs());
    }
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    let text = cause.map_or_else(|| "the request failed".to_owned(), ToString::to_string);
    text.chars().take(MAX_ERROR).collect()
}

/// Up to a tenth longer, so that what failed together is not tried together again.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(1.0 + rand::random::<f64>() / 10.0)
}

fn after(now: i64, wait: Duration) -> i64 {
    now.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}
