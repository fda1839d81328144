//! `/v1/workspace`: the person's own way to the workspace; see [`slipway_protocol::workspace`].

mod clones;
mod git;
mod receive;
mod send;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use slipway_protocol::workspace::{
    ArchiveKind, CreateFolder, DirectoryPage, FileText, FoundFiles, RenameEntry, TrashEntry, TrashedEntry,
    UnpackedArchive, WriteText, WrittenFile,
};

use super::Host;
use super::problem::HostError;
use super::routes::{HostState, blocking, malformed};
use crate::workspace::Workspace;
use crate::workspace_files::{
    self as files, Existing, FileError, LineWindow, ListOptions, Precondition, UnpackLimits, Written,
};

pub(super) fn routes() -> Router<Arc<Host>> {
    Router::new()
        .route("/v1/workspace/entries", get(list))
        .route("/v1/workspace/find", get(find))
        .route("/v1/workspace/text", get(read_text).put(write_text))
        .route("/v1/workspace/file", get(send::file).put(upload))
        .route("/v1/workspace/folders", post(create_folder))
        .route("/v1/workspace/rename", post(rename))
        .route("/v1/workspace/trash", post(trash))
        .route("/v1/workspace/trash/{id}/restore", post(restore))
        .route("/v1/workspace/zip", get(send::zip))
        .route("/v1/workspace/archive", put(unpack))
        .route("/v1/workspace/clones", post(clones::start))
        .route("/v1/workspace/changes", get(send::changes))
        .route("/v1/workspace/git", get(git::repositories))
        .route("/v1/workspace/git/changes", get(git::changes))
        .route("/v1/workspace/git/file", get(git::file))
}

impl From<FileError> for HostError {
    fn from(error: FileError) -> Self {
        Self(error.problem())
    }
}

/// Runs file work on the blocking pool, as the workspace's owner.
async fn as_owner<R: Send + 'static>(
    host: &Host,
    work: impl FnOnce(&Workspace) -> Result<R, FileError> + Send + 'static,
) -> Result<R, HostError> {
    let workspace = Arc::clone(&host.workspace);
    Ok(blocking(move || workspace.as_owner(|| work(&workspace))).await??)
}

#[derive(Deserialize)]
struct ListQuery {
    #[serde(default)]
    path: String,
    after: Option<String>,
    limit: Option<usize>,
    #[serde(default)]
    ignored: bool,
}

async fn list(
    State(host): HostState,
    Query(query): Query<ListQuery>,
) -> Result<Json<DirectoryPage>, HostError> {
    let watched = Arc::clone(&host.watched);
    let listing = as_owner(&host, move |workspace| {
        let ListQuery { path, after, limit, ignored } = query;
        // Before it is read: what changes in between is told rather than missed.
        watched.note(workspace, &path);
        files::list(workspace, &path, &ListOptions { after, limit, ignored })
    });
    listing.await.map(Json)
}

#[derive(Deserialize)]
struct FindQuery {
    #[serde(default)]
    query: String,
    limit: Option<usize>,
}

async fn find(
    State(host): HostState,
    Query(FindQuery { query, limit }): Query<FindQuery>,
) -> Result<Json<FoundFiles>, HostError> {
    as_owner(&host, move |workspace| files::find(workspace, &query, limit)).await.map(Json)
}

#[derive(Deserialize)]
struct TextQuery {
    path: String,
    first_line: Option<u64>,
    lines: Option<u64>,
}

async fn read_text(
    State(host): HostState,
    Query(query): Query<TextQuery>,
) -> Result<Json<FileText>, HostError> {
    let TextQuery { path, first_line, lines } = query;
    let window = LineWindow { first: first_line, lines };
    as_owner(&host, move |workspace| files::read_text(workspace, &path, window)).await.map(Json)
}

#[derive(Deserialize)]
struct WriteQuery {
    path: String,
    /// Hash that the file must have; `*` for any.
    #[serde(default, rename = "match")]
    is: Option<String>,
}

