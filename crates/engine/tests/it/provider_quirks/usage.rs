//! Where usage figures may be, and in which of them.

use serde_json::{Value, json};
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
