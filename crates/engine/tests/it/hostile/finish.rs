//! Finish reasons that are missing, unknown or untrue.

use serde_json::{Value, json};
use slipway_protocol::transcript::Finish;
use slipway_scripted_model::fault::Ending;
use slipway_scripted_model::script::Reply;

use crate::hostile::case::{COMPLETED, Played, body, calls, model, text, write};
use crate::hostile::sse::{DONE, finish, piece, raw, said, stream};

fn call(index: usize, name: &str, arguments: &str) -> String {
    let id = format!("x{index}");
    piece(&json!({"index": index, "id": id, "function": {"name": name, "arguments": arguments}}))
}

const A: &str = r#"{"path":"a"}"#;

/// An answer that ends without a reason is made again, whatever was in it.
async fn made_again(chunks: &[&str]) {
    let played = model([stream(chunks)]).check(COMPLETED, 2, &[]).await;
    assert_eq!(played.events.retries()[0].2, "provider_stream_cut");
    assert_eq!(played.events.answers()[0].text, "fine");
}

#[tokio::test]
async fn an_end_mark_without_a_finish_reason_is_not_an_end() {
    made_again(&[&said("half an ans"), DONE]).await;
    made_again(&[&call(0, "write_file", A), DONE]).await;
    made_again(&[DONE]).await;
}

#[tokio::test]
async fn a_null_finish_reason_is_not_an_end() {
    for reason in [Value::Null, json!(""), json!("null"), json!(7), json!({})] {
        made_again(&[&said("half"), &finish(&reason), DONE]).await;
    }
}

#[tokio::test]
async fn a_provider_that_never_gives_a_reason_ends_the_run_after_four_attempts() {
    let mut reply = text("never");
    reply.fault = stream(&[said("half").as_str(), DONE]).fault;
    if let Some(fault) = &mut reply.fault {
        fault.times = None;
    }
    let played = model([write(A)]).for_ever(reply).check("provider_stream_cut", 5, &["write_file a"]).await;
    assert!(played.events.detail().contains("without a finish reason"));
}

#[tokio::test]
async fn a_finish_without_content_is_an_empty_answer() {
    for reason in ["stop", "tool_calls", "length", "weird"] {
        let played = model([stream(&[finish(&json!(reason)).as_str(), DONE])]).check(COMPLETED, 2, &[]).await;
        assert_eq!(played.events.retries()[0].2, "model_empty_answer", "{reason}");
    }
}

fn finished(mut reply: Reply, reason: &str) -> Reply {
    reply.finish = Some(reason.to_owned());
    reply
}

#[tokio::test]
async fn an_unknown_reason_ends_a_text_and_lets_complete_calls_run() {
    let played = model([finished(text("hello"), "eos_token_42")]).check(COMPLETED, 1, &[]).await;
    assert_eq!(played.events.answers()[0].finish, Finish::Other("eos_token_42".to_owned()));
    model([finished(write(A), "weird")]).check(COMPLETED, 2, &["write_file a"]).await;
}

#[tokio::test]
async fn an_unknown_reason_does_not_let_a_call_without_arguments_run() {
    let played = model([finished(write(""), "gpu_preempted")]).check(COMPLETED, 2, &[]).await;
    played.tells("may be incomplete");
}

#[tokio::test]
async fn stop_with_calls_means_that_the_calls_are_made() {
    for reason in ["stop", "STOP", "end_turn", "function_call"] {
        model([finished(write(A), reason)]).check(COMPLETED, 2, &["write_file a"]).await;
    }
}

#[tokio::test]
async fn calls_that_are_announced_but_missing_are_asked_for_again() {
    let lost = || finished(text("I will now write the file."), "tool_calls");
    let played = model([lost()]).then([write(A)]).check(COMPLETED, 3, &["write_file a"]).await;
    played.tells("none arrived");
    model([]).for_ever(lost()).check("model_calls_missing", 3, &[]).await;
}

#[tokio::test]
async fn a_call_that_the_output_limit_cut_is_not_made() {
    for arguments in [r#"{"path":"a","te"#, A, ""] {
        let played = model([finished(write(arguments), "length")]).check(COMPLETED, 2, &[]).await;
        played.tells("reached the output limit");
    }
}

