//! Bytes that a stream should not be made of.

use std::time::Duration;

use serde_json::{Value, json};
use slipway_protocol::usage::UsageSource;

use crate::hostile::case::{COMPLETED, Played, body, model};
use crate::hostile::sse::{DONE, delta, event, finish, piece, raw, said, stream};

const A: &str = r#"{"path":"a"}"#;

/// A stream with reasoning, text and a call.
fn whole() -> String {
    let call = |arguments: &str, name: &str| {
        piece(&json!({"index": 0, "id": "x", "function": {"name": name, "arguments": arguments}}))
    };
    [
        delta(&json!({"reasoning_content": "hm"})),
        said("ä€😀"),
        call("", "write_file"),
        call(A, ""),
        finish(&json!("tool_calls")),
        event(&json!({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}})),
        DONE.to_owned(),
    ]
    .concat()
}

/// The stream is understood although it came like this.
async fn understood(pieces: &[impl AsRef<[u8]>]) -> Played {
    let case = model([stream(pieces)]).settings(|settings| settings.model.idle = Duration::from_secs(5));
    let played = case.check(COMPLETED, 2, &["write_file a"]).await;
    assert_eq!(played.events.answers()[0].text, "ä€😀");
    assert_eq!(played.events.answers()[0].reasoning, "hm");
    assert_eq!(played.events.answers()[0].usage.expect("usage").input, 7);
    played
}

#[tokio::test]
async fn one_byte_at_a_time_is_understood() {
    let bytes: Vec<Vec<u8>> = whole().into_bytes().chunks(1).map(<[u8]>::to_vec).collect();
    understood(&bytes).await;
}

#[tokio::test]
async fn byte_order_marks_and_odd_line_ends_are_understood() {
    understood(&[format!("\u{feff}{}", whole())]).await;
    understood(&[whole().replace('\n', "\r")]).await;
    understood(&[whole().replace('\n', "\r\n")]).await;
    understood(&[whole().replace("data: ", "data:")]).await;
    understood(&[whole().replace("\n\n", "\n\n\n\n")]).await;
    understood(&[whole().trim_end().to_owned()]).await;
}

#[tokio::test]
async fn comments_and_fields_that_mean_nothing_are_skipped() {
    understood(&[whole().replace("data: ", ": OPENROUTER PROCESSING\n\nevent: x\nid: 7\nretry: 5\ndata: ")])
        .await;
    understood(&[format!("data:\n\ndata: \n\n{}", whole())]).await;
    understood(&[format!("{}{}", event(&json!({})), whole())]).await;
    understood(&[format!("{}{}", event(&json!({"choices": null, "object": 7, "created": -1.5})), whole())])
        .await;
}

