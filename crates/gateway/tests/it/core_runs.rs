//! Conversations and runs: send, stop, queue, continue, recover.

use http::Method;
use serde_json::json;
use slipway_protocol::Problem;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::{PartBody, PartState, ToolPartStatus};
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::transcript::{Entry, Notice};

use crate::core_client::{Follower, Setup, remote, texts};
use crate::core_engine::FakeEngine;
use crate::core_host::FakeHost;
use crate::core_stop::hears_nothing;
use crate::harness::TestGateway;

#[tokio::test]
async fn a_message_is_answered() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    let receipt = setup.say("Build a boat\nplease").await;
    let run = setup.engine.run().await;
    assert_eq!(receipt["run_id"], run.request.run_id.as_str());
    assert_eq!(run.said(), ["Build a boat\nplease"]);
    assert_eq!(run.request.prompt.workspace, "/workspace");
    run.reply("Here it is.");
    follower.until_status(RunStatus::Done).await;

    assert_eq!(texts(&follower.messages), ["Build a boat\nplease", "Here it is."]);
    let snapshot = setup.snapshot().await;
    assert_eq!(snapshot.messages, follower.messages);
    assert_eq!(snapshot.conversation.title, "Build a boat");
    assert_eq!(snapshot.conversation.status, RunStatus::Done);
    assert_eq!(snapshot.conversation.run_started_at, None);
    let kinds: Vec<_> = setup.transcript().await.iter().map(|e| e["type"].clone()).collect();
    assert_eq!(kinds, ["user", "assistant"]);
    assert_eq!(setup.gateway.app().runs.count(), 0);
}

#[tokio::test]
async fn sending_again_changes_nothing() {
    let mut setup = Setup::new().await;
    let first = setup.try_say("same", "hello", "queue").await;
    let run = setup.engine.run().await;
    assert_eq!(setup.try_say("same", "hello", "queue").await, first);
    let mut follower = setup.follow().await;
    run.reply("hi");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(setup.try_say("same", "hello", "queue").await, first);
    assert_eq!(texts(&setup.snapshot().await.messages), ["hello", "hi"]);
    assert!(setup.engine.is_idle());
}

#[tokio::test]
async fn bad_messages_are_refused_and_change_nothing() {
    let setup = Setup::new().await;
    let cases = [
        (json!({ "client_id": "a", "text": " \n" }), 422, "message_blank"),
        (json!({ "client_id": "a", "text": "x".repeat((1 << 20) + 1) }), 413, "message_too_long"),
        (json!({ "client_id": "", "text": "x" }), 422, "invalid_value"),
        (json!({ "client_id": "a".repeat(65), "text": "x" }), 422, "invalid_value"),
        (json!({ "client_id": "a" }), 422, "invalid_body"),
    ];
    for (body, status, code) in cases {
        let (answered, problem) = setup.gateway.send(Method::POST, &setup.path("/messages"), &body).await;
        assert_eq!((answered, problem["code"].as_str().unwrap()), (status, code));
    }
    assert_eq!(setup.snapshot().await.messages, []);
    assert_eq!(setup.snapshot().await.conversation.status, RunStatus::Idle);
}

#[tokio::test]
async fn an_unknown_conversation_is_a_clear_404_everywhere() {
    let gateway = TestGateway::start().await;
    let message = json!({ "client_id": "a", "text": "x" });
    for (method, path, body) in [
        (Method::GET, "", json!(null)),
        (Method::PATCH, "", json!({ "title": "x" })),
        (Method::DELETE, "", json!(null)),
        (Method::GET, "/outline", json!(null)),
        (Method::GET, "/transcript", json!(null)),
        (Method::POST, "/messages", message),
        (Method::POST, "/stop", json!(null)),
        (Method::POST, "/continue", json!(null)),
        (Method::POST, "/queue/msg_1/send", json!(null)),
        (Method::DELETE, "/queue/msg_1", json!(null)),
        (Method::GET, "/calls/call_1/output", json!(null)),
    ] {
        let path = format!("/api/v1/conversations/conv_nowhere{path}");
        let (status, problem) = gateway.send(method.clone(), &path, &body).await;
        assert_eq!((status, problem["code"].as_str()), (404, Some("not_found")), "{method} {path}");
    }
}

