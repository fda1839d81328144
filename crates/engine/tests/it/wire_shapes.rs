//! The many shapes in which providers answer, served byte by byte.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::{StreamExt, stream};
use slipway_protocol::run::RunOutcome;
use tokio::net::TcpListener;

use crate::fake_tools::FakeTools;
use crate::harness::{Events, engine, quick, request, run_against};

const STREAM: &str = "\u{feff}: queued\r\n\r\n\
data: {\"model\":\"scripted\",\"choices\":[{\"delta\":{\"reasoning\":\"hm\"}}]}\r\n\r\n\
data: {\"choices\":[{\"delta\":{\"content\":\"ä€😀\"},\"finish_reason\":null}]}\n\n\
data: {\"choices\":[{\"delta\":{},\n\
data: \"finish_reason\":\"stop\"}]}\n\n\
data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\n\
data: [DONE] \n\n";

/// A provider that answers with a fixed body, in two pieces split where the path says.
async fn provider(content_type: &'static str, body: &str) -> String {
    let body: Arc<[u8]> = body.as_bytes().into();
    let answer = move |State(body): State<Arc<[u8]>>, Path(split): Path<usize>| async move {
        let (head, tail) = body.split_at(split.min(body.len()));
        let pieces = [head.to_vec(), tail.to_vec()].map(Ok::<_, std::convert::Infallible>);
        // The pause between the pieces makes them arrive as pieces.
        let pieces = stream::iter(pieces).then(async |piece| {
            tokio::task::yield_now().await;
            piece
        });
        let response: Response =
            ([(header::CONTENT_TYPE, content_type)], Body::from_stream(pieces)).into_response();
        response
    };
    let router = Router::new().route("/{split}/v1/chat/completions", post(answer)).with_state(body);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn answer(content_type: &'static str, body: &str) -> Events {
    let provider = provider(content_type, body).await;
    let tools = FakeTools::start().await;
    let mut settings = quick();
    settings.retry.max_attempts = 1;
    let engine = engine(settings).await;
    run_against(&engine, &request(&format!("{provider}/0/v1"), &tools.url)).await
}

fn assert_is_whole(events: &Events, context: &str) {
    assert_eq!(*events.outcome(), RunOutcome::Completed, "{context}");
    let answer = &events.answers()[0];
    assert_eq!((answer.text.as_str(), answer.reasoning.as_str()), ("ä€😀", "hm"), "{context}");
    assert_eq!(answer.usage.expect("usage").input, 7, "{context}");
    assert!(events.retries().is_empty(), "{context}");
}

#[tokio::test]
async fn a_stream_may_be_split_at_every_byte() {
    let provider = provider("text/event-stream", STREAM).await;
    let tools = FakeTools::start().await;
    let engine = engine(quick()).await;
    let runs = stream::iter(0..=STREAM.len()).map(|split| {
        let request = request(&format!("{provider}/{split}/v1"), &tools.url);
        let engine = &engine;
        async move { (split, run_against(engine, &request).await) }
    });
    let mut runs = std::pin::pin!(runs.buffer_unordered(8));
    while let Some((split, events)) = runs.next().await {
        assert_is_whole(&events, &format!("split at byte {split}"));
    }
}

#[tokio::test]
async fn the_content_type_does_not_matter() {
    assert_is_whole(&answer("application/json", STREAM).await, "as JSON");
    assert_is_whole(&answer("text/plain", STREAM).await, "as text");
}

#[tokio::test]
async fn a_missing_end_mark_is_fine_when_the_model_was_done() {
    let body = STREAM.replace("data: [DONE] \n\n", "");
    assert_is_whole(&answer("text/event-stream", &body).await, "without [DONE]");
}

#[tokio::test]
async fn an_answer_without_a_finish_reason_is_not_complete() {
    let body = STREAM.replace("\"finish_reason\":\"stop\"", "\"finish_reason\":\"\"");
    let events = answer("text/event-stream", &body).await;
    assert_eq!(events.code(), "provider_stream_cut");
    assert!(events.detail().contains("without a finish reason"));
}

#[tokio::test]
async fn a_whole_answer_instead_of_a_stream_is_taken() {
    let body = r#"{"model":"scripted","usage":{"prompt_tokens":7,"completion_tokens":1},"choices":[
        {"message":{"content":"ä€😀","reasoning_content":"hm"},"finish_reason":"stop"}]}"#;
    assert_is_whole(&answer("application/json", body).await, "a JSON body");
}

async fn check_fails(body: &str, code: &str, words: &str) {
    let events = answer("application/json", body).await;
    assert_eq!(events.code(), code, "{body}");
    assert!(events.detail().contains(words), "{body}: {}", events.detail());
    assert!(events.answers().is_empty());
}

#[tokio::test]
async fn errors_with_status_200_are_understood() {
    check_fails(r#"{"error":{"message":"slow down","code":429}}"#, "provider_rate_limited", "slow down")
        .await;
    check_fails(
        r#"[{"error":{"message":"key?","code":401,"status":"UNAUTHENTICATED"}}]"#,
        "provider_key_rejected",
        "key?",
    )
    .await;
    check_fails("<html><body>Please log in</body></html>", "provider_bad_answer", "Please log in").await;
    check_fails("", "provider_stream_cut", "empty").await;
    check_fails("{\"choices\": [", "provider_stream_cut", "not complete").await;
    check_fails("data: {\"choices\": [\n\ndata: x\n\n", "provider_bad_answer", "not JSON").await;
    check_fails(
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n\
         data: {\"error\":{\"code\":502,\"message\":\"Provider returned error\",\"metadata\":{\"raw\":\"gpu on fire\"}},\
         \"choices\":[{\"finish_reason\":\"error\"}]}\n\n",
        "provider_overloaded",
        "gpu on fire",
    )
    .await;
    check_fails(
        "data: {\"choices\":[{\"delta\":{\"refusal\":\"I will not\"},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n",
        "provider_refused",
        "I will not",
    )
    .await;
}

#[tokio::test]
async fn usage_is_estimated_when_none_is_reported() {
    let body = STREAM.replace("\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}", "\"usage\":null");
    let events = answer("text/event-stream", &body).await;
    let usage = events.answers()[0].usage.expect("an estimate");
    assert_eq!(usage.source, slipway_protocol::usage::UsageSource::Estimated);
    assert!(usage.input > 100, "the system prompt alone is longer");
}
