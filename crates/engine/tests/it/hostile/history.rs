//! Transcripts that earlier misfortunes have left behind.

use slipway_protocol::MessageId;
use slipway_protocol::run::RunOutcome;
use slipway_protocol::tool::ToolOutcome;
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, Notice, ToolCall, ToolResult};

use crate::harness::user;
use crate::hostile::case::{COMPLETED, model, status, text, write};

fn answer(text: &str, calls: &[(&str, &str)]) -> Entry {
    let calls = calls.iter().map(|(id, arguments)| ToolCall {
        id: (*id).into(),
        name: "write_file".to_owned(),
        arguments: (*arguments).to_owned(),
        opaque: serde_json::Map::new(),
    });
    Entry::Assistant(AssistantStep {
        id: MessageId::generate(),
        step: 1,
        text: text.to_owned(),
        reasoning: String::new(),
        opaque: serde_json::Map::new(),
        tool_calls: calls.collect(),
        finish: Finish::Stop,
        usage: None,
        model: "scripted".to_owned(),
        created_at: 0,
    })
}

fn result(id: &str) -> Entry {
    Entry::ToolResult(ToolResult {
        call_id: id.into(),
        name: "write_file".to_owned(),
        outcome: ToolOutcome::ok("ok"),
        duration_ms: 1,
        created_at: 0,
    })
}

/// A run that begins with these entries asks once, acceptably, and makes none of the old calls.
async fn acceptable(entries: Vec<Entry>) {
    let case = model([]).request(move |request| request.transcript = entries);
    case.check(COMPLETED, 1, &[]).await;
}

#[tokio::test]
async fn calls_without_results_and_results_without_calls() {
    acceptable(vec![user("a"), answer("", &[("x", "{}"), ("y", "{}")])]).await;
    acceptable(vec![user("a"), answer("", &[("x", "{}"), ("y", "{}")]), result("y"), user("b")]).await;
    acceptable(vec![user("a"), result("x"), answer("b", &[]), result("x"), user("c")]).await;
    acceptable(vec![user("a"), answer("", &[("x", "{}")]), result("x"), result("x")]).await;
}

#[tokio::test]
async fn calls_that_were_cut_when_the_person_stopped() {
    acceptable(vec![user("a"), answer("half", &[("x", r#"{"path":"a","te"#), ("y", "")]), user("go on")])
        .await;
}

#[tokio::test]
async fn empty_answers_and_answers_to_nothing() {
    acceptable(vec![answer("I begin", &[]), user("a")]).await;
    acceptable(vec![user("a"), answer("", &[]), answer(" ", &[]), user("b"), answer("c", &[])]).await;
    acceptable(vec![user("a"), answer("b", &[]), answer("c", &[])]).await;
    acceptable(vec![]).await;
}

#[tokio::test]
async fn notices_anywhere() {
    let notice = || Entry::Notice(Notice { text: "mind the gap".to_owned() });
    acceptable(vec![notice(), user("a"), notice(), answer("b", &[]), notice(), notice(), user("c")]).await;
}

#[tokio::test]
async fn messages_that_nobody_answered() {
    acceptable(vec![user("a"), user("b")]).await;
    acceptable(vec![user("a"), answer("b", &[]), user("c"), user("d"), user("e")]).await;
}

#[tokio::test]
async fn a_run_that_failed_can_be_continued_by_another_message() {
    let case = model([write(r#"{"path":"a"}"#), status(402, &[], "empty", Some(1))]).then([text("back")]);
    let played = case.check("provider_quota_exhausted", 2, &["write_file a"]).await;
    let mut request = played.request.clone();
    request.transcript.extend(played.events.entries());
    request.transcript.push(user("now there is credit"));
    let events = played.world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(played.world.model.violations(), Vec::<String>::new());
    assert_eq!(played.ran(), ["write_file a"]);
}
