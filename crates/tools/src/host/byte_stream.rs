//! The two directions of a byte stream as request and response body.

use std::io;

use axum::body::{Body, BodyDataStream};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, TryStreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::io::{ReaderStream, StreamReader};
use tokio_util::sync::CancellationToken;

use super::Host;

/// Carries `upload` to the stream, and answers with what comes from it. Ends when either side ends it, or the
/// caller drops the response.
pub(super) fn joined<Io>(host: &Host, stream: Io, upload: Body) -> Response
where
    Io: AsyncRead + AsyncWrite + Send + 'static,
{
    let (reader, writer) = tokio::io::split(stream);
    let end = CancellationToken::new();
    let pump = forward(upload.into_data_stream(), writer);
    host.calls.attach(end.clone().run_until_cancelled_owned(pump));
    let download = until_dropped(ReaderStream::new(reader), end);
    ([(header::CONTENT_TYPE, "application/octet-stream")], Body::from_stream(download)).into_response()
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
