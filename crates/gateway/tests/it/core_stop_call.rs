//! Stopping one call: it ends and says who ended it, everything else goes on.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::api::Role;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::question::{Choice, Question};
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{Entry, ToolResult};
use sqlx::Row;

use crate::core_client::{Follower, Setup};
use crate::core_engine::{EngineRun, told};
use crate::harness::TestGateway;
use crate::people::Person;

/// A run that has asked for these calls, with a follower that has heard of it.
async fn asked_for(calls: &[&str]) -> (Setup, EngineRun, Follower) {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.text("Let me see.");
    run.answer(&id, "Let me see.", calls);
    for call in calls {
        follower.until(|body| is_part_of(body, call)).await;
    }
    (setup, run, follower)
}

fn is_part_of(body: &EventBody, call: &str) -> bool {
    let is_it = |part: &slipway_protocol::message::Part| json!(part.body)["call_id"] == call;
    matches!(body, EventBody::PartStarted { part } | EventBody::PartDone { part } if is_it(part))
}

async fn stop(setup: &Setup, call: &str) -> (u16, Value) {
    setup.post(&format!("/calls/{call}/stop")).await
}

fn stopped(printed: &str) -> ToolOutcome {
    ToolOutcome::new(ToolStatus::Stopped, printed)
}

/// Tells what a call has come to as an engine does that got this line from the tool endpoint.
fn record(run: &EngineRun, call: &str, line: Value) {
    let entry = Entry::ToolResult(ToolResult {
        call_id: call.into(),
        name: "touch".to_owned(),
        outcome: serde_json::from_value(line).unwrap(),
        duration_ms: 1,
        created_at: 1,
    });
    run.tell(EngineEvent::Entry { entry: Box::new(entry) });
}

#[tokio::test]
async fn one_call_ends_and_the_others_and_the_run_go_on() {
    let (setup, run, mut follower) = asked_for(&["call_1", "call_2"]).await;
    let mut first = run.call_tool("inv_1", "call_1").await;
    let mut second = run.call_tool("inv_2", "call_2").await;
    first.chunk().await.unwrap();
    second.chunk().await.unwrap();
    let (status, standing) = stop(&setup, "call_1").await;
    assert_eq!((status, &standing), (202, &json!({ "status": "proposed" })));
    setup.host.was_asked("cancel inv_1", 1).await;
    setup.host.end_as("inv_1", stopped("line 1"));
    let line = told(first).await;
    assert_eq!(line["status"], "stopped");
    let text = line["text"].as_str().unwrap();
    assert!(text.starts_with("line 1\n[The person stopped this call;"), "{text}");
    record(&run, "call_1", line);
    follower.until(|body| matches!(body, EventBody::ToolFinished { .. })).await;

    // Once more: it has ended, which is all there is to say.
    let asked = setup.host.asked();
    assert_eq!(stop(&setup, "call_1").await, (202, json!({ "status": "stopped" })));
    assert_eq!(setup.host.asked(), asked);
    assert_eq!(setup.snapshot().await.conversation.status, RunStatus::Running);
    assert!(!asked.contains(&"cancel inv_2".to_owned()), "{asked:?}");
    setup.host.end("inv_2");
    assert_eq!(told(second).await["text"], "done");
    run.result("call_2", "done");
    run.reply("Then without it.");
    follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn a_call_that_ends_by_itself_meanwhile_stays_as_it_ended() {
    let (setup, run, _) = asked_for(&["call_1"]).await;
    let mut answer = run.call_tool("inv_1", "call_1").await;
    answer.chunk().await.unwrap();
    assert_eq!(stop(&setup, "call_1").await.0, 202);
    setup.host.was_asked("cancel inv_1", 1).await;
    setup.host.end("inv_1");
    let line = told(answer).await;
    assert_eq!((&line["status"], &line["text"]), (&json!("ok"), &json!("done")));
    record(&run, "call_1", line);
    run.reply("done");
}

#[tokio::test]
async fn a_tool_host_that_hears_of_it_too_soon_is_told_again() {
    let (setup, run, _) = asked_for(&["call_1"]).await;
    let mut answer = run.call_tool("inv_1", "call_1").await;
    answer.chunk().await.unwrap();
    stop(&setup, "call_1").await;
    setup.host.was_asked("cancel inv_1", 3).await;
    setup.host.end_as("inv_1", stopped(""));
    assert_eq!(told(answer).await["status"], "stopped");
    run.result("call_1", "");
    run.reply("done");
}

#[tokio::test]
async fn a_call_that_has_not_begun_does_not_begin() {
    let (setup, run, _) = asked_for(&["call_1"]).await;
    assert_eq!(stop(&setup, "call_1").await, (202, json!({ "status": "proposed" })));
    let line = told(run.call_tool("inv_1", "call_1").await).await;
    assert_eq!(line["status"], "stopped");
    assert!(line["text"].as_str().unwrap().contains("before it began; nothing of it was done"), "{line}");
    assert_eq!(setup.host.asked(), Vec::<String>::new());
    let rows = sqlx::query("SELECT COUNT(*) AS count FROM calls")
        .fetch_one(setup.gateway.app().store.pool())
        .await
        .unwrap();
    assert_eq!(rows.get::<i64, _>("count"), 0, "no intent is recorded");
    run.result("call_1", "");
    run.reply("done");
}

#[tokio::test]
async fn a_restart_forgets_neither_that_it_was_stopped_nor_that_others_were_not() {
    let (mut setup, run, _) = asked_for(&["call_1", "call_2"]).await;
    let mut answer = run.call_tool("inv_1", "call_1").await;
    answer.chunk().await.unwrap();
    stop(&setup, "call_1").await;
    setup = setup.restarted().await;

    let transcript = setup.transcript().await;
    let result = |call: &str| {
        let found = transcript.iter().find(|entry| entry["call_id"] == call).expect("a result");
        (found["status"].clone(), found["text"].as_str().unwrap().to_owned())
    };
    let (status, text) = result("call_1");
    assert_eq!(status, "stopped");
    assert!(text.starts_with("The person stopped this call, and Slipway was interrupted"), "{text}");
    assert_eq!(result("call_2").0, "interrupted");
    assert_eq!(stop(&setup, "call_1").await, (202, json!({ "status": "stopped" })));
    assert_eq!(setup.snapshot().await.conversation.status, RunStatus::Stopped, "it can be continued");
    drop(run);
}

#[tokio::test]
async fn a_question_is_answered_and_an_unknown_call_is_not_there() {
    let (setup, run, mut follower) = asked_for(&["call_1"]).await;
    let question = Question {
        call_id: "call_1".into(),
        question: "Which?".to_owned(),
        options: Vec::new(),
        choice: Choice::One,
    };
    run.finish(RunOutcome::Asks { questions: vec![question], held: Vec::new() });
    follower.until_status(RunStatus::WaitingUser).await;
    let (status, problem) = stop(&setup, "call_1").await;
    assert_eq!((status, &problem["code"]), (409, &json!("run_waits")), "{problem}");
    assert_eq!(stop(&setup, "call_9").await.0, 404);
}

#[tokio::test]
async fn who_only_looks_stops_nothing() {
    let gateway = TestGateway::start().await;
    let viewer = Person::new(&gateway, "vera", Role::Viewer).await;
    let path = "/api/v1/conversations/any/calls/any/stop";
    let (status, problem) = viewer.sends(&gateway, Method::POST, path, &json!({})).await;
    assert_eq!((status, &problem["code"]), (403, &json!("role_too_small")), "{problem}");
}
