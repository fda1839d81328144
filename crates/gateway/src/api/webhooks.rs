//! `/webhooks`: programs elsewhere that are told what becomes of runs.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use slipway_protocol::api::{
    CreateWebhook, CreatedWebhook, DeliveryPage, ReplaceWebhookSecret, Role, UpdateWebhook, Webhook,
    WebhookEvent, WebhookList,
};
use slipway_protocol::{DeliveryId, Problem, WebhookId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, PathParts, PathValue, QueryParts};
use super::{ApiError, ApiResult, pages};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::store::webhooks::{self, StoredWebhook};
use crate::store::{Write, deliveries};
use crate::webhooks::target::{self, Reach};
use crate::webhooks::{Secret, outbox};

/// Most webhooks of a person.
const MOST: usize = 20;
/// How long the secret before is good, unless somebody says it, and at most.
const KEEP_HOURS: u32 = 24;
const MOST_KEEP_HOURS: u32 = 168;
/// Deliveries on one page.
const PAGE: u32 = 50;

// Whose it is, the store is asked in each handler.
impl PathValue for WebhookId {}
impl PathValue for DeliveryPath {}

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, update, remove))
        .routes(routes!(replace_secret))
        .routes(routes!(test))
        .routes(routes!(list_deliveries))
        .routes(routes!(deliver_again))
}

/// Lists your webhooks; there are at most 20.
#[utoipa::path(get, path = "/webhooks", tag = "webhooks", operation_id = "list_webhooks",
    responses((status = 200, body = WebhookList),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<AppState>, viewer: Viewer) -> ApiResult<Json<WebhookList>> {
    let mut moment = app.store.read().await?;
    let all = webhooks::of(&mut moment, viewer.user()).await?;
    Ok(Json(WebhookList { items: all.into_iter().map(|stored| stored.webhook).collect() }))
}

/// Makes a webhook. Its secret is told this once.
///
/// Messages are JSON: `type`, `at` in ms since the epoch, and `data`. They are signed as Standard Webhooks says
/// (`webhook-id`, `webhook-timestamp`, `webhook-signature`: HMAC-SHA256 of `id.timestamp.body`), and sent at least
/// once, always with the same `webhook-id`. What is not answered with 2xx within 15 seconds is tried again, nine
/// times within a day.
#[utoipa::path(post, path = "/webhooks", tag = "webhooks", operation_id = "create_webhook",
    request_body = CreateWebhook,
    responses((status = 201, body = CreatedWebhook),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn create(
    State(app): State<AppState>,
    viewer: Viewer,
    JsonBody(wanted): JsonBody<CreateWebhook>,
) -> ApiResult<(StatusCode, Json<CreatedWebhook>)> {
    let url = allowed(&viewer, &wanted.url, wanted.private_network)?;
    let (id, secret) = (WebhookId::generate(), Secret::generate());
    let encrypted_secret = app.secrets.encrypt(id.as_str(), secret.text()).map_err(ApiError::internal)?;
    let mut write = app.store.write().await?;
    if webhooks::of(write.connection(), viewer.user()).await?.len() >= MOST {
        return Err(Problem::new(409, "too_many_webhooks", "You have as many webhooks as can be")
            .detail(format!("At most {MOST} are possible."))
            .hint("Remove one that is not needed.")
            .into());
    }
    let webhook = Webhook {
        id,
        url: url.into(),
        events: chosen(wanted.events),
        private_network: wanted.private_network,
        enabled: true,
        created_at: write.now(),
        earlier_secret_until: None,
    };
    let user = viewer.user().clone();
    let stored = StoredWebhook { user, webhook, encrypted_secret, earlier_secret: None };
    webhooks::save(&mut write, &stored).await?;
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(told_once(stored.webhook, &secret))))
}

fn told_once(webhook: Webhook, secret: &Secret) -> CreatedWebhook {
    CreatedWebhook { webhook, secret: secrecy::ExposeSecret::expose_secret(secret.text()).to_owned() }
}

