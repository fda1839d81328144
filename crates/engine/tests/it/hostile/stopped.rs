//! Nothing goes on after the person has stopped the run.

use std::time::Duration;

use futures::StreamExt;
use slipway_scripted_model::fault::FaultKind;

use crate::harness::start;
use crate::hostile::case::{Case, calls, faulty, model, status, text, write};

const A: &str = r#"{"path":"a"}"#;

/// Long enough for what must not happen to happen.
const WHILE: Duration = Duration::from_millis(300);

/// Stops the run once its events hold `word`; then no request and no call may follow.
async fn stop_at(case: Case, word: &str, requests: usize, ran: &[&str]) {
    let (world, request) = case.world().await;
    let mut body = start(&world.engine, &request).await.bytes_stream();
    let mut text = String::new();
    while !text.contains(word) {
        let bytes = body.next().await.unwrap_or_else(|| panic!("{word} is not in {text}")).expect("whole");
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    drop(body);
    tokio::time::sleep(WHILE).await;
    assert_eq!(world.model.requests().len(), requests, "requests to the model");
    assert_eq!(world.tools.names(), ran, "tools that ran");
}

#[tokio::test]
async fn a_model_that_goes_on_answering_is_hung_up_on() {
    let mut reply = write(&format!(r#"{{"path":"a","text":"{}"}}"#, "x".repeat(500)));
    reply.text = "a long text".to_owned();
    reply.chunk_chars = 4;
    reply.chunk_delay_ms = 5;
    let (world, request) = model([reply]).world().await;
    let mut body = start(&world.engine, &request).await.bytes_stream();
    body.next().await.expect("something").expect("whole");
    drop(body);
    assert!(world.model.wait_for_dropped(1, Duration::from_secs(5)).await, "the connection is dropped");
    tokio::time::sleep(WHILE).await;
    assert_eq!(world.model.requests().len(), 1);
    assert!(world.tools.names().is_empty());
}

#[tokio::test]
async fn a_stalled_answer_is_hung_up_on() {
    let case = model([faulty(text("half an answer"), FaultKind::Stall(2), None)]);
    let case = case.settings(|settings| settings.model.idle = Duration::from_millis(100));
    stop_at(case, "text_delta", 1, &[]).await;
}

#[tokio::test]
async fn a_wait_before_another_attempt_is_not_sat_out() {
    let case = model([]).for_ever(status(429, &[("retry-after", "0.1")], "slow", None));
    stop_at(case, "retrying", 1, &[]).await;
}

#[tokio::test]
async fn a_call_that_runs_is_dropped_and_the_next_does_not_start() {
    let case = model([calls([("hang", A), ("write_file", A)])]);
    let (world, request) = case.world().await;
    let response = start(&world.engine, &request).await;
    world.tools.wait_for_running(1).await;
    drop(response);
    world.tools.wait_for_dropped(1).await;
    tokio::time::sleep(WHILE).await;
    assert_eq!((world.model.requests().len(), world.tools.names()), (1, vec!["hang".to_owned()]));
}

#[tokio::test]
async fn a_client_that_goes_between_answer_and_call_leaves_nothing_running() {
    let slow = calls([("mute", A), ("write_file", A)]);
    stop_at(model([slow]), "tool_started", 1, &["mute"]).await;
}
