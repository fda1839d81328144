//! `/settings/permissions`: which calls of tools are made without asking.

use axum::Json;
use axum::extract::State;
use slipway_protocol::Problem;
use slipway_protocol::api::{PermissionChoices, PermissionPreset, PermissionPresetRules, PermissionReport};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::JsonBody;
use super::{ApiError, ApiResult};
use crate::app::AppState;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, save))
}

/// Tells which calls are made without asking, and where that comes from.
#[utoipa::path(get, path = "/settings/permissions", tag = "settings", operation_id = "get_permission_settings",
    responses((status = 200, body = PermissionReport),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>) -> ApiResult<Json<PermissionReport>> {
    report(&app).await.map(Json)
}

/// Replaces what is saved in this instance; what is absent is left to the environment and the defaults. It holds from
/// the next call on, in runs that go on too; calls that wait already go on waiting.
#[utoipa::path(put, path = "/settings/permissions", tag = "settings", operation_id = "save_permission_settings",
    request_body = PermissionChoices,
    responses((status = 200, body = PermissionReport),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save(
    State(app): State<AppState>,
    JsonBody(choices): JsonBody<PermissionChoices>,
) -> ApiResult<Json<PermissionReport>> {
    choices.check().map_err(|error| ApiError::invalid(error.to_string()))?;
    app.store.save_permission_choices(&choices).await?;
    report(&app).await.map(Json)
}

/// What is in force, and where it comes from.
///
/// # Errors
/// When the database fails.
pub async fn report(app: &AppState) -> ApiResult<PermissionReport> {
    let saved = app.store.permission_choices().await?;
    let environment = app.config.permissions.clone();
    let presets = PermissionPreset::ALL.map(|name| PermissionPresetRules { name, rules: name.rules() });
    Ok(PermissionReport {
        sources: PermissionChoices::sources(&saved, &environment, &app.config.set_in_file),
        permissions: saved.clone().resolve_over(environment),
        saved,
        presets: presets.to_vec(),
    })
}
