//! Looking at directories and texts.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_protocol::workspace::{DirectoryPage, FileText, FoundFiles};
use slipway_tools::client::EntriesQuery;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::place::{Within, WorkspaceQuery};
use super::{client, failed};
use crate::api::ApiResult;
use crate::api::extract::QueryParts;
use crate::app::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(find)).routes(routes!(read))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// The directory; the workspace itself by default.
    #[serde(default)]
    path: String,
    /// `next` of the page before.
    after: Option<String>,
    /// Most entries; 500 by default, at most 2000.
    limit: Option<usize>,
    /// Whether what ignore files name is listed too.
    #[serde(default)]
    ignored: bool,
}

/// Lists a directory: directories first, each kind by name.
///
/// For three minutes after it was listed, each change in the directory is told as an event `files.changed`.
#[utoipa::path(get, path = "/workspace/entries", tag = "workspace", operation_id = "list_workspace_entries",
    params(ListQuery, WorkspaceQuery),
    responses((status = 200, body = DirectoryPage),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(ListQuery { path, after, limit, ignored }): QueryParts<ListQuery>,
) -> ApiResult<Json<DirectoryPage>> {
    let query = EntriesQuery { after, limit, ignored };
    Ok(Json(client(&app, &workspace)?.entries(&path, &query).await.map_err(failed)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindQuery {
    /// Characters of the path in their order, such as `tlreg` for `tools/registry.rs`; all files without any.
    #[serde(default)]
    query: String,
    /// Most paths; 20 by default, at most 200.
    limit: Option<usize>,
}

/// Finds files by what their paths are like, best first; what ignore files name is left out.
#[utoipa::path(get, path = "/workspace/find", tag = "workspace", operation_id = "find_workspace_files",
    params(FindQuery, WorkspaceQuery),
    responses((status = 200, body = FoundFiles),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn find(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(FindQuery { query, limit }): QueryParts<FindQuery>,
) -> ApiResult<Json<FoundFiles>> {
    Ok(Json(client(&app, &workspace)?.find(&query, limit).await.map_err(failed)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TextQuery {
    /// The file.
    path: String,
    /// Number of the first line wanted, from 1.
    first_line: Option<u64>,
    /// Most lines wanted.
    lines: Option<u64>,
}

/// Reads a text file, at most 2 MiB at a time; the `ETag` names the whole file's content.
#[utoipa::path(get, path = "/workspace/text", tag = "workspace", operation_id = "read_workspace_text",
    params(TextQuery, WorkspaceQuery),
    responses((status = 200, body = FileText, headers(("ETag" = String))),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(TextQuery { path, first_line, lines }): QueryParts<TextQuery>,
) -> ApiResult<Response> {
    let text = client(&app, &workspace)?.text(&path, first_line, lines).await.map_err(failed)?;
    let headers =
        [(header::ETAG, format!("\"{}\"", text.hash)), (header::CACHE_CONTROL, "no-store".to_owned())];
    Ok((headers, Json(text)).into_response())
}
