//! A slow client slows the run down instead of filling memory.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use futures::StreamExt as _;
use tokio::net::TcpListener;

use crate::fake_tools::FakeTools;
use crate::harness::{engine, quick, request, start};

/// Bytes of one chunk.
const CHUNK: usize = 20_000;

/// Chunks that would be sent if nothing held them back: 60 MB, several times what sockets can hold.
const CHUNKS: usize = 3_000;

#[tokio::test]
async fn a_client_that_does_not_read_holds_the_provider_back() {
    let sent = Arc::new(AtomicUsize::new(0));
    let provider = provider(Arc::clone(&sent)).await;
    let tools = FakeTools::start().await;
    let mut settings = quick();
    settings.model.idle = Duration::from_secs(60);
    let engine = engine(settings).await;
    let response = start(&engine, &request(&provider, &tools.url)).await;
    // Until nothing moves any more.
    let mut before = usize::MAX;
    while before != sent.load(Ordering::Relaxed) || before == 0 {
        before = sent.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    assert!(before < CHUNKS / 2, "{before} chunks were taken though nobody reads them");
    drop(response);
}

async fn provider(sent: Arc<AtomicUsize>) -> String {
    let answer = move || {
        let sent = Arc::clone(&sent);
        async move {
            let text = "x".repeat(CHUNK);
            let chunks = futures::stream::iter(0..=CHUNKS).map(move |number| {
                sent.store(number, Ordering::Relaxed);
                let finish = if number == CHUNKS { "\"stop\"" } else { "null" };
                Ok::<_, Infallible>(format!(
                    "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":{finish}}}]}}\n\n"
                ))
            });
            ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(chunks)).into_response()
        }
    };
    let router = Router::new().route("/v1/chat/completions", post(answer));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}/v1", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}
