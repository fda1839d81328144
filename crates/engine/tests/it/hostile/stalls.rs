//! Providers that say nothing, or next to nothing, for ever.

use std::time::Duration;

use serde_json::json;
use slipway_scripted_model::fault::{Ending, FaultKind, RawBody};

use crate::hostile::case::{COMPLETED, body, faulty, model, text, write};
use crate::hostile::sse::{finish, piece, raw, said};

const A: &str = r#"{"path":"a"}"#;

#[tokio::test]
async fn silence_before_the_headers_is_waited_for_as_long_as_set() {
    let mut reply = text("late");
    reply.first_delay_ms = 60_000;
    let case = model([]).for_ever(reply).settings(|settings| {
        settings.model.first_byte = Duration::from_millis(40);
        settings.retry.max_attempts = 2;
    });
    let played = case.check("provider_timeout", 2, &[]).await;
    assert!(played.world.model.wait_for_dropped(2, Duration::from_secs(5)).await, "nothing stays open");
}

#[tokio::test]
async fn silence_in_the_middle_of_a_call_makes_the_answer_again() {
    for kind in [FaultKind::Stall(1), FaultKind::Stall(2), FaultKind::Stall(3)] {
        let case = model([faulty(write(A), kind, Some(1))]);
        let case = case.settings(|settings| settings.model.idle = Duration::from_millis(60));
        let played = case.check(COMPLETED, 3, &["write_file a"]).await;
        assert_eq!(played.events.retries()[0].2, "provider_timeout");
    }
}

#[tokio::test]
async fn silence_after_the_finish_reason_does_not_void_the_answer() {
    let call = piece(&json!({"index": 0, "id": "x", "function": {"name": "write_file", "arguments": A}}));
    let mut reply = raw(&[said("a"), call, finish(&json!("tool_calls"))]);
    reply.ending = Ending::Stall;
    let case = model([body(reply)]).settings(|settings| settings.model.idle = Duration::from_millis(60));
    let played = case.check(COMPLETED, 2, &["write_file a"]).await;
    assert_eq!(played.events.retries(), []);
}

/// A body that begins so and then brings this every few milliseconds, for ever.
async fn endless(begin: &[String], forever: &'static str) {
    let mut reply = raw(begin);
    reply.forever = Some(forever.into());
    reply.pause = Duration::from_millis(5);
    let mut script = text("never");
    script.fault = body(reply).fault.map(|mut fault| {
        fault.times = None;
        fault
    });
    let case = model([]).for_ever(script).settings(|settings| {
        settings.model.wordless = Duration::from_millis(150);
        settings.retry.max_attempts = 2;
    });
    let played = case.check("provider_timeout", 2, &[]).await;
    assert!(played.world.model.wait_for_dropped(2, Duration::from_secs(5)).await, "nothing stays open");
}

#[tokio::test]
async fn comments_for_ever_are_not_waited_for_for_ever() {
    endless(&[], ": keep-alive\n\n").await;
    endless(&[said("a")], ": keep-alive\n\n").await;
}

#[tokio::test]
async fn blank_lines_for_ever_are_not_waited_for_for_ever() {
    endless(&[], "\n").await;
    endless(&[said("a")], "\r\n").await;
    endless(&[said("a")], "data:\n\n").await;
}

#[tokio::test]
async fn a_byte_now_and_then_is_not_waited_for_for_ever() {
    endless(&["data: {\"choices\": [{\"delta\": {\"content\": \"".to_owned()], "x").await;
}

#[tokio::test]
async fn events_that_say_nothing_are_not_waited_for_for_ever() {
    endless(&[said("a")], "data: {\"choices\":[]}\n\n").await;
    endless(&[], "data: {\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\n").await;
}

#[tokio::test]
async fn a_slow_but_steady_answer_is_waited_for() {
    let pieces = ["a", "b", "c", "d", "e", "f"].map(said);
    let mut reply = raw(&pieces);
    reply.pieces.push(finish(&json!("stop")).into());
    reply.pause = Duration::from_millis(50);
    let case = model([body(RawBody { ending: Ending::Clean, ..reply })]);
    let case = case.settings(|settings| settings.model.wordless = Duration::from_millis(180));
    let played = case.check(COMPLETED, 1, &[]).await;
    assert_eq!(played.events.answers()[0].text, "abcdef");
}
