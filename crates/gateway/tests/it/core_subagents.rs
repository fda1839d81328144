//! Sub-agents: what they do is shown under their call, costs their run, and is no part of its transcript.

use http::Method;
use serde_json::{Map, json};
use slipway_protocol::budget::{Reservation, Spending};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::{Message, PartBody, PartState, ToolPartStatus};
use slipway_protocol::run::{EngineEvent, SubagentLimits};
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, ToolCall};
use slipway_protocol::usage::Usage;
use slipway_protocol::{CallId, MessageId};

use crate::core_client::Setup;
use crate::core_engine::EngineRun;

const CALL: &str = "call-1";

fn nested(run: &EngineRun, event: EngineEvent) {
    run.tell(EngineEvent::Nested { call_id: CALL.into(), event: Box::new(event) });
}

/// A sub-agent's answer that makes a call with the same id that its own call has.
fn answer(run: &EngineRun, id: &str, text: &str, calls: &[&str]) {
    nested(run, EngineEvent::StepStarted { step: 1, message_id: MessageId::from(id) });
    nested(run, EngineEvent::TextDelta { text: text.to_owned() });
    let tool_calls = calls.iter().map(|call| ToolCall {
        id: CallId::from(*call),
        name: "touch".to_owned(),
        arguments: "{}".to_owned(),
        opaque: Map::new(),
    });
    let step = AssistantStep {
        id: id.into(),
        step: 1,
        text: text.to_owned(),
        reasoning: String::new(),
        opaque: Map::new(),
        tool_calls: tool_calls.collect(),
        finish: Finish::Stop,
        usage: Some(Usage::default()),
        model: "fake".to_owned(),
        created_at: 1,
    };
    nested(run, EngineEvent::Entry { entry: Box::new(Entry::Assistant(step)) });
}

fn reserved() -> EngineEvent {
    let at_least = Spending { steps: 1, tokens: 500, ..Spending::default() };
    EngineEvent::Reserved { call: Reservation { at_least, ..Reservation::default() } }
}

/// A run that has delegated, with the follower of its conversation.
async fn delegated() -> (Setup, EngineRun, crate::core_client::Follower) {
    let mut setup = Setup::new().await;
    let follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "Let me delegate.", &[CALL]);
    (setup, run, follower)
}

async fn nested_messages(setup: &Setup) -> Vec<Message> {
    let messages = setup.gateway.get(&setup.path(&format!("/calls/{CALL}/messages"))).await;
    serde_json::from_value(messages).unwrap()
}

#[tokio::test]
async fn what_it_does_is_shown_under_its_call_and_is_not_in_the_transcript() {
    let (setup, run, mut follower) = delegated().await;
    answer(&run, "nested-1", "Looking around.", &[CALL]);
    follower
        .until(|body| matches!(body, EventBody::MessageCreated { message } if message.call_id == Some(CALL.into())))
        .await;
    // Its calls are known by ids of their own, and may be made once they are recorded.
    let answered = run.call_tool_for("touch", "inv-1", "call-1~call-1", Some(CALL)).await;
    assert_eq!(answered.status(), 200);
    setup.host.was_asked("call inv-1", 1).await;
    let snapshot = setup.snapshot().await;
    assert!(snapshot.messages.iter().all(|message| message.call_id.is_none()));
    assert_eq!(snapshot.nested.len(), 1);
    assert_eq!(nested_messages(&setup).await, snapshot.nested);
    run.result(CALL, "It is red.");
    run.reply("done");
    follower.until_status(RunStatus::Done).await;

    let after = setup.snapshot().await;
    assert_eq!(after.nested, [], "what has ended is fetched when it is looked at");
    let kept = nested_messages(&setup).await;
    assert_eq!(kept.len(), 1);
    assert!(kept[0].parts.iter().all(|part| part.state == PartState::Done), "{kept:?}");
    let tools: Vec<&CallId> = kept[0]
        .parts
        .iter()
        .filter_map(|part| if let PartBody::Tool(tool) = &part.body { Some(&tool.call_id) } else { None })
        .collect();
    assert_eq!(tools, [&CallId::from("call-1~call-1")]);
    let transcript = setup.transcript().await;
    assert!(!json!(transcript).to_string().contains("Looking around."));
    // A client that has followed all of it has the same.
    let mut followed: Vec<Message> = follower.messages.clone();
    followed.retain(|message| message.call_id.is_some());
    assert_eq!(followed, kept);
}

