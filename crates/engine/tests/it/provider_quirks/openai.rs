//! OpenAI: the cache key, its name for the output limit, and tools without reasoning.

use serde_json::json;
use slipway_protocol::run::RunOutcome;

use super::{at, playing, refusal};

const REFUSAL: &str = r#"{"error":{"message":"Function tools with reasoning_effort are not supported for gpt-5.7-sol in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.","type":"invalid_request_error","param":"reasoning_effort","code":null}}"#;

#[tokio::test]
async fn the_cache_key_is_the_conversation_and_stays() {
    let steps = "{tool_calls: [{id: a, name: write_file}]}, {text: done}";
    let place = at("openai", "gpt-5.4", steps).await;
    place.run().await;
    for number in 0..2 {
        let body = place.body(number);
        assert_eq!(body["prompt_cache_key"], "conv_1");
        assert!(body["max_completion_tokens"].is_number() && body.get("max_tokens").is_none());
        assert!(body.get("reasoning_effort").is_none());
    }
}

#[tokio::test]
async fn models_known_to_take_tools_only_without_reasoning_are_told_so() {
    for model in ["gpt-6-sol", "gpt-6.1-terra", "gpt-5.6-luna"] {
        let place = at("openai", model, "{text: ok}").await;
        place.run().await;
        assert_eq!(place.body(0)["reasoning_effort"], "none", "{model}");
    }
}

#[tokio::test]
async fn models_known_to_take_no_tools_are_not_even_asked() {
    for model in ["gpt-6.1-sol", "gpt-6-astra", "gpt-6.1-sol-2026-10-06"] {
        let place = at("openai", model, "{text: ok}").await;
        let events = place.run().await;
        assert_eq!((events.code(), place.requests()), ("provider_model_without_tools", 0), "{model}");
        assert!(events.detail().contains(model), "{}", events.detail());
        let RunOutcome::Failed { problem } = events.outcome() else { panic!("failed") };
        assert!(problem.hint.contains("OpenRouter"), "{}", problem.hint);
    }
    // A router may ask it over its own interface.
    let routed = at("openrouter", "openai/gpt-6.1-sol", "{text: ok}").await;
    assert_eq!(*routed.run().await.outcome(), RunOutcome::Completed);
}

#[tokio::test]
async fn a_model_found_to_take_tools_only_without_reasoning_is_told_so_from_then_on() {
    let mut first = refusal(400, &[], REFUSAL, Some(1));
    first.tool_calls = serde_json::from_value(json!([{"id": "a", "name": "write_file"}])).expect("a call");
    let place = playing("openai", "gpt-5.7-sol", vec![first, super::text("done")]).await;
    assert_eq!(*place.run().await.outcome(), RunOutcome::Completed);
    let efforts: Vec<_> = (0..3).map(|number| place.body(number).get("reasoning_effort").cloned()).collect();
    assert_eq!(efforts, [None, Some(json!("none")), Some(json!("none"))]);
}

#[tokio::test]
async fn a_model_found_to_take_no_tools_at_all_ends_the_run_with_advice() {
    let place = playing("openai", "gpt-7-sol", vec![refusal(400, &[], REFUSAL, None)]).await;
    let events = place.run().await;
    assert_eq!((events.code(), place.requests()), ("provider_bad_request", 2));
    let RunOutcome::Failed { problem } = events.outcome() else { panic!("failed") };
    assert!(problem.hint.contains("OpenRouter"), "{}", problem.hint);
}
