//! Files and archives into the workspace.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::HeaderMap;
use serde::Deserialize;
use slipway_fail_points::{Point, reach};
use slipway_protocol::Problem;
use slipway_protocol::workspace::{ArchiveKind, UnpackedArchive, WrittenFile};
use slipway_tools::client::UploadTarget;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bounded::bounded;
use super::place::{Within, WorkspaceQuery};
use super::{client, failed};
use crate::api::ApiResult;
use crate::api::extract::QueryParts;
use crate::app::AppState;

/// How many times as large as the largest upload what is unpacked may be.
const UNPACKED_TIMES: u64 = 2;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(upload)).routes(routes!(unpack))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UploadQuery {
    /// Where the file goes; directories on the way are made. A folder is uploaded file by file.
    path: String,
    /// Whether a file that is there gives way.
    #[serde(default)]
    replace: bool,
}

/// Uploads a file. It appears whole or not at all.
#[utoipa::path(put, path = "/workspace/file", tag = "workspace", operation_id = "upload_workspace_file",
    params(UploadQuery, WorkspaceQuery),
    request_body(content = String, content_type = "application/octet-stream", description = "The file's bytes"),
    responses((status = 200, body = WrittenFile),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn upload(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(UploadQuery { path, replace }): QueryParts<UploadQuery>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Json<WrittenFile>> {
    let limit = app.config.max_upload_bytes;
    let client = client(&app, &workspace)?;
    let (content, verdict) = bounded(&headers, body, limit).await?;
    let uploaded = client.upload(&UploadTarget { path, replace }, content).await;
    reach(Point::UploadPassedOn);
    match uploaded {
        Ok(file) => Ok(Json(file)),
        Err(error) => Err(verdict.problem(limit).await.unwrap_or_else(|| failed(error))),
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ArchiveQuery {
    /// The directory to unpack in, made if need be; the workspace itself by default.
    #[serde(default)]
    path: String,
    /// What the archive is.
    #[param(inline)]
    kind: ArchiveKind,
    /// Whether files that are there give way.
    #[serde(default)]
    replace: bool,
}

/// Uploads an archive and unpacks it: the whole of it, or nothing with the entry that is to blame.
#[utoipa::path(put, path = "/workspace/archive", tag = "workspace", operation_id = "upload_workspace_archive",
    params(ArchiveQuery, WorkspaceQuery),
    request_body(content = String, content_type = "application/octet-stream", description = "The archive's bytes"),
    responses((status = 200, body = UnpackedArchive),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn unpack(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(ArchiveQuery { path, kind, replace }): QueryParts<ArchiveQuery>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Json<UnpackedArchive>> {
    let limit = app.config.max_upload_bytes;
    let client = client(&app, &workspace)?;
    let (content, verdict) = bounded(&headers, body, limit).await?;
    let target = UploadTarget { path, replace };
    let unpacked = client.unpack(&target, kind, limit.saturating_mul(UNPACKED_TIMES), content).await;
    match unpacked {
        Ok(unpacked) => Ok(Json(unpacked)),
        Err(error) => Err(verdict.problem(limit).await.unwrap_or_else(|| failed(error))),
    }
}
