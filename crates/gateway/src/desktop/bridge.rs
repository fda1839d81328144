//! Bytes between a WebSocket and an RFB stream, in both directions at once.

use axum::extract::ws::{Message, WebSocket};
use bytes::{Bytes, BytesMut};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

/// Most bytes of one message to the browser.
const CHUNK: usize = 64 * 1024;

/// Carries bytes until either side ends. A slow side holds the other up: nothing is buffered in between.
pub(super) async fn run(socket: WebSocket, desktop: impl AsyncRead + AsyncWrite + Unpin + Send) {
    let (to_browser, from_browser) = socket.split();
    let (from_desktop, to_desktop) = tokio::io::split(desktop);
    tokio::select! {
        () = browser_to_desktop(from_browser, to_desktop) => {}
        () = desktop_to_browser(from_desktop, to_browser) => {}
    }
}

async fn browser_to_desktop(
    mut from: SplitStream<WebSocket>,
    mut to: WriteHalf<impl AsyncRead + AsyncWrite + Unpin>,
) {
    while let Some(Ok(message)) = from.next().await {
        let bytes: Bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Text(text) => text.into(),
            Message::Ping(_) | Message::Pong(_) => continue,
            Message::Close(_) => return,
        };
        if to.write_all(&bytes).await.is_err() || to.flush().await.is_err() {
            return;
        }
    }
}

async fn desktop_to_browser(
    mut from: ReadHalf<impl AsyncRead + AsyncWrite + Unpin>,
    mut to: SplitSink<WebSocket, Message>,
) {
    let mut buffer = BytesMut::with_capacity(CHUNK);
    while from.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
        if to.send(Message::Binary(buffer.split().freeze())).await.is_err() {
            return;
        }
        buffer.reserve(CHUNK);
    }
    to.send(Message::Close(None)).await.ok();
}
