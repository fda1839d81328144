//! Bytes between a WebSocket and an RFB stream, in both directions at once; those from the browser through a gate.

use axum::extract::ws::{Message, WebSocket};
use bytes::{Bytes, BytesMut};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio_util::sync::CancellationToken;

use super::control::Viewer;
use super::gate::{Gate, Role};

/// Most bytes of one message to the browser.
const CHUNK: usize = 64 * 1024;

/// Carries bytes until either side ends. A slow side holds the other up: nothing is buffered in between.
pub(super) async fn run(
    socket: WebSocket,
    desktop: impl AsyncRead + AsyncWrite + Unpin + Send,
    viewer: Viewer,
) {
    let (to_browser, from_browser) = socket.split();
    let (from_desktop, to_desktop) = tokio::io::split(desktop);
    tokio::select! {
        () = browser_to_desktop(from_browser, to_desktop, &viewer) => {}
        () = desktop_to_browser(from_desktop, to_browser) => {}
    }
}

async fn browser_to_desktop(
    mut from: SplitStream<WebSocket>,
    mut to: WriteHalf<impl AsyncRead + AsyncWrite + Unpin>,
    viewer: &Viewer,
) {
    let mut gate = Gate::default();
    let mut right = None;
    loop {
        let passed = tokio::select! {
            message = from.next() => {
                let bytes: Bytes = match message {
                    Some(Ok(Message::Binary(bytes))) => bytes,
                    Some(Ok(Message::Text(text))) => text.into(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                };
                right = viewer.right();
                let role = if right.is_some() { Role::Drives } else { Role::Looks };
                match gate.feed(&bytes, role) {
                    Ok(passed) => passed,
                    Err(nonsense) => {
                        tracing::warn!(%nonsense, "a viewer of the desktop is sent away");
                        return;
                    }
                }
            }
            () = end_of(right.as_ref()) => {
                right = None;
                gate.let_go()
            }
        };
        if !passed.is_empty() && (to.write_all(&passed).await.is_err() || to.flush().await.is_err()) {
            return;
        }
    }
}

/// Waits until a right ends; without one for ever.
async fn end_of(right: Option<&CancellationToken>) {
    match right {
        Some(right) => right.cancelled().await,
        None => std::future::pending().await,
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
