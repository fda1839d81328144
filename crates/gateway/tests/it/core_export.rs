//! Conversations as files, and playing them again.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::Problem;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::export::{ConversationExport, FORMAT, VERSION};
use slipway_protocol::run::RunOutcome;
use slipway_protocol::transcript::Entry;
use slipway_scripted_model::{Script, Server};

use crate::core_client::{Follower, Setup};
use crate::core_host::FakeHost;
use crate::harness::TestGateway;

const KEY: &str = "sk-live-\"quoted\"-5511";

pub(crate) fn parsed(text: &str) -> ConversationExport {
    serde_json::from_str(text).unwrap()
}

/// The file, and the header that names it.
async fn exported(setup: &Setup, query: &str) -> (String, String) {
    let path = setup.path(&format!("/export{query}"));
    let answer = setup.gateway.launcher(Method::GET, &path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    (answer.text().await.unwrap(), disposition)
}

fn kinds(entries: &[Entry]) -> Vec<Value> {
    entries.iter().map(|entry| serde_json::to_value(entry).unwrap()["type"].clone()).collect()
}

/// A conversation with a failed run, a continued one and a finished one, in all of which a key is told.
async fn eventful() -> Setup {
    let mut setup = Setup::new().await;
    let provider = json!({
        "profile": "custom", "name": "Mine", "base_url": "https://secret-host.example/v1",
        "api_key": KEY, "models": ["m"], "extra_body": { "tag": "extra-field-of-mine" },
    });
    assert_eq!(setup.gateway.send(Method::PUT, "/api/v1/providers/mine", &provider).await.0, 200);
    let mut follower = setup.follow().await;

    setup.say(&format!("Use {KEY} to fix it")).await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "I look.", &["call-1"]);
    run.result("call-1", &format!("found {KEY} and launcher-token-of-the-test"));
    run.finish(RunOutcome::Failed { problem: Problem::new(502, "lost", "lost") });
    follower.until_status(RunStatus::Error).await;

    setup.post("/continue").await;
    setup.engine.run().await.reply(&format!("It is ```{KEY}```."));
    follower.until_status(RunStatus::Done).await;
    setup.say("thanks").await;
    setup.engine.run().await.reply("bye");
    follower.until_status(RunStatus::Done).await;
    setup
}

#[tokio::test]
async fn an_export_holds_every_entry_in_its_run() {
    let setup = eventful().await;
    let (text, disposition) = exported(&setup, "").await;
    let export = parsed(&text);
    assert_eq!((export.format.as_str(), export.version), (FORMAT, VERSION));
    assert!(
        disposition.starts_with("attachment; filename=\"slipway-use-removed-to-fix-it.json\""),
        "{disposition}"
    );
    let statuses: Vec<RunStatus> = export.runs.iter().map(|run| run.status).collect();
    assert_eq!(statuses, [RunStatus::Error, RunStatus::Done, RunStatus::Done]);
    assert_eq!(export.runs[0].problem.as_ref().map(|problem| problem.code.as_str()), Some("lost"));
    assert_eq!(kinds(&export.runs[0].entries), ["user", "assistant", "tool_result"]);
    assert_eq!(kinds(&export.runs[1].entries), ["assistant"]);
    assert_eq!(kinds(&export.runs[2].entries), ["user", "assistant"]);
    assert!(export.runs.iter().all(|run| run.provider.scripted && run.ended_at.is_some()));
    assert_eq!(export.prompt.workspace, "/workspace");
    assert!(export.not_recorded.iter().any(|text| text.contains("workspace")));
}

