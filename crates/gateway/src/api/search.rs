//! `/settings/search`: how the web is searched.

use axum::Json;
use axum::extract::State;
use slipway_protocol::Problem;
use slipway_protocol::api::{SaveSearchSettings, SearchSettings};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiResult;
use super::extract::JsonBody;
use crate::app::AppState;
use crate::web_search;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, save))
}

/// Tells how the web is searched. Keys are not told.
#[utoipa::path(get, path = "/settings/search", tag = "settings", operation_id = "get_search",
    responses((status = 200, body = SearchSettings),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>) -> ApiResult<Json<SearchSettings>> {
    web_search::current(&app).await.map(Json)
}

/// Changes how the web is searched. Without an engine, what the environment says holds again.
#[utoipa::path(put, path = "/settings/search", tag = "settings", operation_id = "save_search",
    request_body = SaveSearchSettings,
    responses((status = 200, body = SearchSettings),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save(
    State(app): State<AppState>,
    JsonBody(wanted): JsonBody<SaveSearchSettings>,
) -> ApiResult<Json<SearchSettings>> {
    web_search::save(&app, wanted).await?;
    web_search::current(&app).await.map(Json)
}