#[tokio::test]
async fn stop_keeps_the_text_and_cancels_the_call() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.text("I will touch it.");
    run.answer(&id, "I will touch it.", &["call_1"]);
    let mut answer = run.call_tool("inv_1", "call_1").await;
    assert!(answer.chunk().await.unwrap().unwrap().starts_with(b"{\"type\":\"output\""));
    run.tell(EngineEvent::ToolStarted { call_id: "call_1".into() });
    run.tell(EngineEvent::ToolOutput { call_id: "call_1".into(), text: "working\n".to_owned() });
    follower.until(|body| matches!(body, EventBody::ToolOutput { .. })).await;

    assert_eq!(setup.post("/stop").await.0, 202);
    follower.until_status(RunStatus::Stopping).await;
    follower.until_status(RunStatus::Stopped).await;
    run.given_up().await;
    assert!(hears_nothing(answer.chunk()).await);
    assert_eq!(setup.host.asked(), ["call inv_1", "cancel inv_1"]);

    let snapshot = setup.snapshot().await;
    assert_eq!(snapshot.messages, follower.messages);
    let last = snapshot.messages.last().unwrap().parts.last().unwrap();
    let PartBody::Tool(tool) = &last.body else { panic!("{last:?}") };
    assert_eq!((tool.status, tool.output.head.as_str()), (ToolPartStatus::Stopped, "working\n"));
    let transcript = setup.transcript().await;
    assert_eq!(transcript.last().unwrap()["status"], "stopped");
    assert_eq!(setup.post("/stop").await.0, 202, "stopping twice is fine");
}

#[tokio::test]
async fn stop_in_the_middle_of_an_answer_then_continue() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    run.step();
    run.text("Half a sen");
    follower.until_text("Half a sen").await;
    setup.post("/stop").await;
    follower.until_status(RunStatus::Stopped).await;
    let transcript = setup.transcript().await;
    assert_eq!(transcript[1]["text"], "Half a sen");
    assert_eq!(transcript[1]["finish"], "stopped");

    let (status, started) = setup.post("/continue").await;
    assert_eq!(status, 202, "{started}");
    let run = setup.engine.run().await;
    assert_eq!(run.said(), ["go"], "no new user message");
    assert_eq!(run.request.transcript.len(), 2);
    run.reply("tence.");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(texts(&follower.messages), ["go", "Half a sen", "tence."]);
    let (status, problem) = setup.post("/continue").await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("nothing_to_continue")));
}

#[tokio::test]
async fn a_limit_can_be_continued() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    let problem = Problem::new(409, "step_limit", "The run reached its limit of steps");
    run.finish(RunOutcome::LimitReached { problem: problem.clone() });
    let status = follower.until_status(RunStatus::LimitReached).await;
    let EventBody::RunStatus { problem: told, .. } = status else { panic!("no status") };
    assert_eq!(told, Some(problem));
    setup.post("/continue").await;
    setup.engine.run().await.reply("done");
    follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn messages_wait_and_follow_in_order() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("one").await;
    let run = setup.engine.run().await;
    assert_eq!(setup.say("two").await["run_id"], json!(null));
    setup.say("three").await;
    let waiting: Vec<_> = setup.snapshot().await.queue.into_iter().map(|m| m.text).collect();
    assert_eq!(waiting, ["two", "three"]);
    run.reply("1");
    let run = setup.engine.run().await;
    assert_eq!(run.said(), ["one", "two"]);
    run.reply("2");
    setup.engine.run().await.reply("3");
    for _ in 0..3 {
        follower.until_status(RunStatus::Done).await;
    }
    assert_eq!(texts(&follower.messages), ["one", "1", "two", "2", "three", "3"]);
    assert_eq!(setup.snapshot().await.messages, follower.messages);
}

