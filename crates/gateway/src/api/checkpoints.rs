//! `/conversations/{id}/checkpoints`, `/changes` and `/restore`: recorded states, what changed, and going back.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use slipway_protocol::api::{
    ChangeList, ChangeMarks, CheckpointPage, FileDiff, RestoreFiles, RestorePreview, RestoreReceipt,
};
use slipway_protocol::{CheckpointId, ConversationId, Problem, RunId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, Own, QueryParts};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::checkpoints::{self, Scope};
use crate::store::checkpoints::{self as rows, StoredCheckpoint};
use crate::store::conversations;

/// Checkpoints on one page.
const PAGE: u32 = 100;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(changes))
        .routes(routes!(marks))
        .routes(routes!(diff))
        .routes(routes!(preview))
        .routes(routes!(restore))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `next` of the page before.
    before: Option<i64>,
}

/// Lists a conversation's checkpoints, newest first.
#[utoipa::path(get, path = "/conversations/{id}/checkpoints", tag = "checkpoints",
    operation_id = "list_checkpoints", params(("id" = String, Path), ListQuery),
    responses((status = 200, body = CheckpointPage),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<AppState>,
    Own(id): Own,
    QueryParts(query): QueryParts<ListQuery>,
) -> ApiResult<Json<CheckpointPage>> {
    let mut read = existing(&app, &id).await?;
    let stored = rows::page(&mut read, &id, query.before, PAGE).await?;
    let last = stored.last().filter(|_| stored.len() == PAGE as usize);
    let next = last.map(|last| last.ordinal.to_string());
    let items = stored.into_iter().map(|stored| stored.checkpoint).collect();
    Ok(Json(CheckpointPage { items, next }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ChangesQuery {
    /// Of this run only.
    #[param(value_type = Option<String>)]
    run_id: Option<RunId>,
    /// Of this step of the run only.
    step: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Lists the files that the agent changed in a conversation, or in a run or step of it.
#[utoipa::path(get, path = "/conversations/{id}/changes", tag = "checkpoints", operation_id = "list_changes",
    params(("id" = String, Path), ChangesQuery),
    responses((status = 200, body = ChangeList),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn changes(
    State(app): State<AppState>,
    Own(id): Own,
    QueryParts(query): QueryParts<ChangesQuery>,
) -> ApiResult<Json<ChangeList>> {
    if query.step.is_some() && query.run_id.is_none() {
        return Err(ApiError::invalid("`step` needs `run_id`: each run counts its own steps."));
    }
    drop(existing(&app, &id).await?);
    let scope = Scope { run_id: query.run_id, step: query.step };
    Ok(Json(checkpoints::changes_of(&app, &id, &scope, query.after).await?))
}

/// Gives what a tree of files shows of the agent's changes in a conversation: files and directories with marks.
#[utoipa::path(get, path = "/conversations/{id}/changes/marks", tag = "checkpoints",
    operation_id = "list_change_marks", params(("id" = String, Path)),
    responses((status = 200, body = ChangeMarks),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn marks(State(app): State<AppState>, Own(id): Own) -> ApiResult<Json<ChangeMarks>> {
    drop(existing(&app, &id).await?);
    Ok(Json(checkpoints::marks_of(&app, &id).await?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DiffQuery {
    /// The file, as the list of changes names it.
    path: String,
    /// Its path before, when it was renamed.
    old_path: Option<String>,
    /// The state before.
    #[param(value_type = String)]
    from: CheckpointId,
    /// The state after.
    #[param(value_type = String)]
    to: CheckpointId,
    /// The first hunk wanted.
    #[serde(default)]
    hunk: u32,
}

/// Gives the lines of a file that changed between two checkpoints.
#[utoipa::path(get, path = "/conversations/{id}/changes/file", tag = "checkpoints", operation_id = "get_file_diff",
    params(("id" = String, Path), DiffQuery),
    responses((status = 200, body = FileDiff),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn diff(
    State(app): State<AppState>,
    Own(id): Own,
    QueryParts(query): QueryParts<DiffQuery>,
) -> ApiResult<Json<FileDiff>> {
    let mut read = existing(&app, &id).await?;
    let mut states = Vec::new();
    for checkpoint in [&query.from, &query.to] {
        let stored: Option<StoredCheckpoint> = rows::get(&mut read, &id, checkpoint).await?;
        states.push(stored.ok_or_else(|| ApiError::not_found("checkpoint", checkpoint))?);
    }
    drop(read);
    let [from, to] = states.as_slice() else { return Err(ApiError::invalid("There must be two states.")) };
    let diff = checkpoints::diff_of(&app, (from, to), query.path.clone(), query.old_path, query.hunk).await?;
    diff.map(Json).ok_or_else(|| ApiError::not_found("file with changes", query.path))
}

/// Tells what a restoration would do; nothing is changed.
#[utoipa::path(post, path = "/conversations/{id}/restore/preview", tag = "checkpoints",
    operation_id = "preview_restore", params(("id" = String, Path)), request_body = RestoreFiles,
    responses((status = 200, body = RestorePreview),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn preview(
    State(app): State<AppState>,
    Own(id): Own,
    JsonBody(wanted): JsonBody<RestoreFiles>,
) -> ApiResult<Json<RestorePreview>> {
    Ok(Json(checkpoints::preview(&app, &id, &wanted).await?))
}

/// Restores files to a checkpoint, in whole or in part. The state before it is recorded, so that it can be undone.
#[utoipa::path(post, path = "/conversations/{id}/restore", tag = "checkpoints", operation_id = "restore_files",
    params(("id" = String, Path)), request_body = RestoreFiles,
    responses((status = 200, body = RestoreReceipt),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn restore(
    State(app): State<AppState>,
    Own(id): Own,
    JsonBody(wanted): JsonBody<RestoreFiles>,
) -> ApiResult<Json<RestoreReceipt>> {
    let state = app.clone();
    // On a task of its own: it is finished even when the client goes away.
    let restored = app.tasks.spawn(async move { checkpoints::restore(&state, &id, &wanted).await });
    Ok(Json(restored.await.map_err(ApiError::internal)??))
}

/// A moment in which the conversation is there.
async fn existing(app: &AppState, id: &ConversationId) -> ApiResult<sqlx::Transaction<'static, sqlx::Any>> {
    let mut read = app.store.read().await?;
    match conversations::get(&mut read, id).await? {
        Some(_) => Ok(read),
        None => Err(ApiError::not_found("conversation", id)),
    }
}
