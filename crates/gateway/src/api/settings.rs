//! `/settings`: what holds for the whole instance.

use axum::Json;
use axum::extract::State;
use slipway_protocol::Problem;
use slipway_protocol::api::Settings;
use slipway_protocol::run::RunLimits;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::JsonBody;
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::providers;

/// Longest standing instructions, in bytes.
const MAX_INSTRUCTIONS: usize = 64 * 1024;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, save))
}

/// The settings in force: those that were saved, with a default model that exists.
///
/// # Errors
/// When the database fails.
pub async fn current(app: &AppState) -> ApiResult<Settings> {
    let default_model = providers::default_model(app).await?;
    Ok(match app.store.settings().await? {
        Some(saved) => Settings { default_model, ..saved },
        None => Settings {
            default_model,
            limits: RunLimits::default(),
            instructions: String::new(),
            setup_done: false,
        },
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
    check_limits(&settings.limits)?;
    if settings.instructions.len() > MAX_INSTRUCTIONS {
        return Err(ApiError::invalid("The instructions are longer than 64 KiB."));
    }
    if settings.default_model.model.trim().is_empty() {
        return Err(ApiError::invalid("The default model has no name."));
    }
    let id = &settings.default_model.provider_id;
    if providers::find(&app, id).await?.is_none() {
        return Err(ApiError::invalid(format!("The default model's provider `{id}` is not configured.")));
    }
    app.store.save_settings(&settings).await?;
    Ok(Json(current(&app).await?))
}

fn check_limits(limits: &RunLimits) -> ApiResult<()> {
    if !(1..=1000).contains(&limits.max_steps) {
        return Err(ApiError::invalid("The limit of steps must be 1 to 1000."));
    }
    if !(1..=32).contains(&limits.max_parallel_calls) {
        return Err(ApiError::invalid("The limit of parallel calls must be 1 to 32."));
    }
    if limits.max_output_tokens.is_some_and(|most| !(256..=1_000_000).contains(&most)) {
        return Err(ApiError::invalid("The limit of output tokens must be 256 to 1000000, or none."));
    }
    Ok(())
}
