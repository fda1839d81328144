//! Odd ends of answers.

use serde_json::{Value, json};
use slipway_protocol::run::RunOutcome;

use super::{call, chunks, delta, finish, playing, text};

#[tokio::test]
async fn calls_are_made_whatever_the_finish_reason_says() {
    for reason in ["stop", "end_turn", "STOP", "function_call", "something_new"] {
        let reply = chunks(&[delta(&json!({"tool_calls": [call("a", &json!({}))]})), finish(reason)]);
        let place = playing("custom", "m", vec![reply, text("done")]).await;
        assert_eq!(*place.run().await.outcome(), RunOutcome::Completed, "{reason}");
        assert_eq!(place.world.tools.names(), ["write_file"], "{reason}");
    }
}

#[tokio::test]
async fn an_end_without_a_reason_is_an_error_and_is_retried_a_few_times_only() {
    let reply = chunks(&[delta(&json!({"content": "half"}))]);
    let place = playing("custom", "m", vec![reply]).await;
    assert_eq!((place.run().await.code(), place.requests()), ("provider_stream_cut", 4));
}

#[tokio::test]
async fn empty_answers_are_asked_again_a_few_times_only() {
    let place = playing("custom", "m", vec![chunks(&[delta(&json!({"content": ""})), finish("stop")])]).await;
    assert_eq!((place.run().await.code(), place.requests()), ("model_empty_answer", 3));
}

#[tokio::test]
async fn filtered_answers_end_the_run_with_that_reason() {
    for reason in ["content_filter", "SAFETY", "RECITATION", "prohibited_content", "refusal", "sensitive"] {
        let reply: Value = finish(reason);
        let place = playing("custom", "m", vec![chunks(&[reply])]).await;
        assert_eq!((place.run().await.code(), place.requests()), ("provider_refused", 1), "{reason}");
    }
}

#[tokio::test]
async fn a_refusal_in_its_own_field_is_shown() {
    let reply = chunks(&[delta(&json!({"content": null, "refusal": "I will not"})), finish("stop")]);
    let events = playing("custom", "m", vec![reply]).await.run().await;
    let shown = events.answers().first().map(|answer| answer.text.clone());
    assert!(shown.as_deref() == Some("I will not") || events.detail().contains("I will not"));
}
