//! `/conversations/{id}/context`: what the model would be sent next, and closing and pinning files that it has open.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_protocol::context::{CloseFiles, PinFile, RequestPreview};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, Own, QueryParts};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::runs::{looking, pinning};

/// Longest text that a preview is made for, in bytes: it is in the address.
const MAX_TEXT: usize = 4 << 10;
/// Most files that are closed at once.
const MAX_PATHS: usize = 1_000;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(close)).routes(routes!(pin))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ContextQuery {
    /// What the person would say, at most 4096 bytes. Without it the model goes on by itself.
    text: Option<String>,
    /// Number of the first message of the part: `next` of the part before.
    from: u32,
}

/// Tells what the model would be sent next: tools, messages as they are sent, open files. It comes in parts; `fingerprint`
/// tells whether they are of one request. What reaches the provider beside tools and messages is left out.
#[utoipa::path(get, path = "/conversations/{id}/context", tag = "conversations", operation_id = "get_context",
    params(("id" = String, Path), ContextQuery),
    responses((status = 200, body = RequestPreview),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(
    State(app): State<AppState>,
    Own(id): Own,
    QueryParts(query): QueryParts<ContextQuery>,
) -> ApiResult<Json<RequestPreview>> {
    if query.text.as_ref().is_some_and(|text| text.len() > MAX_TEXT) {
        return Err(ApiError::invalid("`text` is longer than 4096 bytes."));
    }
    let from = usize::try_from(query.from).unwrap_or(usize::MAX);
    looking::next_request(&app, &id, query.text, from).await.map(Json)
}

/// Closes files that the model has open; it is told with the next message. Refused while it is at work.
#[utoipa::path(post, path = "/conversations/{id}/context/close", tag = "conversations",
    operation_id = "close_files", params(("id" = String, Path)), request_body = CloseFiles,
    responses((status = 204, description = "They are closed, or were not open"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn close(
    State(app): State<AppState>,
    Own(id): Own,
    JsonBody(body): JsonBody<CloseFiles>,
) -> ApiResult<StatusCode> {
    if body.paths.len() > MAX_PATHS {
        return Err(ApiError::invalid("At most 1000 files can be closed at once."));
    }
    looking::close(&app, id, body.paths).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pins a file that the model has open, or takes that back, also while it is at work: a pinned file is not closed because it
/// was not used for long. The model is not told.
///
/// The pin lasts as long as the file is open: closing and deleting it end it, and so does a window in which nothing else is left
/// that could make room. Refused (409) when the file is not open (`file_not_open`), and when pinned files would take more than a third of the
/// model's window (`pins_too_large`).
#[utoipa::path(post, path = "/conversations/{id}/context/pin", tag = "conversations",
    operation_id = "pin_file", params(("id" = String, Path)), request_body = PinFile,
    responses((status = 204, description = "It is so from now on"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn pin(
    State(app): State<AppState>,
    Own(id): Own,
    JsonBody(body): JsonBody<PinFile>,
) -> ApiResult<StatusCode> {
    pinning::pin(&app, id, body).await?;
    Ok(StatusCode::NO_CONTENT)
}