#[tokio::test]
async fn after_a_failure_the_queue_waits_for_the_person() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("one").await;
    let run = setup.engine.run().await;
    let two = setup.say("two").await;
    let three = setup.say("three").await;
    run.finish(RunOutcome::Failed { problem: Problem::new(401, "provider_key_rejected", "No") });
    follower.until_status(RunStatus::Error).await;
    assert!(setup.engine.is_idle());
    assert_eq!(setup.snapshot().await.queue.len(), 2);

    let path = format!("/queue/{}", three["message_id"].as_str().unwrap());
    let (status, _) = setup.gateway.send(Method::DELETE, &setup.path(&path), &json!(null)).await;
    assert_eq!(status, 204);
    let path = format!("/queue/{}/send", two["message_id"].as_str().unwrap());
    let (status, receipt) = setup.post(&path).await;
    assert_eq!((status, &receipt["message_id"]), (202, &two["message_id"]));
    let run = setup.engine.run().await;
    assert_eq!(run.said(), ["one", "two"]);
    run.reply("2");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(setup.snapshot().await.queue, []);
    assert_eq!(setup.post(&path).await.0, 404, "it is sent already");
}

#[tokio::test]
async fn interrupting_stops_the_run_and_sends_first() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("one").await;
    let run = setup.engine.run().await;
    setup.say("patient").await;
    let (status, _) = setup.try_say("now", "urgent", "interrupt").await;
    assert_eq!(status, 202);
    run.given_up().await;
    follower.until_status(RunStatus::Stopped).await;
    let run = setup.engine.run().await;
    assert_eq!(run.said(), ["one", "urgent"]);
    run.reply("u");
    setup.engine.run().await.reply("p.");
    follower.until_text("p.").await;
    assert_eq!(texts(&follower.messages), ["one", "urgent", "u", "patient", "p."]);
}

#[tokio::test]
async fn an_engine_that_vanishes_is_an_error_that_can_be_continued() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    drop(run);
    let EventBody::RunStatus { problem, .. } = follower.until_status(RunStatus::Error).await else {
        panic!("no status")
    };
    assert_eq!(problem.unwrap().code, "engine_lost");
    setup.post("/continue").await;
    let run = setup.engine.run().await;
    let last = serde_json::to_value(run.request.transcript.last().unwrap()).unwrap();
    assert_eq!((last["type"].as_str(), last["status"].as_str()), (Some("tool_result"), Some("interrupted")));
    run.reply("ok");
    follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn what_arrives_at_once_is_recorded_whole_and_in_order() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    // Several times as many as one transaction takes.
    let notices: Vec<String> = (0..700).map(|number| format!("notice {number}")).collect();
    for text in &notices {
        let entry = Box::new(Entry::Notice(Notice { text: text.clone() }));
        run.tell(EngineEvent::Entry { entry });
    }
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    let transcript = setup.transcript().await;
    let recorded: Vec<&str> = transcript.iter().filter_map(|entry| entry["text"].as_str()).skip(1).collect();
    assert_eq!(recorded, notices);
}

#[tokio::test]
async fn calls_pass_only_when_recorded_and_only_once() {
    let mut setup = Setup::new().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    let mut early = Box::pin(run.call_tool("inv_1", "call_1"));
    assert!(futures::poll!(&mut early).is_pending());
    assert_eq!(setup.host.asked(), [] as [&str; 0]);
    run.answer(&id, "", &["call_1"]);
    let mut early = early.await;
    assert_eq!(early.status(), 200);
    // It passes the answer on as it comes, and may not have asked the host before.
    assert!(early.chunk().await.unwrap().is_some());
    assert_eq!(run.call_tool("inv_1", "call_1").await.status(), 409, "the same invocation again");
    assert_eq!(setup.host.asked(), ["call inv_1"]);

    run.request.tools[0].token.push('x');
    assert_eq!(run.call_tool("inv_2", "call_1").await.status(), 401);
}