#[tokio::test]
async fn settings_hold_from_the_next_run_on() {
    let mut setup = Setup::new().await;
    for (path, body) in [
        ("/api/v1/settings/subagents", json!({ "max_steps": 7, "max_at_once": 2, "max_tokens": 5_000 })),
        ("/api/v1/sandbox/settings", json!({ "page_chars": 3_000 })),
    ] {
        assert_eq!(setup.gateway.send(Method::PUT, path, &body).await.0, 200);
    }
    setup.say("go").await;
    let run = setup.engine.run().await;
    let limits =
        SubagentLimits { max_steps: 7, max_at_once: 2, max_tokens: 5_000, ..SubagentLimits::default() };
    assert_eq!((run.request.subagents, run.request.page_chars), (limits, 3_000));
    run.reply("done");
}

#[tokio::test]
async fn what_it_consumes_counts_to_its_run_and_conversation() {
    let (setup, run, mut follower) = delegated().await;
    nested(&run, reserved());
    let spent = Spending { steps: 1, tokens: 700, cost_micros: 5, ..Spending::default() };
    nested(&run, EngineEvent::Settled { spent, failed: None });
    let usage = Usage { input: 600, output: 100, ..Usage::default() };
    nested(
        &run,
        EngineEvent::Usage { usage, context_used: 700, context_limit: None, predicted_cached: None },
    );
    answer(&run, "nested-1", "Here.", &[]);
    run.result(CALL, "Here.");
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    let snapshot = setup.snapshot().await;
    assert_eq!((snapshot.usage.input, snapshot.usage.output), (600, 100));
    assert_eq!(snapshot.context_used, 0, "the run's own window holds nothing of it");
    let spent = setup.gateway.get(&setup.path("/budget")).await["conversation"]["spent"].clone();
    assert_eq!((&spent["tokens"], &spent["steps"]), (&json!(700), &json!(1)));
}

#[tokio::test]
async fn a_restart_interrupts_it_and_counts_the_call_that_it_was_making() {
    let (mut setup, run, mut follower) = delegated().await;
    nested(&run, reserved());
    nested(&run, EngineEvent::StepStarted { step: 1, message_id: "nested-1".into() });
    nested(&run, EngineEvent::TextDelta { text: "Half a thou".to_owned() });
    follower.until_text("Half a thou").await;
    setup = setup.restarted().await;

    let snapshot = setup.snapshot().await;
    assert_eq!(snapshot.conversation.status, RunStatus::Stopped);
    let parts: Vec<_> = snapshot.messages.iter().flat_map(|message| &message.parts).collect();
    let tool =
        parts.iter().find_map(|part| if let PartBody::Tool(tool) = &part.body { Some(tool) } else { None });
    let tool = tool.expect("its call");
    assert_eq!(tool.status, ToolPartStatus::Interrupted);
    assert!(tool.result.as_deref().unwrap().contains("It was not repeated."));
    let kept = nested_messages(&setup).await;
    assert!(kept[0].parts.iter().all(|part| part.state == PartState::Done), "{kept:?}");
    let spent = setup.gateway.get(&setup.path("/budget")).await["conversation"]["spent"]["tokens"].clone();
    assert_eq!(spent, json!(503), "the request, and what had come of the answer");
    assert!(setup.engine.is_idle(), "nothing is repeated by itself");
    drop(run);
}

#[tokio::test]
async fn stopping_the_run_closes_what_it_had_open() {
    let (setup, run, mut follower) = delegated().await;
    answer(&run, "nested-1", "Looking.", &["inner"]);
    follower.until_text("Looking.").await;
    setup.post("/stop").await;
    follower.until_status(RunStatus::Stopped).await;
    let kept = nested_messages(&setup).await;
    let parts: Vec<_> = kept.iter().flat_map(|message| &message.parts).collect();
    assert!(parts.iter().all(|part| part.state == PartState::Done), "{kept:?}");
    drop(run);
}

#[tokio::test]
async fn stopping_one_asks_the_engine_that_drives_it() {
    let (setup, run, mut follower) = delegated().await;
    answer(&run, "nested-1", "Looking.", &[]);
    // Recorded with what it is part of.
    follower.until_text("Looking.").await;
    let (status, answer) = setup.post(&format!("/calls/{CALL}/stop")).await;
    assert_eq!((status, &answer), (202, &json!({ "status": "proposed" })));
    assert_eq!(setup.engine.stopped(), [format!("{} {CALL}", run.request.run_id)]);
    run.reply("done");
}
