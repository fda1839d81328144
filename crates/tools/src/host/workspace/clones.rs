//! `POST /v1/workspace/clones`: a repository into the workspace, with its progress as lines.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use slipway_protocol::workspace::{CloneLine, CloneRepository};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::host::problem::HostError;
use crate::host::routes::{HostState, malformed};
use crate::workspace_files::{CloneError, RepositoryAddress, clone_repository};

/// Lines that wait for the reader; when full, figures are left out.
const LINES: usize = 16;

/// Clones until it is done, has failed, or the caller drops the answer.
pub(super) async fn start(
    State(host): HostState,
    body: Result<Json<CloneRepository>, JsonRejection>,
) -> Result<Response, HostError> {
    let Json(CloneRepository { url, path }) = body.map_err(|rejection| malformed(&rejection))?;
    let address = RepositoryAddress::parse(&url).map_err(|error| HostError(error.problem()))?;
    let path = path.filter(|path| !path.is_empty()).unwrap_or_else(|| address.name());
    let (sender, receiver) = mpsc::channel(LINES);
    let (workspace, environment) = (Arc::clone(&host.workspace), Arc::clone(&host.environment));
    host.calls.attach(async move {
        let last = match clone_repository(workspace, &environment, &address, &path, &sender).await {
            Ok(()) => CloneLine::Done,
            Err(CloneError::Cancelled) => return,
            Err(error) => CloneLine::Failed { problem: error.problem() },
        };
        let _ = sender.send(last).await;
    });
    let lines = ReceiverStream::new(receiver).map(|line| {
        // Strings and numbers always serialize.
        let mut line = serde_json::to_vec(&line).unwrap_or_default();
        line.push(b'\n');
        Ok::<_, Infallible>(line)
    });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}
