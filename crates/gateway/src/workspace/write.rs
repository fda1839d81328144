//! Writing text without losing what somebody else wrote.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_protocol::workspace::{FileConflict, WriteText, WrittenFile};
use slipway_tools::client::WriteAnswer;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::place::{Within, WorkspaceQuery};
use super::{client, failed};
use crate::api::ApiResult;
use crate::api::extract::{JsonBody, QueryParts};
use crate::app::AppState;

/// Longest request, in bytes: what is shown as text at most, with every character escaped in JSON.
const MAX_BODY: usize = 16 << 20;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(write)).layer(DefaultBodyLimit::max(MAX_BODY))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WriteQuery {
    /// The file.
    path: String,
}

/// Writes a text file, if it still is what the sender has seen.
///
/// `If-Match` takes the `ETag` or hash of the content that is to be replaced (`*` for whatever is there),
/// `If-None-Match: *` creates a file. Whoever comes too late gets 412 with the text as it is now.
#[utoipa::path(put, path = "/workspace/text", tag = "workspace", operation_id = "write_workspace_text",
    params(WriteQuery, WorkspaceQuery, ("If-Match" = Option<String>, Header), ("If-None-Match" = Option<String>, Header)),
    request_body = WriteText,
    responses((status = 200, body = WrittenFile, headers(("ETag" = String))),
        (status = 412, body = FileConflict, content_type = "application/problem+json"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn write(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(WriteQuery { path }): QueryParts<WriteQuery>,
    headers: HeaderMap,
    JsonBody(text): JsonBody<WriteText>,
) -> ApiResult<Response> {
    let is = precondition(&headers)?;
    match client(&app, &workspace)?.write_text(&path, is.as_deref(), &text).await.map_err(failed)? {
        WriteAnswer::Written { file } => {
            let tag = format!("\"{}\"", file.hash.as_deref().unwrap_or_default());
            Ok(([(header::ETAG, tag)], Json(file)).into_response())
        }
        WriteAnswer::Conflict { problem, current } => {
            let conflict = Json(FileConflict { problem, current });
            let mut response = (StatusCode::PRECONDITION_FAILED, conflict).into_response();
            let problem_type = HeaderValue::from_static("application/problem+json");
            response.headers_mut().insert(header::CONTENT_TYPE, problem_type);
            Ok(response)
        }
    }
}

/// The hash that the file must have, `*` for any; `None` when it must not exist.
fn precondition(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
        (Some(tag), None) => Ok(Some(tag.trim_start_matches("W/").trim_matches('"').to_owned())),
        (None, Some("*")) => Ok(None),
        _ => Err(Problem::new(428, "precondition_required", "It must be said what is to be replaced")
            .detail("The request has neither If-Match nor `If-None-Match: *`, or both.")
            .hint("Send the ETag of the text that you have seen as If-Match, or `If-None-Match: *` for a new file.")),
    }
}
