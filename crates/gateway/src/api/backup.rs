//! `/backup`: everything in one file, and going back to it.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use slipway_protocol::Problem;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::QueryParts;
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::backup::{self, WithKey};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(save, restore))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SaveQuery {
    /// Whether the key goes into it with which providers' keys are encrypted: whoever has the file has them then.
    #[serde(default)]
    key: bool,
}

/// Downloads a backup: all conversations, settings and recorded states as they are at this moment, in one file. Runs
/// go on meanwhile. The workspace's files are not in it.
#[utoipa::path(get, path = "/backup", tag = "instance", operation_id = "download_backup", params(SaveQuery),
    responses((status = 200, body = String, content_type = "application/zstd"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save(
    State(app): State<AppState>,
    viewer: Viewer,
    QueryParts(SaveQuery { key }): QueryParts<SaveQuery>,
) -> ApiResult<Response> {
    viewer.must_be_owner()?;
    let key = if key { WithKey::Yes } else { WithKey::No };
    let pieces = backup::create(&app, key).await.map_err(|error| ApiError::Problem(error.into()))?;
    let headers = [
        (header::CONTENT_TYPE, "application/zstd"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"slipway-backup.tar.zst\""),
        (header::CACHE_CONTROL, "no-store"),
        // It is compressed already.
        (header::CONTENT_ENCODING, "identity"),
    ];
    Ok((headers, Body::from_stream(ReceiverStream::new(pieces))).into_response())
}

/// Takes a backup in. It is checked at once, and takes the place of everything that is there at the gateway's next
/// start; what was there is kept in `before-restore` of the data directory.
#[utoipa::path(put, path = "/backup", tag = "instance", operation_id = "restore_backup",
    request_body(content = String, content_type = "application/zstd", description = "A file that was downloaded here"),
    responses((status = 202),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn restore(State(app): State<AppState>, viewer: Viewer, body: Body) -> ApiResult<StatusCode> {
    viewer.must_be_owner()?;
    backup::receive(&app, body).await.map_err(|error| ApiError::Problem(error.into()))?;
    Ok(StatusCode::ACCEPTED)
}
