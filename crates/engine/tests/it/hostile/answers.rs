//! Answers with nothing in them, with too much, or in a form that nobody asked for.

use std::time::Duration;

use serde_json::json;
use slipway_scripted_model::fault::RawBody;

use crate::hostile::case::{COMPLETED, Played, body, model, text, write};
use crate::hostile::sse::{DONE, delta, finish, raw, said, stream};

#[tokio::test]
async fn empty_answers_are_told_to_the_model_then_end_the_run() {
    let played = model([]).for_ever(text("")).check("model_empty_answer", 3, &[]).await;
    played.tells("Your last answer was empty");
    assert!(played.events.answers().is_empty());
}

#[tokio::test]
async fn an_empty_answer_after_work_loses_none_of_it() {
    let empty = stream(&[finish(&json!("stop")).as_str(), DONE]);
    let played = model([write(r#"{"path":"a"}"#), empty]).check(COMPLETED, 3, &["write_file a"]).await;
    played.tells("Your last answer was empty");
    assert_eq!(played.events.answers()[1].text, "fine");
}

#[tokio::test]
async fn white_space_is_no_answer() {
    model([]).for_ever(text(" \n\t ")).check("model_empty_answer", 3, &[]).await;
}

#[tokio::test]
async fn reasoning_alone_is_no_answer() {
    let mut reply = text("");
    reply.reasoning = "I could write a file.".to_owned();
    model([]).for_ever(reply).check("model_empty_answer", 3, &[]).await;
}

#[tokio::test]
async fn two_megabytes_of_arguments_arrive_whole() {
    let played = model([write(&json!({"path": "a", "text": "é".repeat(1 << 20)}).to_string())]);
    let played = played.check(COMPLETED, 2, &["write_file a"]).await;
    assert_eq!(played.arguments()[0]["text"].as_str().map(str::len), Some(2 << 20));
}

#[tokio::test]
async fn two_megabytes_of_text_in_one_chunk_arrive_whole() {
    let long = "xé€😀\n".repeat(200_000);
    let reply = stream(&[said(&long).as_str(), &finish(&json!("stop")), DONE]);
    let played = model([reply]).settings(|settings| settings.model.idle = Duration::from_secs(20));
    let played = played.check(COMPLETED, 1, &[]).await;
    assert!(played.events.answers()[0].text == long);
}

#[tokio::test]
async fn an_answer_that_never_ends_is_given_up_at_16_mebibytes() {
    let piece = said(&"x".repeat(256 << 10)).into();
    let reply = body(RawBody { forever: Some(piece), ..RawBody::default() });
    let played = model([reply]).settings(|settings| settings.model.idle = Duration::from_secs(20));
    let played = played.check("model_answer_too_long", 1, &[]).await;
    assert!(
        played.world.model.wait_for_dropped(1, Duration::from_secs(5)).await,
        "the provider is hung up on"
    );
}

#[tokio::test]
async fn a_refusal_is_shown_in_the_models_own_words() {
    let refusal = |reason: &str| {
        stream(&[
            delta(&json!({"refusal": "I can't help with that."})).as_str(),
            &finish(&json!(reason)),
            DONE,
        ])
    };
    let played = model([refusal("stop")]).check("provider_refused", 1, &[]).await;
    assert_eq!(played.events.detail(), "I can't help with that.");
    model([refusal("content_filter")]).check("provider_refused", 1, &[]).await;
    model([refusal("refusal")]).check("provider_refused", 1, &[]).await;
}

#[tokio::test]
async fn content_of_odd_types_is_read_or_left_out() {
    let chunks = [
        delta(&json!({"content": null, "reasoning_content": null, "tool_calls": null})),
        delta(&json!({"content": [{"type": "text", "text": "a"}, {"type": "image_url"}, "b"]})),
        delta(&json!({"content": {"text": "lost"}})),
        delta(&json!({"content": 7, "tool_calls": "none"})),
        delta(&json!("odd")),
        delta(&json!({"content": "c", "function_call": {"name": "old"}, "audio": {"id": 1}})),
        finish(&json!("stop")),
        DONE.to_owned(),
    ];
    let played = model([stream(&chunks)]).check(COMPLETED, 1, &[]).await;
    assert_eq!(played.events.answers()[0].text, "abc");
}

#[tokio::test]
async fn a_whole_answer_instead_of_a_stream_is_acted_on_once() {
    let whole = json!({"model": "scripted", "choices": [{"finish_reason": "tool_calls", "message": {"content": null,
        "tool_calls": [{"id": "x", "function": {"name": "write_file", "arguments": "{\"path\":\"a\"}"}}]}}]});
    let mut reply = raw(&[whole.to_string()]);
    reply.headers.insert("content-type".to_owned(), "application/json".to_owned());
    model([body(reply)]).check(COMPLETED, 2, &["write_file a"]).await;
}

#[tokio::test]
async fn a_web_page_instead_of_an_answer_is_not_shown_as_one() {
    let mut reply = raw(&["<!DOCTYPE html><html><body>Please log in</body></html>"]);
    reply.headers.insert("content-type".to_owned(), "text/html".to_owned());
    let played = model([body(reply)]).check(COMPLETED, 2, &[]).await;
    assert_eq!(played.events.retries()[0].2, "provider_bad_answer");
    assert_eq!(played.events.answers()[0].text, "fine");
}

#[tokio::test]
async fn plain_words_instead_of_events_are_not_an_answer() {
    let mut reply = raw(&["Service temporarily unavailable, please try again"]);
    reply.headers.insert("content-type".to_owned(), "text/plain".to_owned());
    let played = model([body(reply)]).check(COMPLETED, 2, &[]).await;
    assert_eq!(played.events.retries()[0].2, "provider_bad_answer");
}

/// An answer with this content encoding, and what the one attempt at it comes to.
async fn encoded(encoding: &str, bytes: &[u8], code: &str) -> Played {
    let mut reply = raw(&[bytes]);
    reply.headers.insert("content-encoding".to_owned(), encoding.to_owned());
    model([body(reply)]).settings(|settings| settings.retry.max_attempts = 1).check(code, 1, &[]).await
}

#[tokio::test]
async fn compression_that_is_unknown_or_broken_is_named() {
    let gzip = [0x1f_u8, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 4, 0];
    let played = encoded("gzip", &gzip, "provider_stream_cut").await;
    assert!(played.events.detail().contains("decoding"), "{}", played.events.detail());
    let played = encoded("br", &[0x8b, 2, 0x80, 0x41, 3], "provider_bad_answer").await;
    assert!(played.events.detail().contains("compressed (br)"), "{}", played.events.detail());
    let plain = [said("a"), finish(&json!("stop")), DONE.to_owned()].concat();
    encoded("identity", plain.as_bytes(), COMPLETED).await;
}

#[tokio::test]
async fn an_answer_without_a_body_is_asked_for_again() {
    let played = model([stream(&[""])]).check(COMPLETED, 2, &[]).await;
    assert_eq!(played.events.retries()[0].2, "provider_stream_cut");
}

#[tokio::test]
async fn of_several_alternatives_the_first_counts() {
    let both = json!({"choices": [{"index": 0, "delta": {"content": "a"}}, {"index": 1, "delta": {"content": "b"}}]});
    let reply = stream(&[crate::hostile::sse::event(&both).as_str(), &finish(&json!("stop")), DONE]);
    let played = model([reply]).check(COMPLETED, 1, &[]).await;
    assert_eq!(played.events.answers()[0].text, "a");
}
