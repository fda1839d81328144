//! A model whose tokens say when they were sent.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use serde_json::json;
use tokio::net::TcpListener;

/// What it sends, and since when it counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) start: Instant,
    pub(super) tokens: u64,
    pub(super) interval: Duration,
}

/// Serves it for as long as this process lives; gives its address.
///
/// # Errors
/// When there is no port.
pub(super) async fn serve(pace: Pace) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    // Otherwise small pieces wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let router = Router::new().route("/v1/chat/completions", post(async move || answer(pace)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://{address}/v1"))
}

fn answer(pace: Pace) -> ([(&'static str, &'static str); 1], Body) {
    let pieces = futures::stream::unfold(0, move |number| async move {
        if number > pace.tokens {
            return None;
        }
        tokio::time::sleep(pace.interval).await;
        let piece = if number == pace.tokens { last() } else { token(pace.start) };
        Some((Ok::<_, Infallible>(piece), number + 1))
    });
    ([("content-type", "text/event-stream")], Body::from_stream(pieces))
}

/// A token: the moment at which it is sent, in µs, of constant length.
fn token(start: Instant) -> Bytes {
    let content = format!("@{:012}", start.elapsed().as_micros());
    let chunk = json!({
        "id": "load", "object": "chat.completion.chunk", "model": "scripted",
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": content}}],
    });
    format!("data: {chunk}\n\n").into()
}

fn last() -> Bytes {
    let chunk = json!({
        "id": "load", "object": "chat.completion.chunk", "model": "scripted",
        "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20},
    });
    format!("data: {chunk}\n\ndata: [DONE]\n\n").into()
}
