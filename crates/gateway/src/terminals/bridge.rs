//! Messages between a WebSocket and a shell's stream, in both directions at once.

use axum::extract::ws::{self, WebSocket};
use futures::{Sink, SinkExt as _, Stream, StreamExt as _};
use slipway_tools::client::TerminalStream;
use slipway_tools::terminals::Message;

/// Carries messages until either side ends. A slow side holds the other up: nothing is buffered in between.
pub(super) async fn run(socket: WebSocket, shell: impl TerminalStream) {
    let (to_browser, from_browser) = socket.split();
    let (to_shell, from_shell) = shell.split();
    tokio::select! {
        () = browser_to_shell(from_browser, to_shell) => {}
        () = shell_to_browser(from_shell, to_browser) => {}
    }
}

async fn browser_to_shell(
    mut from: impl Stream<Item = Result<ws::Message, axum::Error>> + Unpin,
    mut to: impl Sink<Message> + Unpin,
) {
    while let Some(Ok(message)) = from.next().await {
        let message = match message {
            ws::Message::Binary(bytes) => Message::Binary(bytes),
            ws::Message::Text(text) => Message::Text(text.as_str().to_owned()),
            ws::Message::Ping(_) | ws::Message::Pong(_) => continue,
            ws::Message::Close(_) => return,
        };
        if to.send(message).await.is_err() {
            return;
        }
    }
}

async fn shell_to_browser(
    mut from: impl Stream<Item = std::io::Result<Message>> + Unpin,
    mut to: impl Sink<ws::Message> + Unpin,
) {
    while let Some(Ok(message)) = from.next().await {
        let message = match message {
            Message::Binary(bytes) => ws::Message::Binary(bytes),
            Message::Text(text) => ws::Message::Text(text.into()),
        };
        if to.send(message).await.is_err() {
            return;
        }
    }
    let _ = to.send(ws::Message::Close(None)).await;
}
