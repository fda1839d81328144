//! `POST /v1/desktop`: the two directions of an RFB byte stream as request and response body.

use std::io;
use std::sync::Arc;

use axum::body::{Body, BodyDataStream};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, TryStreamExt};
use tokio::io::AsyncWrite;
use tokio_util::io::{ReaderStream, StreamReader};
use tokio_util::sync::CancellationToken;

use super::Host;
use super::problem::HostError;

/// Connects the caller with the desktop. The stream ends when either side ends it, or the caller drops the
/// response.
pub(super) async fn connect(State(host): State<Arc<Host>>, upload: Body) -> Result<Response, HostError> {
    let unavailable = |reason: &str| {
        HostError::new(StatusCode::SERVICE_UNAVAILABLE, "no_desktop", "there is no desktop here")
            .detail(reason)
    };
    let Some(desktop) = &host.desktop else {
        return Err(unavailable("this tool host was started without one"));
    };
    let stream = desktop.connect().await.map_err(|error| unavailable(&error.to_string()))?;
    let (reader, writer) = tokio::io::split(stream);
    let end = CancellationToken::new();
    let pump = forward(upload.into_data_stream(), writer);
    host.calls.attach(end.clone().run_until_cancelled_owned(pump));
    let download = until_dropped(ReaderStream::new(reader), end);
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], Body::from_stream(download)).into_response())
}

async fn forward(upload: BodyDataStream, mut writer: impl AsyncWrite + Unpin) {
    let mut upload = StreamReader::new(upload.map_err(io::Error::other));
    // Either side may break off at any time; there is nobody to tell.
    let _ = tokio::io::copy_buf(&mut upload, &mut writer).await;
    let _ = tokio::io::AsyncWriteExt::shutdown(&mut writer).await;
}

/// The same stream, which fires `end` when it is dropped.
fn until_dropped<S: Stream>(stream: S, end: CancellationToken) -> impl Stream<Item = S::Item> {
    let guard = end.drop_guard();
    stream.inspect(move |_| {
        let _held = &guard;
    })
}