#[tokio::test]
async fn of_interleaved_calls_none_that_the_output_limit_cut_is_made() {
    let chunks = [
        call(0, "write_file", ""),
        call(1, "write_file", r#"{"path":"b"}"#),
        call(2, "write_file", r#"{"path":"c"#),
        finish(&json!("length")),
        DONE.to_owned(),
    ];
    model([stream(&chunks)]).check(COMPLETED, 2, &["write_file b"]).await.tells("reached the output limit");
}

#[tokio::test]
async fn a_text_that_the_output_limit_cut_is_kept_and_can_be_continued() {
    let played = model([finished(text("half an ans"), "length")]).check("output_limit", 1, &[]).await;
    assert_eq!(played.events.answers()[0].text, "half an ans");
}

#[tokio::test]
async fn what_the_content_filter_cut_is_kept_but_not_acted_on() {
    let played =
        model([finished(text("half an ans"), "content_filter")]).check("provider_refused", 1, &[]).await;
    assert_eq!(played.events.answers()[0].text, "half an ans");
    let played = model([finished(calls([("write_file", A), ("write_file", "")]), "content_filter")]);
    played.check(COMPLETED, 2, &["write_file a"]).await.tells("may be incomplete");
    model([finished(text(""), "content_filter")]).check("provider_refused", 1, &[]).await;
}

#[tokio::test]
async fn a_malformed_call_that_the_provider_swallowed_is_an_empty_answer() {
    let reply = || finished(text("Let me"), "MALFORMED_FUNCTION_CALL");
    let played = model([]).for_ever(reply()).check("model_empty_answer", 3, &[]).await;
    assert!(played.events.detail().contains("MALFORMED_FUNCTION_CALL"));
}

async fn taken(chunks: &[&str]) -> Played {
    model([stream(chunks)]).check(COMPLETED, 1, &[]).await
}

#[tokio::test]
async fn text_after_the_finish_reason_still_counts() {
    let played = taken(&[&said("a"), &finish(&json!("stop")), &said("b"), DONE]).await;
    assert_eq!(played.events.answers()[0].text, "ab");
    let played = taken(&[&finish(&json!("stop")), &said("late"), &finish(&json!("stop")), DONE]).await;
    assert_eq!(played.events.answers()[0].text, "late");
}

#[tokio::test]
async fn a_call_after_the_finish_reason_runs_once() {
    let reply = stream(&[&said("a"), &finish(&json!("stop")), &call(0, "write_file", A), DONE]);
    model([reply]).check(COMPLETED, 2, &["write_file a"]).await;
}

#[tokio::test]
async fn a_call_after_the_finish_reason_that_breaks_off_does_not_run() {
    for ending in [Ending::Reset, Ending::Clean] {
        for arguments in ["", r#"{"path":"#, A] {
            let mut reply = raw(&[&said("a"), &finish(&json!("stop")), &call(0, "write_file", arguments)]);
            reply.ending = ending;
            let played = model([body(reply)]).check(COMPLETED, 2, &[]).await;
            assert_eq!(played.events.retries()[0].2, "provider_stream_cut");
        }
    }
}

#[tokio::test]
async fn nothing_after_the_end_mark_counts() {
    let played =
        taken(&[&said("a"), &finish(&json!("stop")), DONE, &call(0, "write_file", A), &said("b")]).await;
    assert_eq!(played.events.answers()[0].text, "a");
}

#[tokio::test]
async fn a_reason_that_means_a_fault_makes_the_call_again() {
    for (reason, code) in [
        ("error", "provider_stream_cut"),
        ("network_error", "provider_overloaded"),
        ("insufficient_system_resource", "provider_overloaded"),
    ] {
        let chunks = [call(0, "write_file", A), finish(&json!(reason)), DONE.to_owned()];
        let played = model([stream(&chunks)]).check(COMPLETED, 2, &[]).await;
        assert_eq!(played.events.retries()[0].2, code);
    }
}
