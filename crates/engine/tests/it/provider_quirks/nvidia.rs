//! NVIDIA NIM: thinking by chat template, reasoning under two names, plain strings, a limit on silence.

use std::time::Duration;

use serde_json::json;
use slipway_engine::settings::Settings;
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_scripted_model::fault::FaultKind;
use slipway_scripted_model::script::Reply;

use super::{at, chunks, delta, faulty, finish, playing, playing_with, text};
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

/// Limits on the silence before an answer: the usual one, and the most that a profile may set instead.
fn waiting(usual: u64, most: u64) -> Settings {
    let mut settings = quick();
    settings.model.first_byte = Duration::from_millis(usual);
    settings.model.most_first_byte = Duration::from_millis(most);
    settings
}

#[tokio::test]
async fn a_model_that_queues_for_long_is_waited_for_longer_than_elsewhere() {
    let slow = || Reply { first_delay_ms: 1_500, ..text("ok") };
    let elsewhere = playing_with("custom", "x", vec![slow()], waiting(50, 60_000)).await;
    assert_eq!(elsewhere.run().await.code(), "provider_timeout");
    let place = playing_with("nvidia", "z-ai/glm-5.1", vec![slow()], waiting(50, 60_000)).await;
    let events = place.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert!(events.retries().is_empty(), "{:?}", events.retries());
}

#[tokio::test]
async fn a_model_that_hangs_is_given_up_on_and_asked_again() {
    let hangs = vec![faulty(FaultKind::Stall(0), Some(1))];
    let place = playing_with("nvidia", "z-ai/glm-5.1", hangs, waiting(50, 300)).await;
    let events = place.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!((events.retries()[0].2.as_str(), place.requests()), ("provider_timeout", 2));
    let words = events.0.iter().find_map(|event| match event {
        EngineEvent::Retrying { problem, .. } => Some(problem.detail.clone()),
        _ => None,
    });
    assert_eq!(words.as_deref(), Some("nothing came for 0.3 seconds"), "its own limit, not the usual one");
}
