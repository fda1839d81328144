//! What goes wrong with providers, and what the run makes of it.

use slipway_protocol::run::RunOutcome;

use crate::fake_tools::FakeTools;
use crate::harness::{World, engine, quick, request};

/// A step that fails as `fault` says, as often as it says, and else answers `done`.
async fn run(fault: &str) -> (World, crate::harness::Events) {
    let world = World::new(&format!("  - steps: [{{text: done and more, fault: {fault}}}]")).await;
    let events = world.run().await;
    (world, events)
}

async fn check_fails(fault: &str, code: &str, words: &str, requests: usize) {
    let (world, events) = run(fault).await;
    assert_eq!(events.code(), code, "{fault}: {}", events.detail());
    assert!(events.detail().contains(words), "{fault}: {}", events.detail());
    assert!(!events.detail().contains("secret-key-123"));
    assert_eq!(world.model.requests().len(), requests, "{fault}");
}

async fn check_recovers(fault: &str, code: &str) {
    let (world, events) = run(fault).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed, "{fault}");
    assert_eq!(
        events.retries().iter().map(|(_, _, code)| code.as_str()).collect::<Vec<_>>(),
        [code],
        "{fault}"
    );
    assert_eq!(events.streamed_text(), "done and more");
    assert_eq!(events.answers().len(), 1);
    assert_eq!(world.model.requests().len(), 2);
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    check_fails(
        r#"{status: {code: 401, body: '{"error":{"message":"bad key secret-key-123","code":"invalid_api_key"}}'}}"#,
        "provider_key_rejected",
        "bad key ***",
        1,
    )
    .await;
    check_fails(
        "{status: {code: 403, body: '<html>Forbidden</html>'}}",
        "provider_key_rejected",
        "Forbidden",
        1,
    )
    .await;
    check_fails(
        r#"{status: {code: 404, body: '{"error":{"message":"no model x"}}'}}"#,
        "provider_model_not_found",
        "no model x",
        1,
    )
    .await;
    check_fails(
        r#"{status: {code: 402, body: '{"error":"empty"}'}}"#,
        "provider_quota_exhausted",
        "empty",
        1,
    )
    .await;
    check_fails(
        r#"{status: {code: 400, body: '{"error":{"message":"maximum context length is 10"}}'}}"#,
        "provider_context_overflow",
        "10",
        1,
    )
    .await;
    check_fails(
        r#"{status: {code: 422, body: '{"detail":[{"msg":"odd field"}]}'}}"#,
        "provider_bad_request",
        "odd",
        1,
    )
    .await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    check_fails(
        "{status: {code: 307, headers: {Location: 'http://elsewhere.test/v1'}}}",
        "provider_bad_answer",
        "elsewhere.test",
        1,
    )
    .await;
}

#[tokio::test]
async fn what_may_pass_is_tried_four_times() {
    check_fails(r#"{status: {code: 503, body: 'overloaded'}}"#, "provider_overloaded", "overloaded", 4).await;
    check_fails(
        "{status: {code: 429, body: '[{\"error\":{\"code\":429,\"message\":\"slow\"}}]'}}",
        "provider_rate_limited",
        "slow",
        4,
    )
    .await;
    check_fails("{end_after_chunks: 2}", "provider_stream_cut", "closed before", 4).await;
}

#[tokio::test]
async fn a_fault_that_passes_leaves_no_trace_in_the_conversation() {
    check_recovers("{status: {code: 500, body: x}, times: 1}", "provider_overloaded").await;
    check_recovers("{end_after_chunks: 2, times: 1}", "provider_stream_cut").await;
    check_recovers("{end_after_chunks: 0, times: 1}", "provider_stream_cut").await;
    check_recovers("{reset_after_chunks: 2, times: 1}", "provider_stream_cut").await;
    check_recovers("{stall_after_chunks: 2, times: 1}", "provider_timeout").await;
    check_recovers("{stall_after_chunks: 0, times: 1}", "provider_timeout").await;
}

#[tokio::test]
async fn the_wait_that_the_provider_asks_for_is_kept() {
    let (_, events) =
        run("{status: {code: 429, headers: {Retry-After: '0.05'}, body: '{}'}, times: 1}").await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(events.retries(), [(2, 50, "provider_rate_limited".to_owned())]);
}

#[tokio::test]
async fn an_unreachable_provider_is_named() {
    let tools = FakeTools::start().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let engine = engine(quick()).await;
    let request = request(&format!("http://{address}/v1"), &tools.url);
    let world_free = crate::harness::run_against(&engine, &request).await;
    assert_eq!(world_free.code(), "provider_unreachable");
    assert_eq!(world_free.retries().len(), 3);
}

#[tokio::test]
async fn missing_tools_end_the_run_before_the_model_is_paid() {
    let world = World::new("  - steps: [{text: done}]").await;
    let mut request = world.request();
    request.tools[0].token = "wrong".to_owned();
    let events = world.run_with(request).await;
    assert_eq!(events.code(), "tools_unavailable");
    assert!(world.model.requests().is_empty());
}
