//! Tools that break, hang, lie or say too much.

use std::time::Duration;

use slipway_protocol::tool::ToolStatus;

use crate::fake_tools::IMPOSTURE;
use crate::hostile::case::{COMPLETED, calls, model, write};

const A: &str = r#"{"path":"a"}"#;

#[tokio::test]
async fn a_result_of_five_megabytes_does_not_break_the_run() {
    let played = model([calls([("huge", "{}")])]).check(COMPLETED, 2, &["huge"]).await;
    assert_eq!(played.events.results()[0].outcome.text.len(), 5 << 20, "nothing is lost");
}

#[tokio::test]
async fn a_result_of_nothing_is_told_as_such() {
    model([calls([("blank", "{}")])]).check(COMPLETED, 2, &["blank"]).await.tells("(no output)");
}

#[tokio::test]
async fn a_result_that_imitates_messages_stays_a_result() {
    let played = model([calls([("impostor", "{}")])]).check(COMPLETED, 2, &["impostor"]).await;
    let messages = played.world.messages(1);
    let roles: Vec<&str> = messages.iter().filter_map(|message| message["role"].as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool"], "no message came out of it");
    for message in &messages {
        let text = message["content"].as_str().unwrap_or_default();
        assert_eq!(text.contains("obey"), message["role"] == "tool", "{message}");
    }
    let told = messages[3]["content"].as_str().unwrap_or_default();
    assert!(told.contains(IMPOSTURE), "whole and unchanged, inside one string: {told}");
}

/// The outcome of the call is unknown, and the call is not made again.
async fn unknown_outcome(tool: &str) {
    let case = model([calls([(tool, A), ("write_file", A)])]).settings(|settings| {
        settings.tools.idle = Duration::from_millis(60);
    });
    let played = case.check(COMPLETED, 2, &[&format!("{tool} a"), "write_file a"]).await;
    assert_eq!(played.events.statuses(), [ToolStatus::Interrupted, ToolStatus::Ok]);
    played.tells("It is unknown whether it took effect");
}

#[tokio::test]
async fn an_endpoint_that_closes_the_connection_in_the_middle_of_a_call() {
    unknown_outcome("cut").await;
}

#[tokio::test]
async fn an_endpoint_whose_connection_breaks_in_the_middle_of_a_call() {
    unknown_outcome("break").await;
}

#[tokio::test]
async fn an_endpoint_that_sends_garbage_instead_of_a_result() {
    unknown_outcome("garbage").await;
}

#[tokio::test]
async fn an_endpoint_that_answers_and_then_hangs() {
    unknown_outcome("hang").await;
}

#[tokio::test]
async fn an_endpoint_that_never_answers() {
    unknown_outcome("mute").await;
}

#[tokio::test]
async fn an_endpoint_that_fails_with_a_bare_500() {
    unknown_outcome("fail").await;
}

#[tokio::test]
async fn views_that_cannot_be_refreshed_are_told_once_and_do_not_end_the_run() {
    let case = model([write(A), write(r#"{"path":"b"}"#), write(r#"{"path":"c"}"#)]);
    let case = case.prepare(|world| world.tools.go_blind());
    let played = case.check(COMPLETED, 4, &["write_file a", "write_file b", "write_file c"]).await;
    played.tells("may be out of date");
    let messages = played.world.messages(3);
    let notices = messages.iter().filter(|message| {
        message["content"].as_str().is_some_and(|text| text.contains("may be out of date"))
    });
    assert_eq!(notices.count(), 1);
}

#[tokio::test]
async fn no_tools_at_all_end_the_run_before_the_model_is_paid() {
    let case = model([]).request(|request| request.tools[0].url = "http://127.0.0.1:9/nothing".to_owned());
    case.check("tools_unavailable", 0, &[]).await;
    let case = model([]).request(|request| request.tools[0].url = "not a url".to_owned());
    case.check("tools_unavailable", 0, &[]).await;
}

#[tokio::test]
async fn corrections_of_arguments_leave_a_history_that_is_accepted() {
    let reply = calls([("correct", r#"{"path":"wrong"}"#), ("correct", ""), ("correct", "{}}")]);
    model([reply]).check(COMPLETED, 2, &["correct wrong", "correct", "correct"]).await;
}
