//! `/providers`: configuring and trying model providers. Keys go in and never come out.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use slipway_protocol::api::{
    ModelList, Provider, ProviderList, ProviderTestResult, SaveProvider, TestProvider,
};
use slipway_protocol::{Problem, ProviderId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, PathParts, QueryParts};
use super::pages::{self, Part, PartQuery};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::providers::{self, Configured, catalog, preset, probe};
use crate::store::StoredProvider;

/// Most providers that people add.
const MOST: usize = 200;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(save, remove))
        .routes(routes!(test))
        .routes(routes!(models))
}

/// Lists what is configured and what can be added.
#[utoipa::path(get, path = "/providers", tag = "providers", operation_id = "list_providers",
    params(PartQuery),
    responses((status = 200, body = ProviderList),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<AppState>,
    QueryParts(query): QueryParts<PartQuery>,
) -> ApiResult<Json<ProviderList>> {
    let limit = pages::limit(query.limit, pages::MOST, pages::MOST)?;
    let all = providers::all(&app).await?.into_iter().map(|known| known.provider).collect();
    let key = |provider: &Provider| provider.id.to_string();
    let (providers, next) = Part::behind(all, query.after.as_deref(), limit, key)?.into_page(key);
    Ok(Json(ProviderList {
        providers,
        next,
        presets: preset::presets().into_iter().map(Into::into).collect(),
        default_model: providers::default_model(&app).await?,
    }))
}

/// Adds or replaces a provider.
#[utoipa::path(put, path = "/providers/{id}", tag = "providers", operation_id = "save_provider",
    params(("id" = ProviderId, Path, description = "1 to 64 of a-z, 0-9, `-` and `_`")),
    request_body = SaveProvider,
    responses((status = 200, body = Provider),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save(
    State(app): State<AppState>,
    PathParts(id): PathParts<ProviderId>,
    JsonBody(given): JsonBody<SaveProvider>,
) -> ApiResult<Json<Provider>> {
    let given = providers::validate(&id, given)?;
    let present = providers::find(&app, &id).await?;
    if present.is_none() && app.store.providers().await?.len() >= MOST {
        return Err(Problem::new(409, "too_many_providers", "There are as many providers as can be")
            .detail(format!("At most {MOST} are possible."))
            .hint("Remove one that is not needed.")
            .into());
    }
    providers::check_key_address(present.as_ref(), &given)?;
    let encrypted_key = match given.api_key.as_deref() {
        None => app
            .store
            .providers()
            .await?
            .into_iter()
            .find(|row| row.id == id)
            .and_then(|row| row.encrypted_key),
        Some("") => None,
        Some(key) => Some(app.secrets.encrypt(id.as_str(), &key.into()).map_err(ApiError::internal)?),
    };
    let row = StoredProvider {
        id: id.clone(),
        profile: given.profile,
        name: given.name,
        base_url: given.base_url,
        models: given.models,
        extra_body: given.extra_body,
        sees: given.sees,
        payment: given.payment,
        encrypted_key,
    };
    app.store.save_provider(&row).await?;
    app.providers.lists().forget(&id);
    Ok(Json(existing(&app, &id).await?.provider))
}

/// Removes a provider and its key.
#[utoipa::path(delete, path = "/providers/{id}", tag = "providers", operation_id = "remove_provider",
    params(("id" = ProviderId, Path)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn remove(State(app): State<AppState>, PathParts(id): PathParts<ProviderId>) -> ApiResult<StatusCode> {
    if app.store.remove_provider(&id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let known = existing(&app, &id).await?;
    Err(Problem::new(409, "provider_not_removable", "This provider cannot be removed here")
        .detail(format!("{} is part of Slipway or comes from a key in its environment.", known.provider.name))
        .hint("Remove the variable from Slipway's environment and start it again.")
        .into())
}

/// Makes one small call with what would be saved; saves nothing.
#[utoipa::path(post, path = "/providers/test", tag = "providers", operation_id = "test_provider",
    request_body = TestProvider,
    responses((status = 200, body = ProviderTestResult, description = "The call was made; it may have failed"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn test(
    State(app): State<AppState>,
    JsonBody(request): JsonBody<TestProvider>,
) -> ApiResult<Json<ProviderTestResult>> {
    let given = providers::validate(&"new".into(), request.provider)?;
    let model = request.model.trim();
    if model.is_empty() {
        return Err(ApiError::invalid("Name the model to call."));
    }
    let stored = match &request.provider_id {
        Some(id) => providers::find(&app, id).await?,
        None => None,
    };
    providers::check_key_address(stored.as_ref(), &given)?;
    let key = match (given.api_key, &stored) {
        (Some(key), _) => Some(key.into()).filter(|key| !is_empty(key)),
        (None, Some(stored)) => stored.key(&app).map_err(ApiError::internal)?,
        (None, None) => None,
    };
    let admission = providers::admission(&app, &given.profile, &given.base_url, key).await;
    let (base_url, key) = match admission {
        Ok(admission) => admission,
        Err(problem) => return Ok(Json(ProviderTestResult::Fails { problem })),
    };
    let target = probe::Target { base_url: &base_url, key, model, extra_body: &given.extra_body };
    Ok(Json(probe::test(&app.provider_http, &target).await))
}

/// Asks the provider which models it offers, with their windows and prices where it tells them. The answer
/// is kept for ten minutes (half a minute for servers of one's own); `refresh` asks anew.
#[utoipa::path(get, path = "/providers/{id}/models", tag = "providers", operation_id = "list_provider_models",
    params(("id" = ProviderId, Path), ModelListQuery),
    responses((status = 200, body = ModelList),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn models(
    State(app): State<AppState>,
    PathParts(id): PathParts<ProviderId>,
    QueryParts(query): QueryParts<ModelListQuery>,
) -> ApiResult<Json<ModelList>> {
    let known = existing(&app, &id).await?;
    Ok(Json(catalog::list(&app, &known, query.refresh).await?))
}

/// How to list models.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ModelListQuery {
    /// Whether to ask the provider even if it was asked a short while ago.
    refresh: bool,
}

async fn existing(app: &AppState, id: &ProviderId) -> ApiResult<Configured> {
    providers::find(app, id).await?.ok_or_else(|| ApiError::not_found("provider", id))
}

fn is_empty(key: &secrecy::SecretString) -> bool {
    secrecy::ExposeSecret::expose_secret(key).is_empty()
}
