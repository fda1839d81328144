//! NVIDIA NIM: thinking by chat template, reasoning under two names, plain strings, a limit on silence.

use serde_json::json;
use slipway_protocol::run::RunOutcome;
use slipway_scripted_model::fault::FaultKind;

use super::{at, chunks, delta, faulty, finish, playing, playing_with};
use crate::harness::quick;

#[tokio::test]
async fn thinking_is_asked_for_in_the_words_of_each_models_template() {
    let deepseek = at("nvidia", "deepseek-ai/deepseek-v4-pro", "{text: ok}").await;
    deepseek.run().await;
    assert_eq!(deepseek.body(0)["chat_template_kwargs"], json!({"thinking": true}));
    let glm = at("nvidia", "z-ai/glm-5.1", "{text: ok}").await;
    glm.run().await;
    assert_eq!(
        glm.body(0)["chat_template_kwargs"],
        json!({"enable_thinking": true, "clear_thinking": false})
    );
}

#[tokio::test]
async fn the_template_can_be_told_more_and_otherwise() {
    let place = at("nvidia", "deepseek-ai/deepseek-v4-pro", "{text: ok}").await;
    let place = place.with("chat_template_kwargs", json!({"reasoning_effort": "high"}));
    place.run().await;
    assert_eq!(place.body(0)["chat_template_kwargs"], json!({"thinking": true, "reasoning_effort": "high"}));
}

#[tokio::test]
async fn reasoning_is_read_under_either_name_and_once_under_both() {
    for part in [
        json!({"reasoning": "hm"}),
        json!({"reasoning_content": "hm"}),
        json!({"reasoning": "hm", "reasoning_content": "hm"}),
    ] {
        let reply = chunks(&[delta(&part), delta(&json!({"content": "ok"})), finish("stop")]);
        let place = playing("nvidia", "z-ai/glm-5.1", vec![reply]).await;
        assert_eq!(place.run().await.answers()[0].reasoning, "hm", "{part}");
    }
}

#[tokio::test]
async fn every_content_is_a_plain_string() {
    let steps = "{tool_calls: [{id: a, name: write_file}]}, {text: done}";
    let place = at("nvidia", "z-ai/glm-5.1", steps).await;
    place.run().await;
    assert!(place.world.messages(1).iter().all(|message| message["content"].is_string()));
}

#[tokio::test]
async fn a_model_that_never_begins_is_given_up_on_and_asked_again() {
    // The profile's own limit is for production; a custom one has the engine's.
    let place = playing_with("custom", "x", vec![faulty(FaultKind::Stall(0), Some(1))], quick()).await;
    let events = place.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(events.retries()[0].2, "provider_timeout");
    assert!(slipway_engine::profile("nvidia").first_byte_seconds.is_some_and(|limit| limit <= 600));
}
