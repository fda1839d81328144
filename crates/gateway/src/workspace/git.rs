//! Repositories in a workspace, and what is not committed there.

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_protocol::api::{FileChange, FileDiff};
use slipway_protocol::git::{UncommittedChanges, UncommittedFile, WorkspaceGit};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::place::{Within, WorkspaceQuery};
use super::{client, failed};
use crate::api::extract::QueryParts;
use crate::api::{ApiError, ApiResult};
use crate::app::AppState;
use crate::checkpoints::{Comparison, page_of_hunks};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(repositories)).routes(routes!(changes)).routes(routes!(file))
}

/// Tells which repositories are in a workspace, and what is checked out there.
///
/// For three minutes after it was asked, each change is told as an event `git.changed`.
#[utoipa::path(get, path = "/workspace/git", tag = "workspace", operation_id = "get_workspace_git",
    params(WorkspaceQuery),
    responses((status = 200, body = WorkspaceGit),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn repositories(
    State(app): State<AppState>,
    Within(workspace): Within,
) -> ApiResult<Json<WorkspaceGit>> {
    Ok(Json(client(&app, &workspace)?.git().await.map_err(failed)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChangesQuery {
    /// `next` of the page before.
    after: Option<String>,
}

/// Lists the files that differ from what is committed, whoever changed them; new ones too, without those that ignore files
/// name. A repository that cannot be looked at is told among `problems`.
#[utoipa::path(get, path = "/workspace/git/changes", tag = "workspace", operation_id = "list_uncommitted_changes",
    params(ChangesQuery, WorkspaceQuery),
    responses((status = 200, body = UncommittedChanges),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn changes(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(ChangesQuery { after }): QueryParts<ChangesQuery>,
) -> ApiResult<Json<UncommittedChanges>> {
    Ok(Json(client(&app, &workspace)?.uncommitted(after.as_deref()).await.map_err(failed)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileQuery {
    /// The file, as the list names it.
    path: String,
    /// Its path before, when it was renamed.
    old_path: Option<String>,
    /// The first hunk wanted.
    #[serde(default)]
    hunk: u32,
}

/// Gives the lines of a file that differ from what is committed.
#[utoipa::path(get, path = "/workspace/git/changes/file", tag = "workspace", operation_id = "get_uncommitted_diff",
    params(FileQuery, WorkspaceQuery),
    responses((status = 200, body = FileDiff),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn file(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(FileQuery { path, old_path, hunk }): QueryParts<FileQuery>,
) -> ApiResult<Json<FileDiff>> {
    let client = client(&app, &workspace)?;
    let found = client.uncommitted_file(&path, old_path.as_deref()).await.map_err(failed)?;
    let found = found.ok_or_else(|| ApiError::not_found("file", &path))?;
    Ok(Json(tokio::task::spawn_blocking(move || diff(found, hunk)).await.map_err(ApiError::internal)??))
}

fn diff(file: UncommittedFile, first: u32) -> ApiResult<FileDiff> {
    let UncommittedFile { change, before, after } = file;
    let nothing = |change| FileDiff { change, total: 0, hunks: Vec::new(), next: None };
    if change.note.is_some() {
        return Ok(nothing(change));
    }
    let decoded = |text: String| BASE64_STANDARD.decode(text).map_err(ApiError::internal);
    let (before, after) = (decoded(before)?, decoded(after)?);
    match Comparison::of(&before, &after) {
        Err(note) => Ok(nothing(FileChange { note: Some(note), ..change })),
        Ok(compared) => {
            let (added, removed) = compared.counts();
            let (total, hunks, next) = page_of_hunks(compared.hunks(), first);
            let change = FileChange { additions: Some(added), deletions: Some(removed), ..change };
            Ok(FileDiff { change, total, hunks, next })
        }
    }
}
