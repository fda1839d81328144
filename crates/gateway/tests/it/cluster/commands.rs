//! Whatever gateway a command reaches, the one that drives the run carries it out.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::approval::HeldCall;
use slipway_protocol::context::PinFile;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::question::{Choice, Question, QuestionOption};
use slipway_protocol::run::{ContextFile, EngineEvent, RunOutcome};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};

use super::pair;
use crate::core_client::{Follower, Setup};
use crate::core_engine::told;
use crate::harness::TestGateway;

async fn say(gateway: &TestGateway, setup: &Setup, text: &str, mode: &str) -> Value {
    let body = json!({ "client_id": text, "text": text, "mode": mode });
    let (status, receipt) = gateway.send(Method::POST, &setup.path("/messages"), &body).await;
    assert_eq!(status, 202, "{receipt}");
    receipt
}

#[tokio::test]
async fn a_message_for_the_model_and_its_removal_reach_the_run() {
    let (mut first, second) = pair().await;
    first.say("go").await;
    let mut run = first.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    let receipt = say(&second, &first, "Use tabs.", "steer").await;
    let told = first.engine.told().await;
    assert_eq!((told.text.as_str(), json!(told.id)), ("Use tabs.", receipt["message_id"].clone()));
    let path = first.path(&format!("/queue/{}", told.id));
    let changed = json!({ "text": "Use spaces." });
    assert_eq!(second.send(Method::PATCH, &path, &changed).await.0, 204);
    assert_eq!(first.engine.taken_back().await, told.id.0);
    assert_eq!(second.launcher(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert_eq!(first.engine.taken_back().await, told.id.0);
    run.reply("done");
}

#[tokio::test]
async fn a_stop_reaches_the_run() {
    let (mut first, second) = pair().await;
    let mut follower = Follower::open(&second, &first.conversation, None).await;
    first.say("go").await;
    let mut run = first.engine.run().await;
    run.step();
    run.text("so far");
    follower.until_text("so far").await;
    let (status, answer) = second.send(Method::POST, &first.path("/stop"), &json!({})).await;
    assert_eq!(status, 202, "{answer}");
    run.given_up().await;
    follower.until_status(RunStatus::Stopped).await;
    // Again, and nothing is left to be done.
    second.send(Method::POST, &first.path("/stop"), &json!({})).await;
    let message = say(&second, &first, "go on", "queue").await;
    assert!(message["run_id"].is_string(), "it starts a run at once: {message}");
    let next = first.engine.run().await;
    assert_eq!(next.said(), ["go", "go on"]);
    assert_eq!(second.app().runs.count(), 1, "and drives it where it was sent");
    next.reply("done");
    follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn a_message_that_interrupts_starts_the_next_run() {
    let (mut first, second) = pair().await;
    first.say("go").await;
    let run = first.engine.run().await;
    say(&second, &first, "rather this", "interrupt").await;
    run.given_up().await;
    let next = first.engine.run().await;
    assert_eq!(next.said(), ["go", "rather this"]);
    next.reply("done");
}

#[tokio::test]
async fn a_deleted_conversation_is_given_up_by_the_gateway_that_drives_it() {
    let (mut first, second) = pair().await;
    first.say("go").await;
    let run = first.engine.run().await;
    let answer = second.launcher(Method::DELETE, &first.path("")).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    run.given_up().await;
}

#[tokio::test]
async fn an_answer_may_be_given_to_any_gateway() {
    let (mut first, second) = pair().await;
    let mut follower = Follower::open(&second, &first.conversation, None).await;
    first.say("go").await;
    let mut run = first.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    let option = |label: &str| QuestionOption { label: label.to_owned(), description: String::new() };
    let question = Question {
        call_id: "call_1".into(),
        question: "Which?".to_owned(),
        options: vec![option("a"), option("b")],
        choice: Choice::One,
    };
    run.finish(RunOutcome::Asks { questions: vec![question], held: Vec::new() });
    follower.until_status(RunStatus::WaitingUser).await;
    let body = json!({ "client_id": "x", "answer": { "chosen": ["b"] } });
    let (status, receipt) = second.send(Method::POST, &first.path("/questions/call_1/answer"), &body).await;
    assert_eq!(status, 202, "{receipt}");
    let goes_on = first.engine.run().await;
    assert_eq!(json!(goes_on.request.run_id), receipt["run_id"]);
    goes_on.reply("b it is");
    follower.until(|body| matches!(body, EventBody::RunStatus { status: RunStatus::Done, .. })).await;
}

#[tokio::test]
async fn an_approval_may_be_given_to_any_gateway() {
    let (mut first, second) = pair().await;
    let mut follower = Follower::open(&second, &first.conversation, None).await;
    first.say("go").await;
    let mut run = first.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    let held =
        HeldCall { call_id: "call_1".into(), tool: "touch".to_owned(), arguments: json!({}), asked: true };
    run.finish(RunOutcome::Asks { questions: Vec::new(), held: vec![held] });
    follower.until_status(RunStatus::WaitingApproval).await;
    let body = json!({ "client_id": "x", "decision": "approve_once" });
    let (status, receipt) = second.send(Method::POST, &first.path("/approvals/call_1"), &body).await;
    assert_eq!(status, 202, "{receipt}");
    let goes_on = first.engine.run().await;
    assert_eq!(json!(goes_on.request.run_id), receipt["run_id"]);
    assert_eq!(goes_on.request.held, ["call_1".into()]);
    goes_on.reply("done");
    follower.until(|body| matches!(body, EventBody::RunStatus { status: RunStatus::Done, .. })).await;
}

#[tokio::test]
async fn a_pause_reaches_the_run_which_goes_on_where_that_is_asked_for() {
    let (mut first, second) = pair().await;
    let mut follower = Follower::open(&second, &first.conversation, None).await;
    first.say("go").await;
    let run = first.engine.run().await;
    let (pausing, going_on) = (first.path("/pause"), first.path("/continue"));
    let send = async |path: &str| second.send(Method::POST, path, &json!({})).await;
    assert_eq!(send(&pausing).await, (202, json!({ "status": "pausing" })));
    assert!(first.engine.is_to_pause().await);
    assert_eq!(send(&going_on).await.0, 202);
    assert!(!first.engine.is_to_pause().await, "and was taken back");
    assert_eq!(send(&pausing).await.0, 202);
    assert!(first.engine.is_to_pause().await);
    run.finish(RunOutcome::Paused);
    follower.until_status(RunStatus::Paused).await;
    assert_eq!(send(&going_on).await.0, 202);
    let run = first.engine.run().await;
    assert_eq!((first.gateway.app().runs.count(), second.app().runs.count()), (0, 1));
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn a_pin_reaches_the_run() {
    let (mut first, second) = pair().await;
    let mut follower = Follower::open(&second, &first.conversation, None).await;
    first.say("go").await;
    let run = first.engine.run().await;
    let file = ContextFile { path: "a".to_owned(), lines: 1, shown_chars: 4, version: 1, pinned: false };
    run.tell(EngineEvent::ContextFiles { files: vec![file] });
    follower.until(|body| matches!(body, EventBody::ContextFiles { .. })).await;
    let wanted = PinFile { path: "a".to_owned(), pinned: true };
    let path = first.path("/context/pin");
    assert_eq!(second.send(Method::POST, &path, &json!(wanted)).await.0, 204);
    assert_eq!(first.engine.pinned().await, [wanted]);
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    assert!(first.snapshot().await.context_files[0].pinned);
}

#[tokio::test]
async fn a_stop_of_one_call_reaches_it() {
    let (mut first, second) = pair().await;
    let mut follower = Follower::open(&second, &first.conversation, None).await;
    first.say("go").await;
    let mut run = first.engine.run().await;
    let id = run.step();
    run.text("Look.");
    run.answer(&id, "Look.", &["call_1"]);
    let mut answer = run.call_tool("inv_1", "call_1").await;
    answer.chunk().await.unwrap();
    follower.until_text("Look.").await;
    let path = first.path("/calls/call_1/stop");
    let (status, standing) = second.send(Method::POST, &path, &json!({})).await;
    assert_eq!(status, 202, "{standing}");
    first.host.was_asked("cancel inv_1", 1).await;
    first.host.end_as("inv_1", ToolOutcome::new(ToolStatus::Stopped, "line 1"));
    let line = told(answer).await;
    assert!(line["text"].as_str().unwrap().contains("The person stopped this call"), "{line}");
    run.result("call_1", "");
    run.reply("done");
}