#[tokio::test]
async fn an_export_holds_no_secret() {
    let setup = eventful().await;
    let quoted = json!(KEY).to_string();
    for query in ["", "?format=json", "?format=markdown"] {
        let (text, _) = exported(&setup, query).await;
        for secret in
            [KEY, quoted.trim_matches('"'), "launcher-token-of", "secret-host", "extra-field-of-mine"]
        {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(text.matches("[removed]").count() >= 4, "{text}");
    }
}

#[tokio::test]
async fn the_markdown_form_can_be_read() {
    let setup = eventful().await;
    let (text, disposition) = exported(&setup, "?format=markdown").await;
    assert!(disposition.ends_with(".md\""), "{disposition}");
    for part in
        ["# Use [removed] to fix it", "*Run 2:", "## Person", "**Call** `touch`", "```text\nfound [removed]"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let wrong = setup.gateway.launcher(Method::GET, &setup.path("/export?format=pdf")).send().await.unwrap();
    assert_eq!(wrong.status(), 422);
    let missing = setup.gateway.launcher(Method::GET, "/api/v1/conversations/conv_0/export");
    assert_eq!(missing.send().await.unwrap().status(), 404);
    let stranger = setup.gateway.anonymous(Method::GET, &setup.path("/export")).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
}

#[tokio::test]
async fn a_long_conversation_is_written_whole() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    // More entries than are read at a time.
    for number in 0..150 {
        let (id, call) = (run.step(), format!("call-{number}"));
        run.answer(&id, "", &[&call]);
        run.result(&call, "x");
    }
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    let export = parsed(&exported(&setup, "").await.0);
    assert_eq!(export.runs[0].entries.len(), 302);
    let transcript: Vec<Entry> =
        setup.transcript().await.into_iter().map(|entry| serde_json::from_value(entry).unwrap()).collect();
    assert_eq!(export.runs[0].entries, transcript);

    let (_, empty) = setup.gateway.send(Method::POST, "/api/v1/conversations", &json!({})).await;
    let path = format!("/api/v1/conversations/{}/export", empty["id"].as_str().unwrap());
    let empty: ConversationExport = serde_json::from_value(setup.gateway.get(&path).await).unwrap();
    assert!(empty.runs.is_empty());
}

const SCRIPT: &str = "
name: t
models: [scripted-test]
turns:
  - steps: [{text: first answer, reasoning: hm, usage: {prompt: 90, completion: 9, cached: 50}}]
  - steps: [{text: second answer}]
";

/// A conversation with a model, and a follower of it.
pub(crate) async fn conversation(gateway: &TestGateway, provider: &str, model: &str) -> (String, Follower) {
    let body = json!({ "model": { "provider_id": provider, "model": model } });
    let (status, conversation) = gateway.send(Method::POST, "/api/v1/conversations", &body).await;
    assert_eq!(status, 201, "{conversation}");
    let id = conversation["id"].as_str().unwrap().to_owned();
    let follower = Follower::open(gateway, &id.as_str().into(), None).await;
    (format!("/api/v1/conversations/{id}"), follower)
}

pub(crate) async fn say(gateway: &TestGateway, path: &str, text: &str) {
    let body = json!({ "client_id": text, "text": text });
    let (status, answer) = gateway.send(Method::POST, &format!("{path}/messages"), &body).await;
    assert_eq!(status, 202, "{answer}");
}

/// All answers of an export, without what differs from time to time.
pub(crate) fn answers(export: &ConversationExport) -> Vec<Value> {
    let entries = export.runs.iter().flat_map(|run| &run.entries);
    entries
        .filter(|entry| matches!(entry, Entry::Assistant(_)))
        .map(|entry| {
            let mut value = serde_json::to_value(entry).unwrap();
            let fields = value.as_object_mut().unwrap();
            fields.retain(|name, _| !matches!(name.as_str(), "id" | "created_at"));
            if fields["usage"]["source"] == "estimated" {
                fields.remove("usage");
            }
            value
        })
        .collect()
}

#[tokio::test]
async fn a_recording_plays_the_model_again_without_a_key() {
    let model = Server::start(Script::from_yaml(SCRIPT).unwrap()).await.unwrap();
    let gateway = TestGateway::start().await;
    let _host = FakeHost::attach(&gateway).await;
    let provider = json!({
        "profile": "custom", "name": "T", "base_url": model.base_url(), "api_key": KEY,
        "models": ["scripted-test"],
    });
    assert_eq!(gateway.send(Method::PUT, "/api/v1/providers/mine", &provider).await.0, 200);
    let (path, mut follower) = conversation(&gateway, "mine", "scripted-test").await;
    for text in ["one", "two"] {
        say(&gateway, &path, text).await;
        follower.until_status(RunStatus::Done).await;
    }
    let recorded = gateway.get(&format!("{path}/export")).await;
    drop(gateway.stop().await);
    drop(model);

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("recording.json");
    std::fs::write(&file, recorded.to_string()).unwrap();
    let gateway = TestGateway::start_in(directory, |config| config.recording = Some(file)).await;
    let _host = FakeHost::attach(&gateway).await;
    let (path, mut follower) = conversation(&gateway, "run-1", "scripted-test").await;
    say(&gateway, &path, "one").await;
    follower.until_status(RunStatus::Done).await;
    let second = json!({ "model": { "provider_id": "run-2", "model": "scripted-test" } });
    assert_eq!(gateway.send(Method::PATCH, &path, &second).await.0, 200);
    say(&gateway, &path, "two").await;
    follower.until_status(RunStatus::Done).await;
    let replayed = parsed(&gateway.get(&format!("{path}/export")).await.to_string());
    let recorded = parsed(&recorded.to_string());
    assert_eq!(answers(&replayed), answers(&recorded));
    assert!(replayed.runs.iter().all(|run| run.provider.scripted));

    // Whoever asks for more is told so, at once.
    say(&gateway, &path, "two again").await;
    let EventBody::RunStatus { problem, .. } = follower.until_status(RunStatus::Error).await else {
        panic!("no status")
    };
    let detail = problem.unwrap().detail;
    assert!(detail.contains("run 2 of the recording has 1 answers"), "{detail}");
}

#[tokio::test]
async fn what_is_no_recording_is_said_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("other.json");
    std::fs::write(&file, "{\"format\": \"x\"}").unwrap();
    let error = slipway_gateway::recorded::RecordedModel::start(&file).await.unwrap_err();
    assert!(error.to_string().contains("is not an exported conversation"), "{error}");
}
