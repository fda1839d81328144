//! OpenRouter: reasoning details, cost, errors inside the stream, pinning of the upstream, cache marks.

use serde_json::{Value, json};
use slipway_protocol::cost::Payment;
use slipway_protocol::run::RunOutcome;

use super::{at, call, chunks, delta, finish, foreign_history, playing, raw, refusal, text};

const DEEPSEEK: &str = "deepseek/deepseek-v4-pro";
const CLAUDE: &str = "anthropic/claude-sonnet-5";

/// What is sent back after an answer with these pieces of reasoning details and a call.
async fn sent_back(model: &str, pieces: &[Value]) -> Value {
    let mut events: Vec<Value> =
        pieces.iter().map(|piece| delta(&json!({"content": "", "reasoning_details": piece}))).collect();
    events.push(delta(&json!({"tool_calls": [call("a", &json!({}))]})));
    events.push(finish("tool_calls"));
    let place = playing("openrouter", model, vec![chunks(&events), text("done")]).await;
    assert_eq!(*place.run().await.outcome(), RunOutcome::Completed);
    place.sent_back(1)[0].clone()
}

#[tokio::test]
async fn reasoning_details_come_back_unmodified_and_in_order() {
    let details = json!([
        {"type": "reasoning.text", "text": "b", "format": "x", "id": null, "zeta": {"k": [1, 2.50]}},
        {"type": "reasoning.encrypted", "data": "AAA=", "index": 1},
        {"type": "reasoning.summary", "summary": "s", "index": 0}
    ]);
    let sent = sent_back(DEEPSEEK, std::slice::from_ref(&details)).await;
    assert_eq!(sent["reasoning_details"].to_string(), details.to_string());
}

#[tokio::test]
async fn reasoning_details_that_came_in_pieces_come_back_whole() {
    let piece = |text: &str| json!([{"type": "reasoning.text", "index": 0, "text": text, "signature": null}]);
    let last = json!([{"type": "reasoning.text", "index": 0, "signature": "sig"}]);
    let sent = sent_back(CLAUDE, &[piece("a"), piece("b"), last]).await;
    assert_eq!(
        sent["reasoning_details"],
        json!([{"type": "reasoning.text", "index": 0, "text": "ab", "signature": "sig"}])
    );
}

#[tokio::test]
async fn empty_reasoning_details_come_back_empty() {
    let sent = sent_back(DEEPSEEK, &[json!([])]).await;
    assert_eq!(sent["reasoning_details"], json!([]));
}

#[tokio::test]
async fn unsigned_reasoning_is_left_out_for_anthropic_only() {
    let details = json!([
        {"type": "reasoning.text", "text": "unsigned"},
        {"type": "reasoning.text", "text": "signed", "signature": "s"},
        {"type": "reasoning.encrypted", "data": "x"}
    ]);
    let history = foreign_history(&json!({"reasoning_details": details}), &json!({}), "r");
    for (model, kept) in [(CLAUDE, 2), (DEEPSEEK, 3)] {
        let place = at("openrouter", model, "{text: ok}").await.after(history.clone());
        place.run().await;
        let sent = place.sent_back(0)[0]["reasoning_details"].as_array().expect("details").len();
        assert_eq!(sent, kept, "{model}");
    }
}

#[tokio::test]
async fn the_cost_of_each_call_is_taken_as_reported() {
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 2, "cost": 0.001_234,
        "cost_details": {"upstream_inference_cost": null},
        "prompt_tokens_details": {"cached_tokens": 4}}});
    let comment = ": OPENROUTER PROCESSING\n\n".to_owned();
    let data = |value: &Value| format!("data: {value}\n\n");
    let events = vec![
        comment.clone(),
        comment,
        data(&delta(&json!({"content": "ok"}))),
        data(&finish("stop")),
        data(&usage),
    ];
    let mut place = playing("openrouter", DEEPSEEK, vec![raw(events)]).await;
    let usage = place.run().await.answers()[0].usage.expect("usage");
    assert_eq!((usage.cost_micros, usage.input, usage.cached), (Some(1_234), 6, 4));
    assert_eq!(place.body(0)["usage"], json!({"include": true}));
    place.request.model.payment = Some(Payment::FlatPlan);
    let usage = place.run().await.answers()[0].usage.expect("usage");
    assert_eq!((usage.cost_micros, usage.included, usage.input), (None, 12, 6));
}

#[tokio::test]
async fn an_error_after_the_first_token_is_an_error_and_quotes_the_upstream() {
    let error = json!({"id": "gen-1", "error": {"code": 502, "message": "Provider returned error",
        "metadata": {"raw": "gpu on fire", "provider_name": "DeepSeek"}},
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]});
    let reply = chunks(&[delta(&json!({"content": "half"})), error]);
    let place = playing("openrouter", DEEPSEEK, vec![reply]).await;
    let events = place.run().await;
    assert_eq!(events.code(), "provider_overloaded");
    assert!(events.detail().contains("gpu on fire"), "{}", events.detail());
    assert!(events.answers().is_empty());
    assert_eq!(place.requests(), 4);
}

#[tokio::test]
async fn numeric_codes_are_classified_and_the_raw_words_are_shown() {
    let error = r#"{"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"deepseek is temporarily rate-limited upstream"}}}"#;
    let place =
        playing("openrouter", DEEPSEEK, vec![refusal(429, &[("retry-after", "0")], error, None)]).await;
    let events = place.run().await;
    assert_eq!((events.code(), place.requests()), ("provider_rate_limited", 4));
    assert!(events.detail().contains("rate-limited upstream"));
}

#[tokio::test]
async fn the_upstream_is_pinned_to_the_maker_and_may_be_chosen() {
    let pinned = at("openrouter", DEEPSEEK, "{text: ok}").await;
    pinned.run().await;
    assert_eq!(
        pinned.body(0)["provider"],
        json!({"require_parameters": true, "only": ["deepseek"], "allow_fallbacks": false})
    );
    let chosen = at("openrouter", DEEPSEEK, "{text: ok}").await.with("provider", json!({"only": ["novita"]}));
    chosen.run().await;
    assert_eq!(
        chosen.body(0)["provider"],
        json!({"require_parameters": true, "only": ["novita"], "allow_fallbacks": false})
    );
}

#[tokio::test]
async fn anthropics_models_get_cache_marks_and_others_plain_text() {
    let steps = "{tool_calls: [{id: a, name: write_file}]}, {text: done}";
    let claude = at("openrouter", CLAUDE, steps).await;
    claude.run().await;
    let messages = claude.world.messages(1);
    let mark = json!({"type": "ephemeral"});
    for position in [0, 1, 3] {
        assert_eq!(messages[position]["content"][0]["cache_control"], mark, "message {position}");
        assert!(messages[position]["content"][0]["text"].is_string());
    }
    assert!(messages[2]["content"].is_string(), "answers are left as they came");
    let deepseek = at("openrouter", DEEPSEEK, steps).await;
    deepseek.run().await;
    assert!(deepseek.world.messages(1).iter().all(|message| message["content"].is_string()));
}
