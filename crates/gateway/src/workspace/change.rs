//! Making directories, giving other names, deleting and taking that back.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_protocol::workspace::{CreateFolder, RenameEntry, TrashEntry, TrashedEntry};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::place::{Within, WorkspaceQuery};
use super::{client, failed};
use crate::api::ApiResult;
use crate::api::extract::{JsonBody, PathParts, PathValue};
use crate::app::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_folder))
        .routes(routes!(rename))
        .routes(routes!(trash))
        .routes(routes!(restore))
}

/// Makes a directory, with those on the way.
#[utoipa::path(post, path = "/workspace/folders", tag = "workspace", operation_id = "create_workspace_folder",
    params(WorkspaceQuery), request_body = CreateFolder,
    responses((status = 204, description = "It is there"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn create_folder(
    State(app): State<AppState>,
    Within(workspace): Within,
    JsonBody(folder): JsonBody<CreateFolder>,
) -> ApiResult<StatusCode> {
    client(&app, &workspace)?.create_folder(&folder).await.map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a file, directory or link another name or place, where nothing may be yet.
#[utoipa::path(post, path = "/workspace/rename", tag = "workspace", operation_id = "rename_workspace_entry",
    params(WorkspaceQuery), request_body = RenameEntry,
    responses((status = 204, description = "It has the new name"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn rename(
    State(app): State<AppState>,
    Within(workspace): Within,
    JsonBody(entry): JsonBody<RenameEntry>,
) -> ApiResult<StatusCode> {
    client(&app, &workspace)?.rename(&entry).await.map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Moves a file, directory or link to the trash, from where it can be brought back for a week.
#[utoipa::path(post, path = "/workspace/trash", tag = "workspace", operation_id = "trash_workspace_entry",
    params(WorkspaceQuery), request_body = TrashEntry,
    responses((status = 200, body = TrashedEntry),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn trash(
    State(app): State<AppState>,
    Within(workspace): Within,
    JsonBody(entry): JsonBody<TrashEntry>,
) -> ApiResult<Json<TrashedEntry>> {
    Ok(Json(client(&app, &workspace)?.trash(&entry).await.map_err(failed)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct TrashPath {
    id: String,
}

impl PathValue for TrashPath {}

/// Brings something back from the trash to where it was, unless something else is there now.
#[utoipa::path(post, path = "/workspace/trash/{id}/restore", tag = "workspace",
    operation_id = "restore_workspace_entry", params(TrashPath, WorkspaceQuery),
    responses((status = 200, body = TrashedEntry),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn restore(
    State(app): State<AppState>,
    Within(workspace): Within,
    PathParts(TrashPath { id }): PathParts<TrashPath>,
) -> ApiResult<Json<TrashedEntry>> {
    Ok(Json(client(&app, &workspace)?.restore_trashed(&id).await.map_err(failed)?))
}
