//! GLM at Z.ai: preserved thinking, its finish reasons, and prompts that are cut without a word.

use serde_json::{Value, json};
use slipway_protocol::run::RunOutcome;

use super::{at, chunks, delta, finish, playing};

#[tokio::test]
async fn thinking_is_kept_across_turns_and_reasoning_comes_back() {
    let steps = "{reasoning: hm, tool_calls: [{id: a, name: write_file}]}, {text: done}";
    let place = at("zai", "glm-5.2", steps).await;
    place.run().await;
    assert_eq!(place.body(0)["thinking"], json!({"type": "enabled", "clear_thinking": false}));
    assert_eq!(place.sent_back(1)[0]["reasoning_content"], "hm");
}

#[tokio::test]
async fn no_role_and_no_field_that_it_does_not_know_is_sent() {
    let place = at("zai", "glm-5.2", "{text: ok}").await;
    place.run().await;
    let body = place.body(0);
    let roles: Vec<&Value> = body["messages"].as_array().expect("list").iter().map(|m| &m["role"]).collect();
    assert_eq!(roles, [&json!("system"), &json!("user")]);
    assert!(body.get("store").is_none() && body.get("max_completion_tokens").is_none());
    assert!(body["max_tokens"].as_u64().is_some_and(|tokens| tokens <= 131_072));
}

#[tokio::test]
async fn thinking_that_cannot_be_switched_off_is_left_on() {
    let place = at("zai", "glm-5.3", "{text: ok}").await.with("thinking", json!({"type": "disabled"}));
    place.run().await;
    assert_eq!(place.body(0)["thinking"]["type"], "enabled");
    let older = at("zai", "glm-5.1", "{text: ok}").await.with("thinking", json!({"type": "disabled"}));
    older.run().await;
    assert_eq!(older.body(0)["thinking"]["type"], "disabled");
}

async fn check_finish(reason: &str, code: &str, requests: usize) {
    let reply = chunks(&[delta(&json!({"content": ""})), finish(reason)]);
    let place = playing("zai", "glm-5.2", vec![reply]).await;
    assert_eq!(place.run().await.code(), code, "{reason}");
    assert_eq!(place.requests(), requests, "{reason}");
}

#[tokio::test]
async fn its_finish_reasons_are_understood() {
    check_finish("sensitive", "provider_refused", 1).await;
    check_finish("network_error", "provider_overloaded", 4).await;
}

#[tokio::test]
async fn the_window_is_named_when_the_finish_reason_says_it_is_exceeded() {
    let reply = chunks(&[finish("model_context_window_exceeded")]);
    let place = playing("zai", "glm-5.2", vec![reply]).await;
    assert_eq!(place.run().await.code(), "provider_context_overflow");
}

fn counted(tokens: u64) -> Value {
    json!({"choices": [], "usage": {"prompt_tokens": tokens, "completion_tokens": 1}})
}

#[tokio::test]
async fn a_prompt_longer_than_the_window_is_noticed_from_the_usage() {
    let reply = |tokens| chunks(&[delta(&json!({"content": "ok"})), finish("stop"), counted(tokens)]);
    let place = playing("zai", "glm-5.1", vec![reply(200_001)]).await;
    let events = place.run().await;
    assert_eq!(events.code(), "provider_context_overflow");
    assert!(events.detail().contains("200001") && events.detail().contains("200000"), "{}", events.detail());
    assert!(events.answers().is_empty(), "an answer to a cut prompt is none");
    let fits = playing("zai", "glm-5.1", vec![reply(200_000)]).await;
    assert_eq!(*fits.run().await.outcome(), RunOutcome::Completed);
}
