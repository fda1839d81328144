//! DeepSeek: the thinking switch, reasoning that must come back, its finish reason, usage and keep-alives.

use std::time::Duration;

use serde_json::json;
use slipway_protocol::run::RunOutcome;
use slipway_scripted_model::fault::{FaultKind, RawBody};

use super::{at, chunks, delta, faulty, finish, foreign_history, playing, playing_with, text};
use crate::harness::quick;

const PRO: &str = "deepseek-v4-pro";

#[tokio::test]
async fn thinking_is_switched_off_by_its_own_field_and_off_is_never_an_effort() {
    for effort in ["off", "none"] {
        let place = at("deepseek", PRO, "{text: ok}").await.with("reasoning_effort", json!(effort));
        let place = place.after(foreign_history(&json!({}), &json!({}), "r"));
        place.run().await;
        let body = place.body(0);
        assert_eq!(body["thinking"], json!({"type": "disabled"}));
        assert!(body.get("reasoning_effort").is_none());
        assert!(place.sent_back(0)[0].get("reasoning_content").is_none(), "nobody thinks, nobody asks");
    }
}

#[tokio::test]
async fn efforts_are_sent_as_deepseek_knows_them() {
    let place = at("deepseek", PRO, "{text: ok}").await.with("reasoning_effort", json!("ultra"));
    place.run().await;
    assert_eq!(place.body(0)["reasoning_effort"], "max");
}

#[tokio::test]
async fn reasoning_comes_back_with_every_call_and_as_a_space_where_there_was_none() {
    let steps = "{reasoning: hm, tool_calls: [{id: a, name: write_file}]},
        {tool_calls: [{id: b, name: write_file}]}, {text: done}";
    let place = at("deepseek", PRO, steps).await;
    assert_eq!(*place.run().await.outcome(), RunOutcome::Completed);
    let sent = place.sent_back(2);
    assert_eq!((&sent[0]["reasoning_content"], &sent[1]["reasoning_content"]), (&json!("hm"), &json!(" ")));
}

#[tokio::test]
async fn a_history_of_another_model_gets_reasoning_too() {
    let place = at("deepseek", PRO, "{text: ok}").await.after(foreign_history(&json!({}), &json!({}), "r"));
    place.run().await;
    assert_eq!(place.sent_back(0)[0]["reasoning_content"], " ");
}

#[tokio::test]
async fn content_is_always_text_and_an_empty_result_says_so() {
    let place = at("deepseek", PRO, "{text: ok}").await.after(foreign_history(&json!({}), &json!({}), ""));
    place.run().await;
    let messages = place.world.messages(0);
    assert!(messages.iter().all(|message| message["content"].is_string()), "{messages:?}");
    assert_eq!(place.sent_back(0)[0]["content"], "");
    let result = messages.iter().find(|message| message["role"] == "tool").expect("a result");
    assert_eq!(result["content"], "(no output)");
}

#[tokio::test]
async fn insufficient_system_resource_is_asked_again() {
    let cut = chunks(&[delta(&json!({"content": "half"})), finish("insufficient_system_resource")]);
    let mut cut = cut;
    cut.text = "whole".to_owned();
    cut.fault.as_mut().expect("raw").times = Some(1);
    let place = playing("deepseek", PRO, vec![cut]).await;
    let events = place.run().await;
    assert_eq!(events.streamed_text(), "whole");
    assert_eq!(events.retries()[0].2, "provider_overloaded");
}

#[tokio::test]
async fn usage_counters_do_not_overlap_and_are_priced() {
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 100_000,
        "prompt_cache_hit_tokens": 700_000, "prompt_cache_miss_tokens": 300_000,
        "completion_tokens_details": {"reasoning_tokens": 60_000}}});
    let reply = chunks(&[delta(&json!({"content": "ok"})), finish("stop"), usage]);
    let place = playing("deepseek", PRO, vec![reply]).await;
    let usage = place.run().await.answers()[0].usage.expect("usage");
    assert_eq!(
        (usage.input, usage.cached, usage.output, usage.reasoning),
        (300_000, 700_000, 40_000, 60_000)
    );
    // 0.3 × 1.32 + 0.7 × 0.044 + 0.1 × 3.96 dollars
    assert_eq!(usage.cost_micros, Some(396_000 + 30_800 + 396_000));
}

#[tokio::test]
async fn keep_alive_comments_hold_the_line_while_the_request_waits() {
    let comment = || b": keep-alive\n\n".to_vec().into();
    let end = chunks(&[delta(&json!({"content": "ok"})), finish("stop")]);
    let Some(FaultKind::Raw(events)) = end.fault.map(|fault| fault.kind) else { panic!("raw") };
    let mut pieces: Vec<_> = (0..6).map(|_| comment()).collect();
    pieces.push(events.concat().into_bytes().into());
    let body = RawBody { pieces, pause: Duration::from_millis(400), ..RawBody::default() };
    let mut settings = quick();
    (settings.model.first_byte, settings.model.idle) =
        (Duration::from_millis(1_500), Duration::from_millis(1_500));
    let place = playing_with("deepseek", PRO, vec![faulty(FaultKind::Body(body), None)], settings).await;
    let events = place.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert!(events.retries().is_empty());
}

#[tokio::test]
async fn an_old_name_may_be_answered_by_the_new_one() {
    let mut reply = text("ok");
    reply.model = Some("deepseek-flash".to_owned());
    let place = playing("deepseek", "deepseek-v4-flash", vec![reply]).await;
    assert_eq!(*place.run().await.outcome(), RunOutcome::Completed);
}