/// Gives a webhook another secret, which is told this once. Until the present one is forgotten, messages are signed with
/// both (two signatures in one header, as Standard Webhooks says).
#[utoipa::path(post, path = "/webhooks/{id}/secret", tag = "webhooks", operation_id = "replace_webhook_secret",
    params(("id" = WebhookId, Path)), request_body = ReplaceWebhookSecret,
    responses((status = 200, body = CreatedWebhook),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn replace_secret(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<WebhookId>,
    JsonBody(wanted): JsonBody<ReplaceWebhookSecret>,
) -> ApiResult<Json<CreatedWebhook>> {
    let hours = wanted.keep_hours.unwrap_or(KEEP_HOURS);
    if hours > MOST_KEEP_HOURS {
        return Err(ApiError::invalid(format!(
            "`keep_hours` is {hours}, but must be 0 to {MOST_KEEP_HOURS}."
        )));
    }
    let secret = Secret::generate();
    let encrypted = app.secrets.encrypt(id.as_str(), secret.text()).map_err(ApiError::internal)?;
    let mut write = app.store.write().await?;
    let mut stored = existing(&mut write, &viewer, &id).await?;
    let until = (hours > 0).then(|| write.now() + i64::from(hours) * 3_600_000);
    let earlier = std::mem::replace(&mut stored.encrypted_secret, encrypted);
    stored.earlier_secret = until.map(|_| earlier);
    stored.webhook.earlier_secret_until = until;
    webhooks::save(&mut write, &stored).await?;
    write.commit().await?;
    Ok(Json(told_once(stored.webhook, &secret)))
}

/// The address, if this person may have messages sent there: into private networks only who administers the
/// instance, because its machine reaches more than others may.
fn allowed(viewer: &Viewer, url: &str, private_network: bool) -> ApiResult<url::Url> {
    if private_network && viewer.role() < Role::Admin {
        return Err(Problem::new(403, "private_network", "Your account may not use private networks")
            .detail("Only who administers this instance may have messages sent there.")
            .hint("Use a public address, or ask somebody who administers this instance.")
            .into());
    }
    target::check(url, Reach::of(private_network))
}

/// The events of a webhook: each once, in one order, without that which needs not be asked for.
fn chosen(mut events: Vec<WebhookEvent>) -> Vec<WebhookEvent> {
    events.retain(|event| *event != WebhookEvent::Test);
    if events.is_empty() {
        return WebhookEvent::ALL.to_vec();
    }
    events.sort();
    events.dedup();
    events
}

/// Tells of a webhook.
#[utoipa::path(get, path = "/webhooks/{id}", tag = "webhooks", operation_id = "get_webhook",
    params(("id" = WebhookId, Path)),
    responses((status = 200, body = Webhook),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<WebhookId>,
) -> ApiResult<Json<Webhook>> {
    let mut moment = app.store.read().await?;
    let stored = webhooks::own(&mut moment, viewer.user(), &id).await?;
    stored.map(|stored| Json(stored.webhook)).ok_or_else(|| ApiError::not_found("webhook", id))
}

/// Changes a webhook, or switches it off and on.
#[utoipa::path(patch, path = "/webhooks/{id}", tag = "webhooks", operation_id = "update_webhook",
    params(("id" = WebhookId, Path)), request_body = UpdateWebhook,
    responses((status = 200, body = Webhook),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn update(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<WebhookId>,
    JsonBody(wanted): JsonBody<UpdateWebhook>,
) -> ApiResult<Json<Webhook>> {
    let mut write = app.store.write().await?;
    let mut stored = existing(&mut write, &viewer, &id).await?;
    let webhook = &mut stored.webhook;
    webhook.private_network = wanted.private_network.unwrap_or(webhook.private_network);
    webhook.enabled = wanted.enabled.unwrap_or(webhook.enabled);
    let url = wanted.url.as_ref().unwrap_or(&webhook.url);
    webhook.url = allowed(&viewer, url, webhook.private_network)?.into();
    if let Some(events) = wanted.events {
        webhook.events = chosen(events);
    }
    webhooks::save(&mut write, &stored).await?;
    if !stored.webhook.enabled {
        deliveries::give_up(&mut write, &id, "the webhook was switched off").await?;
    }
    write.commit().await?;
    Ok(Json(stored.webhook))
}

/// Removes a webhook; what waits for it is not sent.
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "webhooks", operation_id = "remove_webhook",
    params(("id" = WebhookId, Path)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn remove(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<WebhookId>,
) -> ApiResult<StatusCode> {
    let mut write = app.store.write().await?;
    existing(&mut write, &viewer, &id).await?;
    webhooks::remove(&mut write, &id).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A delivery that was begun.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct BegunDelivery {
    /// The delivery.
    delivery_id: DeliveryId,
}

/// Sends a test message, once. What becomes of it is among the deliveries.
#[utoipa::path(post, path = "/webhooks/{id}/test", tag = "webhooks", operation_id = "test_webhook",
    params(("id" = WebhookId, Path)),
    responses((status = 202, body = BegunDelivery),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn test(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<WebhookId>,
) -> ApiResult<(StatusCode, Json<BegunDelivery>)> {
    let mut write = app.store.write().await?;
    existing(&mut write, &viewer, &id).await?;
    let delivery_id = outbox::test(&mut write, &id).await?;
    write.commit().await?;
    app.webhooks.wake();
    Ok((StatusCode::ACCEPTED, Json(BegunDelivery { delivery_id })))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DeliveriesQuery {
    /// `next` of the page before.
    before: Option<String>,
    /// How many, from 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Lists what a webhook was told lately and what waits for it, newest first.
#[utoipa::path(get, path = "/webhooks/{id}/deliveries", tag = "webhooks", operation_id = "list_deliveries",
    params(("id" = WebhookId, Path), DeliveriesQuery),
    responses((status = 200, body = DeliveryPage),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list_deliveries(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<WebhookId>,
    QueryParts(query): QueryParts<DeliveriesQuery>,
) -> ApiResult<Json<DeliveryPage>> {
    let limit = pages::limit(query.limit, PAGE, 2 * PAGE)?;
    let mut moment = app.store.read().await?;
    if webhooks::own(&mut moment, viewer.user(), &id).await?.is_none() {
        return Err(ApiError::not_found("webhook", id));
    }
    let items = deliveries::page(&mut moment, &id, query.before.as_deref(), limit).await?;
    let next = items.last().filter(|_| items.len() == limit as usize).map(|last| last.id.to_string());
    Ok(Json(DeliveryPage { items, next }))
}

#[derive(Deserialize)]
struct DeliveryPath {
    id: WebhookId,
    delivery_id: DeliveryId,
}

/// Sends a message now, under the same id, whatever became of it.
#[utoipa::path(post, path = "/webhooks/{id}/deliveries/{delivery_id}/retry", tag = "webhooks",
    operation_id = "retry_delivery", params(("id" = WebhookId, Path), ("delivery_id" = DeliveryId, Path)),
    responses((status = 202),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn deliver_again(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(path): PathParts<DeliveryPath>,
) -> ApiResult<StatusCode> {
    let mut write = app.store.write().await?;
    let stored = existing(&mut write, &viewer, &path.id).await?;
    if !stored.webhook.enabled {
        return Err(Problem::new(409, "webhook_off", "The webhook is switched off")
            .hint("Switch it on first.")
            .into());
    }
    if !deliveries::renew(&mut write, &path.id, &path.delivery_id).await? {
        return Err(ApiError::not_found("delivery", path.delivery_id));
    }
    write.commit().await?;
    app.webhooks.wake();
    Ok(StatusCode::ACCEPTED)
}

async fn existing(write: &mut Write, viewer: &Viewer, id: &WebhookId) -> ApiResult<StoredWebhook> {
    let stored = webhooks::own(write.connection(), viewer.user(), id).await?;
    stored.ok_or_else(|| ApiError::not_found("webhook", id))
}
