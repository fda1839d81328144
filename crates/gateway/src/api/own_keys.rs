//! `/account/keys`: a person's own keys of providers. They go in and never come out, and serve nobody else.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use slipway_protocol::{Problem, ProviderId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, PathParts};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::providers;
use crate::secrets::owner;

/// Longest key, in bytes: a service account's JSON is one too.
const MAX_KEY: usize = 16 * 1024;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(save, remove))
}

/// That a person has a key of their own.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OwnKey {
    /// Of which provider.
    provider_id: ProviderId,
    /// Whether it is in use: not once the provider has another address than the key was entered for.
    in_use: bool,
    /// Since when.
    created_at: i64,
}

/// A key to keep.
#[derive(Deserialize, utoipa::ToSchema)]
struct SaveOwnKey {
    /// The key.
    #[schema(write_only)]
    api_key: String,
}

/// Lists the providers of which you have a key of your own.
#[utoipa::path(get, path = "/account/keys", tag = "accounts", operation_id = "list_own_keys",
    responses((status = 200, body = Vec<OwnKey>),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<AppState>, viewer: Viewer) -> ApiResult<Json<Vec<OwnKey>>> {
    let known = providers::all(&app).await?;
    let is_at = |id: &ProviderId, url: &str| {
        known.iter().any(|known| known.provider.id == *id && known.provider.base_url == url)
    };
    let own = app.store.own_keys(viewer.user()).await?;
    let told = own.into_iter().map(|key| OwnKey {
        in_use: is_at(&key.provider_id, &key.base_url),
        provider_id: key.provider_id,
        created_at: key.created_at,
    });
    Ok(Json(told.collect()))
}

/// Keeps a key of your own for a provider. Your runs use it instead of the instance's, nobody else's do.
#[utoipa::path(put, path = "/account/keys/{id}", tag = "accounts", operation_id = "save_own_key",
    params(("id" = ProviderId, Path)), request_body = SaveOwnKey,
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<ProviderId>,
    JsonBody(given): JsonBody<SaveOwnKey>,
) -> ApiResult<StatusCode> {
    let known = providers::find(&app, &id).await?.ok_or_else(|| ApiError::not_found("provider", &id))?;
    if known.provider.scripted {
        return Err(ApiError::invalid("The demo takes no key."));
    }
    let key = given.api_key.trim();
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(ApiError::invalid(format!("A key has 1 to {MAX_KEY} bytes.")));
    }
    let owner = owner::own_key(viewer.user(), &id);
    let encrypted = app.secrets.encrypt(&owner, &key.into()).map_err(ApiError::internal)?;
    app.store.save_own_key(viewer.user(), &id, &known.provider.base_url, &encrypted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets your own key of a provider. From the next run on the instance's is used, if there is one.
#[utoipa::path(delete, path = "/account/keys/{id}", tag = "accounts", operation_id = "remove_own_key",
    params(("id" = ProviderId, Path)),
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn remove(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<ProviderId>,
) -> ApiResult<StatusCode> {
    if app.store.remove_own_key(viewer.user(), &id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::not_found("key of your own for the provider", id))
}
