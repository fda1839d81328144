//! Anthropic's OpenAI-compatible endpoint.

use serde_json::json;

use super::at;

#[tokio::test]
async fn the_temperature_is_at_most_one_and_nothing_is_cached() {
    let place = at("anthropic", "claude-sonnet-4-6", "{text: ok}").await.with("temperature", json!(1.7));
    place.run().await;
    let body = place.body(0);
    assert_eq!(body["temperature"], 1.0);
    assert!(!body.to_string().contains("cache_control"));
    let profile = slipway_engine::profile("anthropic");
    assert!(profile.title.contains("no prompt cache"));
    assert!(profile.cache.is_some_and(|rule| !rule.rewards_prefixes()));
}

#[tokio::test]
async fn there_is_one_system_message_and_it_is_the_first() {
    let steps =
        "{tool_calls: [{id: a, name: fail}]}, {tool_calls: [{id: b, name: no_such_tool}]}, {text: ok}";
    let place = at("anthropic", "claude-sonnet-4-6", steps).await;
    place.run().await;
    let roles: Vec<String> = place
        .world
        .messages(2)
        .iter()
        .map(|message| message["role"].as_str().expect("role").to_owned())
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "assistant", "tool"]);
}

#[tokio::test]
async fn a_dated_name_is_the_same_model() {
    let place = at("anthropic", "claude-haiku-4-5", "{text: ok, model: claude-haiku-4-5-20251001}").await;
    assert!(place.run().await.retries().is_empty());
    assert_eq!(place.run().await.answers()[0].model, "claude-haiku-4-5-20251001");
}
