//! `/settings`: what holds for the whole instance.

use axum::Json;
use axum::extract::State;
use slipway_protocol::Problem;
use slipway_protocol::api::{Settings, UpdateSettings};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::budget::{check_budget, check_limits};
use super::extract::JsonBody;
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::providers;

/// Longest standing instructions, in bytes.
const MAX_INSTRUCTIONS: usize = 64 * 1024;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, save, update))
}

/// The settings in force: what was saved, else what the configuration says, with a default model that exists.
///
/// # Errors
/// When the database fails.
pub async fn current(app: &AppState) -> ApiResult<Settings> {
    let saved = app.store.settings().await?;
    let defaults = app.config.limits;
    Ok(Settings {
        default_model: providers::default_model(app).await?,
        secondary_model: saved.secondary_model.filter(|choice| !choice.is_none()),
        limits: saved.limits.unwrap_or(defaults.run),
        conversation_budget: saved.conversation_budget.unwrap_or(defaults.conversation),
        context_mode: saved.context_mode.unwrap_or_default(),
        instructions: saved.instructions.unwrap_or_default(),
        setup_done: saved.setup_done.unwrap_or_default(),
    })
}

/// Tells the settings.
#[utoipa::path(get, path = "/settings", tag = "settings", operation_id = "get_settings",
    responses((status = 200, body = Settings),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>) -> ApiResult<Json<Settings>> {
    Ok(Json(current(&app).await?))
}

/// Replaces the settings.
#[utoipa::path(put, path = "/settings", tag = "settings", operation_id = "save_settings",
    request_body = Settings,
    responses((status = 200, body = Settings),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save(
    State(app): State<AppState>,
    JsonBody(settings): JsonBody<Settings>,
) -> ApiResult<Json<Settings>> {
    change(&app, settings.into()).await.map(Json)
}

/// Changes settings; what is absent stays.
#[utoipa::path(patch, path = "/settings", tag = "settings", operation_id = "update_settings",
    request_body = UpdateSettings,
    responses((status = 200, body = Settings),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn update(
    State(app): State<AppState>,
    JsonBody(wanted): JsonBody<UpdateSettings>,
) -> ApiResult<Json<Settings>> {
    change(&app, wanted).await.map(Json)
}

async fn change(app: &AppState, wanted: UpdateSettings) -> ApiResult<Settings> {
    if let Some(limits) = &wanted.limits {
        check_limits(limits)?;
    }
    if let Some(budget) = &wanted.conversation_budget {
        check_budget(budget)?;
    }
    if wanted.instructions.as_ref().is_some_and(|text| text.len() > MAX_INSTRUCTIONS) {
        return Err(ApiError::invalid("The instructions are longer than 64 KiB."));
    }
    let secondary = wanted.secondary_model.as_ref().filter(|choice| !choice.is_none());
    for (name, model) in [("default", wanted.default_model.as_ref()), ("secondary", secondary)] {
        let Some(model) = model else { continue };
        if model.model.trim().is_empty() {
            return Err(ApiError::invalid(format!("The {name} model has no name.")));
        }
        let id = &model.provider_id;
        if providers::find(app, id).await?.is_none() {
            return Err(ApiError::invalid(format!("The {name} model's provider `{id}` is not configured.")));
        }
    }
    app.store.change_settings(wanted).await?;
    current(app).await
}
