//! `/diagnostics`: a bundle for whoever is to help.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use slipway_protocol::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiResult;
use crate::app::AppState;
use crate::diagnostics::{self, Diagnostics};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read))
}

/// Gives what helps to find a fault: versions, settings, states, counters, the newest lines of the log.
///
/// Nothing that was said or that is in files is in it, and no secret: where a key that this instance knows would
/// stand, `[removed]` stands instead.
#[utoipa::path(get, path = "/diagnostics", tag = "instance", operation_id = "get_diagnostics",
    responses((status = 200, body = Diagnostics),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>) -> ApiResult<Response> {
    let bundle = diagnostics::collect(&app).await?;
    let headers = [
        (header::CONTENT_DISPOSITION, "attachment; filename=\"slipway-diagnostics.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Json(bundle)).into_response())
}
