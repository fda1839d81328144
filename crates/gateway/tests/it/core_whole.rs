//! The gateway with the real engine and a scripted model; and with a database that cannot grow.

use http::Method;
use serde_json::json;
use slipway_protocol::Problem;
use slipway_protocol::event::RunStatus;
use slipway_protocol::run::RunOutcome;
use slipway_scripted_model::{Script, Server};

use crate::core_client::{Follower, Setup, create, texts};
use crate::core_engine::FakeEngine;
use crate::core_host::FakeHost;
use crate::database;
use crate::harness::TestGateway;

const SCRIPT: &str = "
name: test
models: [scripted-test]
turns:
  - steps:
      - text: one two three four five six seven eight nine ten
        reasoning: counting
        chunk_chars: 4
        chunk_delay_ms: 20
  - steps:
      - text: again
";

/// A conversation whose model is the script, played through the real engine.
async fn scripted(model: &Server) -> Setup {
    let gateway = TestGateway::start().await;
    let host = FakeHost::attach(&gateway).await;
    let provider = json!({
        "profile": "custom", "name": "Test", "base_url": model.base_url(), "models": ["scripted-test"],
    });
    let (status, answer) = gateway.send(Method::PUT, "/api/v1/providers/scripted", &provider).await;
    assert_eq!(status, 200, "{answer}");
    let body = json!({ "model": { "provider_id": "scripted", "model": "scripted-test" } });
    let (status, conversation) = gateway.send(Method::POST, "/api/v1/conversations", &body).await;
    assert_eq!(status, 201, "{conversation}");
    let conversation = conversation["id"].as_str().unwrap().into();
    Setup { gateway, engine: FakeEngine::start().await, host, conversation }
}

#[tokio::test]
async fn the_real_engine_streams_and_a_reload_shows_the_same() {
    let model = Server::start(Script::from_yaml(SCRIPT).unwrap()).await.unwrap();
    let setup = scripted(&model).await;
    let mut steady = setup.follow().await;
    setup.say("count").await;
    steady.until_text("three").await;
    let snapshot = setup.snapshot().await;
    assert_eq!(snapshot.conversation.status, RunStatus::Running);
    let mut reloaded = Follower::open(&setup.gateway, &setup.conversation, Some(&snapshot.cursor)).await;
    reloaded.messages = snapshot.messages;
    steady.until_status(RunStatus::Done).await;
    reloaded.until_status(RunStatus::Done).await;
    assert_eq!(texts(&steady.messages), ["count", "one two three four five six seven eight nine ten"]);
    assert_eq!(reloaded.messages, steady.messages);
    assert_eq!(setup.snapshot().await.messages, steady.messages);

    setup.say("more").await;
    steady.until_text("again").await;
    let requests = model.requests();
    let second = serde_json::to_string(&requests.last().unwrap().body).unwrap();
    assert!(second.contains("nine ten") && second.contains("more"), "history is sent: {second}");
}

#[tokio::test]
async fn stopping_the_real_engine_keeps_what_had_come() {
    let model = Server::start(Script::from_yaml(SCRIPT).unwrap()).await.unwrap();
    let setup = scripted(&model).await;
    let mut follower = setup.follow().await;
    setup.say("count").await;
    follower.until_text("two").await;
    setup.post("/stop").await;
    follower.until_status(RunStatus::Stopped).await;
    let kept = texts(&follower.messages).pop().unwrap();
    assert!("one two three four five six seven eight nine ten".starts_with(&kept), "{kept}");
    assert_eq!(setup.transcript().await[1]["text"], kept);
    assert_eq!(setup.snapshot().await.messages, follower.messages);
}

#[tokio::test]
async fn a_full_disk_pauses_the_run_and_loses_nothing() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.text("before");
    follower.until_text("before").await;
    database::set_full(&setup.gateway, true).await;
    let text = format!("before{}", "x".repeat(100_000));
    run.answer(&id, &text, &[]);
    let (status, problem) = setup.try_say("big", &"y".repeat(100_000), "queue").await;
    assert!(matches!(status, 202 | 507), "{status} {problem}");

    database::set_full(&setup.gateway, false).await;
    follower.until_text(&text).await;
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    // And nothing is left behind that would fail later.
    setup.say("more").await;
    for number in 0..20 {
        let run = setup.engine.run().await;
        let waiting = setup.say(&number.to_string()).await;
        assert_eq!(waiting["run_id"], json!(null));
        run.reply("after");
        follower.until_status(RunStatus::Done).await;
    }
}

#[tokio::test]
async fn a_run_that_waits_for_space_can_be_stopped() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.text("before");
    follower.until_text("before").await;
    database::set_full(&setup.gateway, true).await;
    run.answer(&id, &format!("before{}", "x".repeat(100_000)), &[]);
    // Nobody knows when the run finds out; from then on a stop reaches it, whether that can be saved or not.
    let stopping = async {
        loop {
            setup.post("/stop").await;
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = stopping => {}
        () = run.given_up() => {}
    }
    database::set_full(&setup.gateway, false).await;
    follower.until_status(RunStatus::Stopped).await;
}

#[tokio::test]
async fn connections_that_became_read_only_are_not_used_for_ever() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.text("before");
    follower.until_text("before").await;
    database::make_connections_read_only(&setup.gateway).await;
    run.answer(&id, "before and after", &[]);
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    assert_eq!(texts(&setup.snapshot().await.messages), ["go", "before and after"]);

    database::make_connections_read_only(&setup.gateway).await;
    let mut statuses = Vec::new();
    while statuses.last() != Some(&201) && statuses.len() < 8 {
        let path = "/api/v1/conversations";
        statuses.push(setup.gateway.send(Method::POST, path, &json!({})).await.0);
    }
    assert!(matches!(statuses[..], [201] | [507, 201]), "it is told once at most: {statuses:?}");
}

#[tokio::test]
async fn the_instance_tells_why_nothing_can_be_saved_until_something_is() {
    let gateway = TestGateway::start().await;
    assert_eq!(gateway.get("/api/v1/instance").await["storage"], json!(null));
    let mut told = json!(null);
    // What the gateway sees to when it has started may be saved in between, and takes the trouble back.
    for _ in 0..20 {
        gateway.app().store.note_trouble(Problem::new(507, "storage_full", "No space is left to save"));
        told = gateway.get("/api/v1/instance").await["storage"]["code"].clone();
        if told == "storage_full" {
            break;
        }
    }
    assert_eq!(told, "storage_full");
    create(&gateway).await;
    assert_eq!(gateway.get("/api/v1/instance").await["storage"], json!(null));
}
