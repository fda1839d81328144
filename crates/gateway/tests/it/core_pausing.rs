//! A run that is paused: it comes to rest, waits over restarts, and goes on with what it was about to do.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::api::Role;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::ToolPartStatus;
use slipway_protocol::run::RunOutcome;

use crate::core_client::{Follower, Setup};
use crate::core_engine::{EngineRun, told};
use crate::harness::TestGateway;
use crate::people::Person;

async fn pause(setup: &Setup) -> (u16, Value) {
    setup.post("/pause").await
}

/// A run that rests before a call.
async fn paused() -> (Setup, Follower, String) {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let run_id = run.request.run_id.to_string();
    let id = run.step();
    run.text("I touch it.");
    assert_eq!(pause(&setup).await, (202, json!({ "status": "pausing" })));
    follower.until_status(RunStatus::Pausing).await;
    assert!(setup.engine.is_to_pause().await);
    run.answer(&id, "I touch it.", &["call_1"]);
    run.finish(RunOutcome::Paused);
    follower.until_status(RunStatus::Paused).await;
    (setup, follower, run_id)
}

/// The run, which goes on with its call.
async fn goes_on(setup: &mut Setup, follower: &mut Follower, run_id: &str) {
    let run = setup.engine.run().await;
    assert_eq!((run.request.run_id.as_str(), run.request.held.len()), (run_id, 1));
    finish(setup, follower, run).await;
}

async fn finish(setup: &Setup, follower: &mut Follower, run: EngineRun) {
    let answer = run.call_tool("inv_1", "call_1").await;
    setup.host.end("inv_1");
    assert_eq!(told(answer).await["text"], "done");
    run.result("call_1", "done");
    run.reply("All done.");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(setup.host.asked(), ["call inv_1"], "made once");
}

#[tokio::test]
async fn it_waits_with_its_call_and_goes_on_when_told_to() {
    let (mut setup, mut follower, run_id) = paused().await;
    let snapshot = setup.snapshot().await;
    assert_eq!(snapshot.conversation.status, RunStatus::Paused);
    assert_eq!(setup.gateway.app().runs.count(), 0, "nothing of it is in memory");
    assert_eq!(setup.tools().await[0].status, ToolPartStatus::Proposed);
    assert_eq!((snapshot.approvals.len(), snapshot.questions.len()), (0, 0), "nothing is asked");
    assert_eq!(pause(&setup).await, (202, json!({ "status": "paused" })), "once more is nothing new");

    let (status, answer) = setup.post("/continue").await;
    assert_eq!((status, answer["run_id"].as_str()), (202, Some(run_id.as_str())), "{answer}");
    follower.until_status(RunStatus::Running).await;
    goes_on(&mut setup, &mut follower, &run_id).await;
    assert_eq!(setup.snapshot().await.messages, follower.messages);
}

#[tokio::test]
async fn it_waits_over_a_restart() {
    let (mut setup, _, run_id) = paused().await;
    setup = setup.restarted().await;
    assert_eq!(setup.snapshot().await.conversation.status, RunStatus::Paused);
    let mut follower = setup.follow().await;
    assert_eq!(setup.post("/continue").await.0, 202);
    goes_on(&mut setup, &mut follower, &run_id).await;
}

#[tokio::test]
async fn a_pause_that_is_taken_back_is_none() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    assert_eq!(pause(&setup).await.0, 202);
    assert!(setup.engine.is_to_pause().await);
    assert_eq!(setup.post("/continue").await.0, 202);
    follower.until_status(RunStatus::Running).await;
    assert!(!setup.engine.is_to_pause().await, "the engine knows");
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    let (status, problem) = pause(&setup).await;
    assert_eq!((status, &problem["code"]), (409, &json!("nothing_to_pause")), "{problem}");
}

#[tokio::test]
async fn a_run_that_rests_a_moment_after_that_was_taken_back_goes_on_at_once() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    let run_id = run.request.run_id.to_string();
    pause(&setup).await;
    setup.post("/continue").await;
    run.finish(RunOutcome::Paused);
    let run = setup.engine.run().await;
    assert_eq!(run.request.run_id.as_str(), run_id);
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    let statuses = follower.events.iter().filter_map(|event| match event.body {
        EventBody::RunStatus { status, .. } => Some(status),
        _ => None,
    });
    assert!(!statuses.collect::<Vec<_>>().contains(&RunStatus::Paused), "nobody saw it rest");
}

#[tokio::test]
async fn a_message_is_said_instead_of_what_it_was_about_to_do() {
    let (mut setup, mut follower, run_id) = paused().await;
    setup.say("Rather not.").await;
    let run = setup.engine.run().await;
    assert_ne!(run.request.run_id.as_str(), run_id);
    assert_eq!(run.said(), ["go", "Rather not."]);
    let transcript = json!(run.request.transcript).to_string();
    assert!(transcript.contains("the person had paused the run before it"), "{transcript}");
    run.reply("Then not.");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(setup.host.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stop_ends_it() {
    let (mut setup, mut follower, _) = paused().await;
    assert_eq!(setup.post("/stop").await.0, 202);
    follower.until_status(RunStatus::Stopped).await;
    let transcript = json!(setup.transcript().await).to_string();
    assert!(transcript.contains("the person stopped the run while it was paused"), "{transcript}");
    assert!(setup.engine.is_idle());
}

#[tokio::test]
async fn a_call_that_is_stopped_meanwhile_is_not_made() {
    let (mut setup, mut follower, _) = paused().await;
    let (status, standing) = setup.post("/calls/call_1/stop").await;
    assert_eq!((status, standing), (202, json!({ "status": "proposed" })));
    setup.post("/continue").await;
    let run = setup.engine.run().await;
    let line = told(run.call_tool("inv_1", "call_1").await).await;
    assert_eq!(line["status"], "stopped");
    run.result("call_1", "");
    run.reply("Then not.");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(setup.host.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_run_that_is_stopped_on_its_way_to_rest_is_stopped() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    pause(&setup).await;
    setup.post("/stop").await;
    run.given_up().await;
    follower.until_status(RunStatus::Stopped).await;
}

#[tokio::test]
async fn who_only_looks_pauses_nothing() {
    let gateway = TestGateway::start().await;
    let viewer = Person::new(&gateway, "vera", Role::Viewer).await;
    let path = "/api/v1/conversations/any/pause";
    let (status, problem) = viewer.sends(&gateway, Method::POST, path, &json!({})).await;
    assert_eq!((status, &problem["code"]), (403, &json!("role_too_small")), "{problem}");
}
