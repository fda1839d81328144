//! The host's HTTP interface; see [`slipway_protocol::sandbox`], [`slipway_protocol::tool`] and
//! [`slipway_protocol::view`].

use std::convert::Infallible;
use std::io::{self, Seek as _, SeekFrom};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use futures::StreamExt;
use serde::Deserialize;
use slipway_protocol::api::SandboxUsage;
use slipway_protocol::id::{ConversationId, InvocationId};
use slipway_protocol::sandbox::{FILE_SIZE_HEADER, Space, ToolHostStatus};
use slipway_protocol::tool::{ToolInvocation, ToolList};
use slipway_protocol::view::{RefreshViews, RefreshedViews};
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

use super::Host;
use super::problem::HostError;
use crate::workspace::{Access, open_regular};

/// Largest request body in bytes: a `write_file` call with the largest file that tools handle.
const MAX_BODY_BYTES: usize = 80 * 1024 * 1024;

const FILE_SIZE: HeaderName = HeaderName::from_static(FILE_SIZE_HEADER);

pub(super) type HostState = State<Arc<Host>>;

pub(super) fn router(host: Arc<Host>) -> Router {
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/tools", get(tools))
        .route("/v1/tools/{name}", post(invoke))
        .route("/v1/calls/{invocation}", delete(cancel))
        .route("/v1/views", post(refresh_views))
        .route("/v1/files", get(file))
        .route("/v1/checkpoints/scan", post(super::checkpoints::scan))
        .route("/v1/checkpoints/objects", post(super::checkpoints::objects))
        .route("/v1/checkpoints/apply", post(super::checkpoints::apply))
        .route("/v1/usage", get(usage))
        .route("/v1/space", get(space))
        .route("/v1/restart", post(restart))
        .route("/v1/desktop", post(super::desktop::connect))
        .route("/v1/ports", get(super::ports::list))
        .route("/v1/ports/{port}", post(super::ports::connect))
        .route("/v1/conversations/{conversation}", delete(end_conversation))
        .merge(super::terminals::routes())
        .merge(super::processes::routes())
        .merge(super::workspace::routes())
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(host)
}

async fn status(State(host): HostState) -> Json<ToolHostStatus> {
    Json(host.status.clone())
}

async fn usage(State(host): HostState) -> Result<Json<SandboxUsage>, HostError> {
    let measured = blocking(move || {
        let further = host.further.as_ref().map(|further| further.sizes(&host)).unwrap_or_default();
        let own = host.resources.measure();
        let all = own.workspace_bytes + further.iter().map(|one| one.bytes).sum::<u64>();
        SandboxUsage { further_workspaces: further, all_workspaces_bytes: all, ..own }
    });
    Ok(Json(measured.await?))
}

async fn space(State(host): HostState) -> Result<Json<Space>, HostError> {
    let space = blocking(move || host.resources.space()).await?;
    let failed = |error: io::Error| {
        HostError::new(StatusCode::UNPROCESSABLE_ENTITY, "disk_unknown", "the disk does not tell its size")
            .detail(error.to_string())
    };
    Ok(Json(space.map_err(failed)?))
}

async fn restart(State(host): HostState) -> StatusCode {
    host.restart.cancel();
    StatusCode::ACCEPTED
}

async fn tools(State(host): HostState) -> Json<ToolList> {
    Json(ToolList { tools: host.registry.specs() })
}

async fn invoke(
    State(host): HostState,
    Path(name): Path<String>,
    invocation: Result<Json<ToolInvocation>, JsonRejection>,
) -> Result<Response, HostError> {
    let Json(invocation) = invocation.map_err(|rejection| malformed(&rejection))?;
    let lines = host.calls.start(&host.registry, &host.workspace, name, invocation).map_err(|_| {
        HostError::new(StatusCode::CONFLICT, "already_running", "a call with this id is still running")
    })?;
    let body = Body::from_stream(lines.map(Ok::<_, Infallible>));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

async fn cancel(State(host): HostState, Path(invocation): Path<InvocationId>) -> StatusCode {
    host.calls.cancel(&invocation);
    StatusCode::NO_CONTENT
}

async fn end_conversation(State(host): HostState, Path(conversation): Path<ConversationId>) -> StatusCode {
    host.end_conversation(&conversation);
    StatusCode::NO_CONTENT
}

async fn refresh_views(
    State(host): HostState,
    request: Result<Json<RefreshViews>, JsonRejection>,
) -> Result<Json<RefreshedViews>, HostError> {
    let Json(request) = request.map_err(|rejection| malformed(&rejection))?;
    let (workspace, views) = (Arc::clone(&host.workspace), Arc::clone(&host.views));
    let refreshed = blocking(move || workspace.as_owner(|| views.refresh(&workspace, &request))).await?;
    Ok(Json(refreshed))
}

#[derive(Deserialize)]
struct FileQuery {
    path: String,
    /// First byte wanted.
    #[serde(default)]
    from: u64,
    /// Most bytes wanted.
    #[serde(default)]
    length: Option<u64>,
}

async fn file(State(host): HostState, Query(query): Query<FileQuery>) -> Result<Response, HostError> {
    let workspace = Arc::clone(&host.workspace);
    let place = workspace
        .resolve(&query.path, Access::Read)
        .map_err(|error| refused(StatusCode::FORBIDDEN, "path_refused").detail(error.to_string()))?;
    let from = query.from;
    let opened = blocking(move || {
        let (mut file, metadata) = workspace.as_owner(|| open_regular(&place.absolute))?;
        file.seek(SeekFrom::Start(from))?;
        Ok((file, metadata.len()))
    });
    let (file, total) = opened.await?.map_err(|error| unreadable(&query.path, &error))?;
    let length = total.saturating_sub(from).min(query.length.unwrap_or(u64::MAX));
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file).take(length)));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (FILE_SIZE, total.to_string()),
    ];
    Ok((headers, body).into_response())
}

fn refused(status: StatusCode, code: &str) -> HostError {
    HostError::new(status, code, "the file cannot be read")
}

fn unreadable(path: &str, error: &io::Error) -> HostError {
    let status = match error.kind() {
        io::ErrorKind::NotFound => StatusCode::NOT_FOUND,
        io::ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    refused(status, "file_unreadable").detail(format!("{path}: {error}"))
}

pub(super) fn malformed(rejection: &JsonRejection) -> HostError {
    HostError::new(rejection.status(), "malformed_request", "the request makes no sense")
        .detail(rejection.body_text())
}

/// Runs file work on the blocking pool.
pub(super) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, HostError> {
    tokio::task::spawn_blocking(work).await.map_err(|failure| {
        tracing::error!(%failure, "file work broke");
        HostError::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "the tool host has a defect here")
    })
}
