//! Where usage figures may be, and in which of them.

use serde_json::{Value, json};
use slipway_protocol::run::EngineEvent;
use slipway_protocol::usage::{Usage, UsageSource};

use super::{chunks, delta, finish, playing};

async fn usage_of(parts: &[Value]) -> Usage {
    let place = playing("custom", "m", vec![chunks(parts)]).await;
    place.run().await.answers()[0].usage.expect("usage or an estimate")
}

fn counters(usage: &Usage) -> (u64, u64, u64, u64) {
    (usage.input, usage.cached, usage.output, usage.reasoning)
}

fn figures() -> Value {
    json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15,
        "prompt_tokens_details": {"cached_tokens": 4}, "completion_tokens_details": {"reasoning_tokens": 2}})
}

#[tokio::test]
async fn a_last_chunk_without_choices_the_last_choice_or_the_finish_may_carry_it() {
    let text = delta(&json!({"content": "ok"}));
    let mut with_finish = finish("stop");
    with_finish["usage"] = figures();
    let mut in_choice = finish("stop");
    in_choice["choices"][0]["usage"] = figures();
    let trailing = json!({"choices": [], "usage": figures()});
    let trailing_null = json!({"choices": null, "usage": figures()});
    for parts in [
        vec![text.clone(), finish("stop"), trailing],
        vec![text.clone(), finish("stop"), trailing_null],
        vec![text.clone(), with_finish],
        vec![text.clone(), in_choice],
    ] {
        assert_eq!(counters(&usage_of(&parts).await), (6, 4, 3, 2), "{parts:?}");
    }
}

#[tokio::test]
async fn the_last_figures_win_where_every_chunk_has_some() {
    let mut first = delta(&json!({"content": "ok"}));
    first["usage"] = json!({"prompt_tokens": 10, "completion_tokens": 1});
    let mut last = finish("stop");
    last["usage"] = json!({"prompt_tokens": 10, "completion_tokens": 7});
    assert_eq!(
        counters(&usage_of(&[first, last, json!({"choices": [], "usage": null})]).await),
        (10, 0, 7, 0)
    );
}

/// Usage figures of an answer from this provider with these figures, and what the engine says that it cost.
async fn usage_at(profile: &str, model: &str, figures: &Value) -> (Usage, u64) {
    let reply =
        chunks(&[delta(&json!({"content": "ok"})), finish("stop"), json!({"choices": [], "usage": figures})]);
    let mut place = playing(profile, model, vec![reply]).await;
    place.request.limits.max_cost_micros = Some(100_000_000);
    let events = place.run().await;
    let settled = events.0.iter().find_map(|event| match event {
        EngineEvent::Settled { spent, .. } => Some(*spent),
        _ => None,
    });
    let told = events.0.iter().find_map(|event| match event {
        EngineEvent::Usage { usage, .. } => Some(*usage),
        _ => None,
    });
    let recorded = events.answers()[0].usage.expect("usage");
    assert_eq!(told, Some(recorded), "events and records agree");
    let spent = settled.expect("settled");
    assert_eq!(spent.tokens, recorded.context_tokens(), "the budget counts every token once");
    (recorded, spent.cost_micros)
}

#[tokio::test]
async fn newly_cached_input_is_counted_apart_under_every_name_and_at_its_price() {
    let details = |name: &str| {
        json!({"prompt_tokens": 1_000_000, "completion_tokens": 0,
            "prompt_tokens_details": {"cached_tokens": 500_000, name: 200_000}})
    };
    let anthropics = json!({"prompt_tokens": 1_000_000, "completion_tokens": 0,
        "cache_read_input_tokens": 500_000, "cache_creation_input_tokens": 200_000});
    for figures in [details("cache_write_tokens"), details("cache_creation_tokens"), anthropics] {
        let (usage, spent) = usage_at("openrouter", "anthropic/claude-opus-4.8", &figures).await;
        assert_eq!((usage.input, usage.cached, usage.written), (300_000, 500_000, 200_000), "{figures}");
        // 0.3 × 5 + 0.5 × 0.5 + 0.2 × 5 × 1.25 dollars
        assert_eq!((usage.cost_micros, spent), (Some(3_000_000), 3_000_000), "{figures}");
    }
}

#[tokio::test]
async fn figures_that_leave_the_cache_out_of_the_prompt_are_understood() {
    let figures = json!({"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10,
        "cache_read_input_tokens": 5_000, "cache_creation_input_tokens": 200});
    let (usage, _) = usage_at("custom", "m", &figures).await;
    assert_eq!((usage.input, usage.cached, usage.written, usage.output), (7, 5_000, 200, 3));
    assert_eq!(usage.reasoning, 0);
}

#[tokio::test]
async fn openais_models_that_charge_for_it_count_it_too() {
    let figures = json!({"prompt_tokens": 1_000_000, "completion_tokens": 0,
        "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 1_000_000}});
    let (usage, spent) = usage_at("openai", "gpt-6-sol", &figures).await;
    assert_eq!((usage.input, usage.written, spent), (0, 1_000_000, 2_500_000));
}

#[tokio::test]
async fn more_in_the_cache_than_was_sent_is_not_believed() {
    let figures = json!({"prompt_tokens": 10, "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 900}});
    let (usage, _) = usage_at("custom", "m", &figures).await;
    assert_eq!((usage.input, usage.cached, usage.written), (0, 8, 2));
}

#[tokio::test]
async fn missing_figures_are_estimated_and_said_to_be() {
    let usage = usage_of(&[delta(&json!({"content": "ok"})), finish("stop")]).await;
    assert_eq!(usage.source, UsageSource::Estimated);
    assert!(usage.input > 0);
}

#[tokio::test]
async fn reasoning_beside_the_completion_is_counted_too() {
    let usage = json!({"choices": [], "usage":
        {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 35}});
    let counted = usage_of(&[delta(&json!({"content": "ok"})), finish("stop"), usage]).await;
    assert_eq!(counters(&counted), (10, 0, 5, 20));
}