/// Answer of a write: what the gateway turns into 200 or 412.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WriteAnswer {
    Written { file: WrittenFile },
    Conflict { problem: slipway_protocol::Problem, current: Option<FileText> },
}

async fn write_text(
    State(host): HostState,
    Query(query): Query<WriteQuery>,
    body: Result<Json<WriteText>, JsonRejection>,
) -> Result<Json<WriteAnswer>, HostError> {
    let Json(WriteText { text }) = body.map_err(|rejection| malformed(&rejection))?;
    let precondition = match query.is.as_deref() {
        None => Precondition::Absent,
        Some("*") => Precondition::Any,
        Some(hash) => Precondition::Is(hash.to_owned()),
    };
    let path = query.path.clone();
    let written =
        as_owner(&host, move |workspace| files::write_text(workspace, &path, &text, &precondition)).await?;
    Ok(Json(match written {
        Written::Done(file) => WriteAnswer::Written { file },
        Written::Conflict(current) => {
            WriteAnswer::Conflict { problem: FileError::Changed { path: query.path }.problem(), current }
        }
    }))
}

async fn create_folder(
    State(host): HostState,
    body: Result<Json<CreateFolder>, JsonRejection>,
) -> Result<StatusCode, HostError> {
    let Json(CreateFolder { path }) = body.map_err(|rejection| malformed(&rejection))?;
    as_owner(&host, move |workspace| files::create_folder(workspace, &path)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rename(
    State(host): HostState,
    body: Result<Json<RenameEntry>, JsonRejection>,
) -> Result<StatusCode, HostError> {
    let Json(RenameEntry { from, to }) = body.map_err(|rejection| malformed(&rejection))?;
    as_owner(&host, move |workspace| files::rename(workspace, &from, &to)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn trash(
    State(host): HostState,
    body: Result<Json<TrashEntry>, JsonRejection>,
) -> Result<Json<TrashedEntry>, HostError> {
    let Json(TrashEntry { path }) = body.map_err(|rejection| malformed(&rejection))?;
    as_owner(&host, move |workspace| files::trash(workspace, &path)).await.map(Json)
}

async fn restore(State(host): HostState, Path(id): Path<String>) -> Result<Json<TrashedEntry>, HostError> {
    as_owner(&host, move |workspace| files::restore(workspace, &id)).await.map(Json)
}

#[derive(Deserialize)]
struct UploadQuery {
    path: String,
    #[serde(default)]
    replace: bool,
}

async fn upload(
    State(host): HostState,
    Query(query): Query<UploadQuery>,
    body: Body,
) -> Result<Json<WrittenFile>, HostError> {
    let UploadQuery { path, replace } = query;
    let received = receive::receive(&host, body, move |workspace, content| {
        let (upload, mut file) = files::Upload::begin(workspace, &path, Existing::from_flag(replace))?;
        receive::copy(&path, content, &mut file)?;
        upload.finish()
    });
    received.await.map(Json)
}

#[derive(Deserialize)]
struct ArchiveQuery {
    #[serde(default)]
    path: String,
    kind: ArchiveKind,
    #[serde(default)]
    replace: bool,
    /// Most bytes that may come out.
    max_bytes: Option<u64>,
}

async fn unpack(
    State(host): HostState,
    Query(query): Query<ArchiveQuery>,
    body: Body,
) -> Result<Json<UnpackedArchive>, HostError> {
    let ArchiveQuery { path, kind, replace, max_bytes } = query;
    let usual = UnpackLimits::default();
    let limits = UnpackLimits { bytes: max_bytes.unwrap_or(usual.bytes), ..usual };
    let received = receive::receive(&host, body, move |workspace, content| {
        let unpacked = files::unpack(workspace, &path, kind, content, Existing::from_flag(replace), limits);
        if content.is_broken_off() { Err(FileError::BrokenOff { path }) } else { unpacked }
    });
    received.await.map(Json)
}

/// A body of bytes that are nobody's to guess about.
fn binary(body: Body) -> Response {
    ([(axum::http::header::CONTENT_TYPE, "application/octet-stream")], body).into_response()
}
