//! The model that answers is the one that was asked for, or nothing more is paid.

use serde_json::json;
use slipway_protocol::run::RunOutcome;

use super::{call, chunks, delta, finish, playing, text};

fn answer_of(model: &str) -> slipway_scripted_model::script::Reply {
    let mut first = delta(&json!({"tool_calls": [call("a", &json!({}))]}));
    first["model"] = json!(model);
    chunks(&[first, finish("tool_calls")])
}

#[tokio::test]
async fn another_model_ends_the_run_before_a_tool_runs_or_another_call_is_made() {
    for (profile, asked, answered) in [
        ("deepseek", "deepseek-v4-pro", "deepseek-flash"),
        ("openai", "gpt-5.5", "gpt-5.4-mini-2026-03-17"),
        ("openrouter", "deepseek/deepseek-v4-pro", "deepseek/deepseek-v3.2"),
        ("ollama", "qwen3:32b", "qwen3:8b"),
        ("custom", "big", "small"),
    ] {
        let place = playing(profile, asked, vec![answer_of(answered), text("done")]).await;
        let events = place.run().await;
        assert_eq!(events.code(), "provider_wrong_model", "{asked} {answered}");
        assert!(events.detail().contains(asked) && events.detail().contains(answered));
        assert_eq!(place.requests(), 1, "no second call");
        assert!(place.world.tools.names().is_empty(), "no tool");
        assert!(events.answers().is_empty());
    }
}

#[tokio::test]
async fn other_names_of_the_same_model_pass() {
    for (profile, asked, answered) in [
        ("deepseek", "deepseek-v4-flash", "deepseek-v4.1-flash"),
        ("deepseek", "deepseek-v4-pro", "DeepSeek-V4-Pro-0813"),
        ("openai", "gpt-5.6", "gpt-5.6-sol"),
        ("openrouter", "anthropic/claude-sonnet-4.5", "anthropic/claude-4.5-sonnet-20250929"),
        ("openrouter", "openrouter/auto", "z-ai/glm-5.3"),
        ("gemini", "gemini-flash-latest", "models/gemini-3.5-flash"),
        ("vertex", "google/gemini-2.5-pro", "gemini-2.5-pro"),
        ("ollama", "qwen3", "qwen3:latest"),
        ("lmstudio", "any", "qwen3-8b"),
    ] {
        let place = playing(profile, asked, vec![answer_of(answered), text("done")]).await;
        let mut place = place;
        // The second answer, a plain one, names itself as it was asked for.
        place.request.model.base_url = place.world.model.base_url();
        assert_eq!(*place.run().await.outcome(), RunOutcome::Completed, "{asked} {answered}");
        assert_eq!(place.world.tools.names(), ["write_file"]);
    }
}

#[tokio::test]
async fn a_name_that_changes_in_mid_answer_is_judged_by_the_first() {
    let mut first = delta(&json!({"content": "o"}));
    first["model"] = json!("");
    let mut second = delta(&json!({"content": "k"}));
    second["model"] = json!("small");
    let place = playing("custom", "big", vec![chunks(&[first, second, finish("stop")])]).await;
    assert_eq!(place.run().await.code(), "provider_wrong_model");
}
