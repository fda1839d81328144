//! Bodies as streams: NDJSON items of a call, and the two directions of a byte stream.

use std::future::Future;
use std::io;

use bytes::BytesMut;
use futures::{Stream, TryStreamExt};
use http::Response;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use slipway_protocol::tool::ToolStreamItem;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::io::{ReaderStream, StreamReader};

use super::{ClientError, RequestBody};

/// Longest line of a call's answer in bytes: a result is bounded by the host to far less.
const MAX_LINE_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of an upload that wait for the connection; when there are so many, the writer waits.
const UPLOAD_BYTES: usize = 128 * 1024;

/// The items of a call's answer, up to and including the result.
pub(super) fn items(
    response: impl Future<Output = Result<Response<Incoming>, ClientError>> + Send + 'static,
) -> impl Stream<Item = Result<ToolStreamItem, ClientError>> + Send {
    let state = State::Waiting(Box::pin(response));
    futures::stream::unfold(state, |state| async move {
        match next_item(state).await {
            Ok(None) => None,
            Ok(Some((item, next))) => Some((Ok(item), next)),
            Err(error) => Some((Err(error), State::Ended)),
        }
    })
}

enum State<F> {
    Waiting(F),
    Reading { body: Incoming, buffer: BytesMut },
    Ended,
}

async fn next_item<F>(state: State<F>) -> Result<Option<(ToolStreamItem, State<F>)>, ClientError>
where
    F: Future<Output = Result<Response<Incoming>, ClientError>>,
{
    let (mut body, mut buffer) = match state {
        State::Waiting(response) => (response.await?.into_body(), BytesMut::new()),
        State::Reading { body, buffer } => (body, buffer),
        State::Ended => return Ok(None),
    };
    let mut searched = 0;
    loop {
        if let Some(length) = buffer.iter().skip(searched).position(|byte| *byte == b'\n') {
            let line = buffer.split_to(searched + length + 1);
            let item = decode(&line)?;
            let ended = matches!(item, ToolStreamItem::Result(_));
            let next = if ended { State::Ended } else { State::Reading { body, buffer } };
            return Ok(Some((item, next)));
        }
        searched = buffer.len();
        if searched > MAX_LINE_BYTES {
            return Err(malformed(format!("a line is longer than {MAX_LINE_BYTES} bytes")));
        }
        let frame = body.frame().await.ok_or(ClientError::Incomplete)??;
        if let Ok(data) = frame.into_data() {
            buffer.extend_from_slice(&data);
        }
    }
}

fn decode(line: &[u8]) -> Result<ToolStreamItem, ClientError> {
    serde_json::from_slice(line).map_err(|error| malformed(error.to_string()))
}

fn malformed(reason: String) -> ClientError {
    ClientError::Malformed { path: "/v1/tools".to_owned(), reason }
}

/// A request body, and the writer that fills it. Shutting the writer down ends the body. Once nobody wants the body any
/// more, each write is a broken pipe.
pub(super) fn upload() -> (impl AsyncWrite + Unpin + Send, RequestBody) {
    let (writer, content) = tokio::io::duplex(UPLOAD_BYTES);
    let pieces = ReaderStream::with_capacity(content, UPLOAD_BYTES);
    (writer, StreamBody::new(pieces.map_ok(Frame::data).map_err(Into::into)).boxed_unsync())
}

/// A response body as a reader.
pub(super) fn download(body: Incoming) -> impl AsyncRead + Unpin + Send {
    StreamReader::new(body.into_data_stream().map_err(io::Error::other))
}