#[tokio::test]
async fn white_space_for_a_long_time_before_the_stream_is_skipped() {
    let blanks = vec!["\n \r\n\t".repeat(1_000); 200];
    understood(&[blanks, vec![whole()]].concat()).await;
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_replaced() {
    let text =
        [br#"data: {"choices":[{"delta":{"content":"x"#.as_slice(), &[0xff, 0xfe, 0xc3], b"y\"}}]}\n\n"]
            .concat();
    let played = model([stream(&[text, finish(&json!("stop")).into_bytes(), DONE.into()])]);
    let played = played.check(COMPLETED, 1, &[]).await;
    assert_eq!(played.events.answers()[0].text, "x\u{fffd}\u{fffd}\u{fffd}y");
}

#[tokio::test]
async fn an_emoji_that_is_cut_in_two_between_chunks_does_not_void_the_answer() {
    let half =
        |escape: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{escape}\"}}}}]}}\n\n");
    let reply = stream(&[
        half("a\\ud83d"),
        half("\\ude00b"),
        half("\\\\ud83d"),
        finish(&json!("stop")),
        DONE.to_owned(),
    ]);
    let played = model([reply]).check(COMPLETED, 1, &[]).await;
    assert_eq!(played.events.answers()[0].text, "a\u{fffd}\u{fffd}b\\ud83d");
}

#[tokio::test]
async fn nul_bytes_in_the_text_are_kept_and_outside_it_are_a_fault() {
    let reply = stream(&[said("a\0b"), finish(&json!("stop")), DONE.to_owned()]);
    let played = model([reply]).check(COMPLETED, 1, &[]).await;
    assert_eq!(played.events.answers()[0].text, "a\0b");
    let played = model([stream(&["data: \0\0\0\n\n", DONE])]).check(COMPLETED, 2, &[]).await;
    assert_eq!(played.events.retries()[0].2, "provider_bad_answer");
}

#[tokio::test]
async fn a_chunk_that_is_not_json_makes_the_call_again() {
    for odd in ["data: {\"choices\": [\n\n", "data: <html>\n\n", "data: [\n\n", "data: {}{}\n\n"] {
        let chunks =
            [piece(&json!({"index": 0, "id": "x", "function": {"name": "write_file", "arguments": A}}))];
        let reply = stream(&[chunks[0].as_str(), odd, &finish(&json!("tool_calls")), DONE]);
        let played = model([reply]).check(COMPLETED, 2, &[]).await;
        assert_eq!(played.events.retries()[0].2, "provider_bad_answer", "{odd}");
    }
}

#[tokio::test]
async fn values_that_are_no_chunks_are_survived() {
    for odd in ["7", "null", "\"text\"", "[]", "true"] {
        let reply = stream(&[said("a").as_str(), &format!("data: {odd}\n\n"), &finish(&json!("stop")), DONE]);
        let (world, request) = model([reply]).world().await;
        let events = world.run_with(request).await;
        assert!(matches!(events.answers()[0].text.as_str(), "a" | "fine"), "{odd}");
    }
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream_voids_the_answer() {
    let call = piece(&json!({"index": 0, "id": "x", "function": {"name": "write_file", "arguments": A}}));
    let error = event(
        &json!({"error": {"code": 502, "message": "upstream is gone"}, "choices": [{"finish_reason": "error"}]}),
    );
    let played = model([stream(&[call.as_str(), &error, DONE])]).check(COMPLETED, 2, &[]).await;
    assert_eq!(played.events.retries()[0].2, "provider_overloaded");
    let fatal = event(&json!({"error": {"code": 401, "message": "key was revoked"}}));
    model([stream(&[call.as_str(), &fatal])]).check("provider_key_rejected", 1, &[]).await;
}

#[tokio::test]
async fn a_line_that_never_ends_is_given_up() {
    let mut reply = raw(&["data: {\"choices\":[{\"delta\":{\"content\":\""]);
    reply.forever = Some("x".repeat(1 << 20).into());
    let case = model([body(reply)]).settings(|settings| {
        settings.retry.max_attempts = 1;
        settings.model.idle = Duration::from_secs(20);
    });
    let played = case.check("provider_bad_answer", 1, &[]).await;
    assert!(played.world.model.wait_for_dropped(1, Duration::from_secs(5)).await);
}

async fn usage(usage: &Value) -> slipway_protocol::usage::Usage {
    let reply = stream(&[
        said("a"),
        finish(&json!("stop")),
        event(&json!({"choices": [], "usage": usage})),
        DONE.to_owned(),
    ]);
    let played = model([reply]).check(COMPLETED, 1, &[]).await;
    played.events.answers()[0].usage.expect("usage is always told")
}

#[tokio::test]
async fn absent_and_senseless_usage_is_estimated() {
    for odd in [
        json!(null),
        json!({}),
        json!([]),
        json!("many"),
        json!({"prompt_tokens": -5, "completion_tokens": -1}),
        json!({"prompt_tokens": "?"}),
    ] {
        assert_eq!(usage(&odd).await.source, UsageSource::Estimated, "{odd}");
    }
}

#[tokio::test]
async fn absurd_usage_overflows_nothing() {
    let most = u64::MAX;
    for absurd in [
        json!({"prompt_tokens": most, "completion_tokens": most, "total_tokens": most,
            "prompt_tokens_details": {"cached_tokens": most}, "completion_tokens_details": {"reasoning_tokens": most}}),
        json!({"prompt_tokens": most, "completion_tokens": most}),
        json!({"prompt_tokens": 1e300, "completion_tokens": 1.5, "cost": 1e300}),
        json!({"prompt_tokens": 1, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": most}, "cost": -1}),
        json!({"prompt_tokens": 5, "completion_tokens": 1, "completion_tokens_details": {"reasoning_tokens": most}}),
    ] {
        let usage = usage(&absurd).await;
        assert!(usage.input.saturating_add(usage.cached) >= 1, "{absurd}");
    }
}
