//! `/settings/subagents`: what sub-agents may consume.

use axum::Json;
use axum::extract::State;
use slipway_protocol::Problem;
use slipway_protocol::api::{SubagentChoices, SubagentSettingsReport};
use slipway_protocol::run::SubagentLimits;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::JsonBody;
use super::{ApiError, ApiResult};
use crate::app::AppState;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, save))
}

/// The limits in force.
///
/// # Errors
/// When the database fails.
pub async fn limits(app: &AppState) -> ApiResult<SubagentLimits> {
    Ok(app.store.subagent_choices().await?.resolve_over(app.config.subagents))
}

/// Tells the limits of sub-agents, and where each comes from.
#[utoipa::path(get, path = "/settings/subagents", tag = "settings", operation_id = "get_subagent_settings",
    responses((status = 200, body = SubagentSettingsReport),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>) -> ApiResult<Json<SubagentSettingsReport>> {
    report(&app).await.map(Json)
}

/// Replaces what is saved in this instance; what is absent is left to the environment and the defaults. It holds
/// from each conversation's next run on.
#[utoipa::path(put, path = "/settings/subagents", tag = "settings", operation_id = "save_subagent_settings",
    request_body = SubagentChoices,
    responses((status = 200, body = SubagentSettingsReport),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save(
    State(app): State<AppState>,
    JsonBody(choices): JsonBody<SubagentChoices>,
) -> ApiResult<Json<SubagentSettingsReport>> {
    choices.check().map_err(|error| ApiError::invalid(error.to_string()))?;
    app.store.save_subagent_choices(&choices).await?;
    report(&app).await.map(Json)
}

/// What is in force, and where it comes from.
///
/// # Errors
/// When the database fails.
pub async fn report(app: &AppState) -> ApiResult<SubagentSettingsReport> {
    let saved = app.store.subagent_choices().await?;
    let environment = app.config.subagents;
    Ok(SubagentSettingsReport {
        limits: saved.resolve_over(environment),
        sources: SubagentChoices::sources(&saved, &environment, &app.config.set_in_file),
        saved,
    })
}
