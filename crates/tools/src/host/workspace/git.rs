//! `/v1/workspace/git`: see [`slipway_protocol::git`].

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use slipway_protocol::git::{UncommittedChanges, UncommittedFile, WorkspaceGit};

use super::as_owner;
use crate::git;
use crate::host::problem::HostError;
use crate::host::routes::HostState;

/// The repositories; their changes are told for a while.
pub(super) async fn repositories(State(host): HostState) -> Result<Json<WorkspaceGit>, HostError> {
    let watched = Arc::clone(&host.git);
    as_owner(&host, move |workspace| Ok(watched.ask(workspace))).await.map(Json)
}

#[derive(Deserialize)]
pub(super) struct ChangesQuery {
    after: Option<String>,
}

/// What is not committed.
pub(super) async fn changes(
    State(host): HostState,
    Query(ChangesQuery { after }): Query<ChangesQuery>,
) -> Json<UncommittedChanges> {
    Json(git::uncommitted(&host.workspace, &host.environment, after.as_deref()).await)
}

#[derive(Deserialize)]
pub(super) struct FileQuery {
    path: String,
    old_path: Option<String>,
}

/// A file as it was committed and as it is; null when there is nothing of either.
pub(super) async fn file(
    State(host): HostState,
    Query(FileQuery { path, old_path }): Query<FileQuery>,
) -> Result<Json<Option<UncommittedFile>>, HostError> {
    let found = git::uncommitted_file(&host.workspace, &host.environment, &path, old_path.as_deref());
    found.await.map(Json).map_err(|error| HostError(error.problem()))
}
