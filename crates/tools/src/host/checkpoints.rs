//! `/v1/checkpoints`: see [`slipway_protocol::checkpoint`].

use std::io;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::TryStreamExt;
use serde::Serialize;
use slipway_protocol::checkpoint::{
    Applied, MAX_CONTENT_BYTES, ObjectFrame, ObjectId, OperationFrame, Outcome, Scan, WantedObjects,
};
use tokio::io::{AsyncBufReadExt, AsyncReadExt};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::io::StreamReader;

use super::Host;
use super::problem::HostError;
use super::routes::{blocking, malformed};
use crate::checkpoints::Checkpoints;

/// Objects that wait for the connection; when full, reading waits.
const WAITING_OBJECTS: usize = 4;
/// Longest line before an operation, in bytes: paths and links have at most 4095 bytes, in two digits each.
const MAX_LINE: u64 = 64 * 1024;

pub(super) async fn scan(State(host): State<Arc<Host>>) -> Result<Json<Scan>, HostError> {
    let checkpoints = Arc::clone(&host.checkpoints);
    let scan = blocking(move || checkpoints.scan()).await?;
    scan.map(Json).map_err(|error| {
        HostError::new(StatusCode::UNPROCESSABLE_ENTITY, "scan_failed", "the workspace cannot be recorded")
            .detail(error.to_string())
    })
}

pub(super) async fn objects(
    State(host): State<Arc<Host>>,
    wanted: Result<Json<WantedObjects>, JsonRejection>,
) -> Result<Response, HostError> {
    let Json(wanted) = wanted.map_err(|rejection| malformed(&rejection))?;
    let (sender, receiver) = mpsc::channel(WAITING_OBJECTS);
    let checkpoints = Arc::clone(&host.checkpoints);
    tokio::task::spawn_blocking(move || send_all(&checkpoints, &wanted, &sender));
    let body = Body::from_stream(ReceiverStream::new(receiver));
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response())
}

/// Ends early when the caller is gone.
fn send_all(checkpoints: &Checkpoints, wanted: &WantedObjects, sender: &mpsc::Sender<io::Result<Bytes>>) {
    let trees = wanted.trees.iter().map(|id| (id, checkpoints.tree(id)));
    let contents = wanted.contents.iter().map(|id| (id, checkpoints.content(id)));
    for (id, bytes) in trees.chain(contents) {
        if sender.blocking_send(Ok(frame(*id, bytes))).is_err() {
            return;
        }
    }
}

fn frame(id: ObjectId, bytes: Option<Vec<u8>>) -> Bytes {
    let frame = ObjectFrame { id, length: bytes.as_ref().map(|bytes| bytes.len() as u64) };
    let mut whole = json_line(&frame);
    whole.extend(bytes.unwrap_or_default());
    whole.into()
}

/// Ids and numbers always have a JSON form.
fn json_line(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

pub(super) async fn apply(State(host): State<Arc<Host>>, body: Body) -> Result<Json<Applied>, HostError> {
    let mut input = StreamReader::new(body.into_data_stream().map_err(io::Error::other));
    let mut applied = Applied::default();
    while let Some((frame, content)) = next(&mut input).await.map_err(|error| unreadable(&error))? {
        let checkpoints = Arc::clone(&host.checkpoints);
        let outcome: Outcome = blocking(move || checkpoints.apply(&frame.operation, &content)).await?;
        applied.outcomes.push(outcome);
    }
    Ok(Json(applied))
}

async fn next(
    input: &mut (impl tokio::io::AsyncBufRead + Unpin),
) -> io::Result<Option<(OperationFrame, Vec<u8>)>> {
    let mut line = Vec::new();
    if (&mut *input).take(MAX_LINE).read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    let frame: OperationFrame = serde_json::from_slice(&line)?;
    if frame.length > MAX_CONTENT_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut content = vec![0; usize::try_from(frame.length).map_err(io::Error::other)?];
    input.read_exact(&mut content).await?;
    Ok(Some((frame, content)))
}

fn unreadable(error: &io::Error) -> HostError {
    HostError::new(StatusCode::BAD_REQUEST, "malformed_request", "the request makes no sense")
        .detail(error.to_string())
}
