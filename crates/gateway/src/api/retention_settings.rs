//! `/settings/retention`: how long things are kept.

use axum::Json;
use axum::extract::State;
use slipway_protocol::Problem;
use slipway_protocol::api::{RetentionChoices, RetentionReport};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::JsonBody;
use super::{ApiError, ApiResult};
use crate::app::AppState;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, save))
}

/// Tells how long things are kept, and where each value comes from.
#[utoipa::path(get, path = "/settings/retention", tag = "settings", operation_id = "get_retention_settings",
    responses((status = 200, body = RetentionReport),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>) -> ApiResult<Json<RetentionReport>> {
    report(&app).await.map(Json)
}

/// Replaces what is saved in this instance; what is absent is left to the environment and the defaults. What is too
/// old by that is deleted at once, and from then on every hour.
#[utoipa::path(put, path = "/settings/retention", tag = "settings", operation_id = "save_retention_settings",
    request_body = RetentionChoices,
    responses((status = 200, body = RetentionReport),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save(
    State(app): State<AppState>,
    JsonBody(choices): JsonBody<RetentionChoices>,
) -> ApiResult<Json<RetentionReport>> {
    choices.check().map_err(|error| ApiError::invalid(error.to_string()))?;
    app.store.save_retention_choices(&choices).await?;
    app.retention_changed.notify_one();
    report(&app).await.map(Json)
}

/// What is in force, and where it comes from.
///
/// # Errors
/// When the database fails.
pub async fn report(app: &AppState) -> ApiResult<RetentionReport> {
    let saved = app.store.retention_choices().await?;
    let environment = app.config.retention;
    Ok(RetentionReport {
        retention: saved.resolve_over(environment),
        sources: RetentionChoices::sources(&saved, &environment, &app.config.set_in_file),
        saved,
    })
}
