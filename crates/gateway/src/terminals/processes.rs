//! `/conversations/{id}/processes`: what the agent's commands left running.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_protocol::terminal::{ProcessList, ProcessOutput};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{client, failed};
use crate::api::ApiResult;
use crate::api::extract::{Own, PathParts, PathValue, QueryParts};
use crate::app::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(kill)).routes(routes!(output))
}

#[derive(Deserialize)]
struct ProcessPath {
    process_id: String,
}

impl PathValue for ProcessPath {}

/// Lists what the agent's commands left running, the oldest first, with what of it has ended lately.
#[utoipa::path(get, path = "/conversations/{id}/processes", tag = "terminals", operation_id = "list_processes",
    params(("id" = String, Path)),
    responses((status = 200, body = ProcessList),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<AppState>, Own(id): Own) -> ApiResult<Json<ProcessList>> {
    Ok(Json(client(&app, &id).await?.processes(&id).await.map_err(failed)?))
}

/// Kills a process with everything that it started: asked to end first, killed after half a second. The agent is told
/// when it looks after it.
#[utoipa::path(delete, path = "/conversations/{id}/processes/{process_id}", tag = "terminals",
    operation_id = "kill_process", params(("id" = String, Path), ("process_id" = String, Path)),
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn kill(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<ProcessPath>,
) -> ApiResult<StatusCode> {
    client(&app, &id).await?.kill_process(&id, &path.process_id).await.map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OutputQuery {
    /// `next` of the part before.
    #[serde(default)]
    from: u64,
}

/// Gives what a process has printed, as far as that is kept. The agent has still to read what is new to it.
#[utoipa::path(get, path = "/conversations/{id}/processes/{process_id}/output", tag = "terminals",
    operation_id = "get_process_output",
    params(("id" = String, Path), ("process_id" = String, Path), OutputQuery),
    responses((status = 200, body = ProcessOutput),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn output(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<ProcessPath>,
    QueryParts(OutputQuery { from }): QueryParts<OutputQuery>,
) -> ApiResult<Json<ProcessOutput>> {
    let client = client(&app, &id).await?;
    Ok(Json(client.process_output(&id, &path.process_id, from).await.map_err(failed)?))
}