#[tokio::test]
async fn a_restart_during_a_run_loses_nothing_and_can_be_continued() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.text("First.");
    run.answer(&id, "First.", &["call_1"]);
    run.tell(EngineEvent::ToolStarted { call_id: "call_1".into() });
    run.tell(EngineEvent::ToolOutput { call_id: "call_1".into(), text: "half\n".to_owned() });
    follower.until(|body| matches!(body, EventBody::ToolOutput { .. })).await;
    setup.say("later").await;
    follower.until(|body| matches!(body, EventBody::QueueUpdated { .. })).await;

    let (cursor, conversation) = (follower.cursor.clone(), setup.conversation.clone());
    let directory = setup.gateway.stop().await;
    let engine = FakeEngine::start().await;
    let url = engine.url.clone();
    let gateway = TestGateway::start_in(directory, |config| config.engines = remote(&url)).await;
    let host = FakeHost::attach(&gateway).await;
    let mut setup = Setup { gateway, engine, host, conversation };

    let mut again = Follower::open(&setup.gateway, &setup.conversation, Some(&cursor)).await;
    again.messages = follower.messages;
    let EventBody::RunStatus { problem, .. } = again.until_status(RunStatus::Stopped).await else {
        panic!("no status")
    };
    assert_eq!(problem.unwrap().code, "gateway_restarted");
    let snapshot = setup.snapshot().await;
    assert_eq!(snapshot.messages, again.messages);
    assert!(snapshot.messages.iter().flat_map(|m| &m.parts).all(|part| part.state == PartState::Done));
    let PartBody::Tool(tool) = &snapshot.messages[1].parts[1].body else { panic!("no tool") };
    assert_eq!((tool.status, tool.output.head.as_str()), (ToolPartStatus::Interrupted, "half\n"));
    assert_eq!(snapshot.queue.len(), 1, "what waited still waits");

    setup.post("/continue").await;
    let run = setup.engine.run().await;
    let kinds: Vec<_> =
        run.request.transcript.iter().map(|e| serde_json::to_value(e).unwrap()["type"].clone()).collect();
    assert_eq!(kinds, ["user", "assistant", "tool_result"]);
    run.reply("Second.");
    again.until_text("Second.").await;
}

#[tokio::test]
async fn a_retry_is_shown_and_voids_what_had_streamed() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.text("bad");
    follower.until_text("bad").await;
    let problem = Problem::new(503, "provider_overloaded", "The provider is overloaded");
    run.tell(EngineEvent::Retrying { attempt: 2, wait_ms: 50, problem: problem.clone() });
    let retrying = follower.until(|b| matches!(b, EventBody::RunStatus { retry: Some(_), .. })).await;
    let EventBody::RunStatus { problem: told, retry, .. } = retrying else { panic!("no status") };
    assert_eq!((told, retry.unwrap().attempt), (Some(problem), 2));
    assert_eq!(texts(&follower.messages), ["go"]);
    run.tell(EngineEvent::StepStarted { step: 1, message_id: id.clone() });
    run.text("good");
    run.answer(&id, "good", &[]);
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    assert_eq!(texts(&follower.messages), ["go", "good"]);
    assert_eq!(setup.snapshot().await.messages, follower.messages);
}

#[tokio::test]
async fn long_output_is_excerpted_and_can_be_fetched() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    run.tell(EngineEvent::ToolStarted { call_id: "call_1".into() });
    let lines: String = (0..20_000).map(|n| format!("line {n:05}\n")).collect();
    for piece in lines.as_bytes().chunks(1000) {
        let text = String::from_utf8(piece.to_vec()).unwrap();
        run.tell(EngineEvent::ToolOutput { call_id: "call_1".into(), text });
    }
    run.result("call_1", "ok");
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    let messages = setup.snapshot().await.messages;
    assert_eq!(messages, follower.messages);
    let PartBody::Tool(tool) = &messages[1].parts[0].body else { panic!("no tool") };
    assert!(tool.output.head.starts_with("line 00000") && tool.output.tail.ends_with("line 19999\n"));
    let shown = (tool.output.head.len() + tool.output.tail.len()) as u64;
    assert_eq!(shown + tool.output.omitted_bytes, lines.len() as u64);

    let range = setup.gateway.get(&setup.path("/calls/call_1/output?from=110000&to=110022")).await;
    assert_eq!(range["text"], "line 10000\nline 10001\n");
    assert_eq!(range["total"], lines.len());
}
