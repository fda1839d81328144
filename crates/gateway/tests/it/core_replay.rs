//! Recordings that need more than their answers to be played again: a hand-over needs the window of a model that
//! nobody can be asked for, and a Vertex provider an access token that nobody can fetch.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::event::RunStatus;
use slipway_protocol::export::ConversationExport;
use slipway_protocol::transcript::Entry;
use slipway_scripted_model::{Script, Server};

use crate::core_client::Follower;
use crate::core_export::{answers, conversation, parsed, say};
use crate::core_host::FakeHost;
use crate::harness::TestGateway;

/// A model that may hand over when it has used most of its window, and the conversation that goes on.
const SCRIPT: &str = "
name: test
models: [gpt-5.5]
turns:
  - when: {user_contains: Go on with it.}
    steps: [{text: It is done.}]
  - steps:
      - {tool_calls: [{name: continue_as_new_chat, arguments: {prompt: Go on with it.}}], usage: {prompt: 950000, completion: 9}}
      - {tool_calls: [{name: continue_as_new_chat, arguments: {prompt: Go on with it.}}], usage: {prompt: 950000, completion: 9}}
";

/// The results of all calls, in words.
fn results(export: &ConversationExport) -> Vec<String> {
    let entries = export.runs.iter().flat_map(|run| &run.entries);
    let results = entries.filter_map(|entry| match entry {
        Entry::ToolResult(result) => Some(format!("{}: {}", result.outcome.status, result.outcome.text)),
        _ => None,
    });
    results.collect()
}

/// Two recordings: a conversation that was handed over, and the one in which it went on.
async fn handed_over() -> (Value, Value) {
    let model = Server::start(Script::from_yaml(SCRIPT).unwrap()).await.unwrap();
    let gateway = TestGateway::start().await;
    let _host = FakeHost::attach(&gateway).await;
    let provider = json!({
        "profile": "openai", "name": "T", "base_url": model.base_url(), "api_key": "key-of-the-test",
        "models": ["gpt-5.5"],
    });
    let (status, answer) = gateway.send(Method::PUT, "/api/v1/providers/mine", &provider).await;
    assert_eq!(status, 200, "{answer}");
    let (path, mut follower) = conversation(&gateway, "mine", "gpt-5.5").await;
    say(&gateway, &path, "Build it.").await;
    follower.until_status(RunStatus::Done).await;
    let all = gateway.get("/api/v1/conversations").await;
    let next =
        all["items"].as_array().unwrap().iter().find(|item| !path.ends_with(item["id"].as_str().unwrap()));
    let next = next.expect("it goes on in another conversation")["id"].as_str().unwrap().to_owned();
    let mut follower = Follower::open(&gateway, &next.as_str().into(), None).await;
    let next = format!("/api/v1/conversations/{next}");
    while gateway.get(&next).await["conversation"]["status"] != "done" {
        follower.until(|_| true).await;
    }
    let old = gateway.get(&format!("{path}/export")).await;
    (old, gateway.get(&format!("{next}/export")).await)
}

/// Has another provider's model have answered in the only run of a recording.
fn set_model(recording: &mut Value, profile: &str, model: &str) {
    let run = &mut recording["runs"][0];
    run["provider"]["profile"] = json!(profile);
    run["model"] = json!(model);
    for entry in run["entries"].as_array_mut().unwrap() {
        if entry["type"] == "assistant" {
            entry["model"] = json!(model);
        }
    }
}

/// Plays the only run of a recording.
async fn played(recording: &Value, message: &str) -> ConversationExport {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("recording.json");
    std::fs::write(&file, recording.to_string()).unwrap();
    let gateway = TestGateway::start_in(directory, |config| config.recording = Some(file)).await;
    let _host = FakeHost::attach(&gateway).await;
    let model = recording["runs"][0]["model"].as_str().unwrap();
    let (path, mut follower) = conversation(&gateway, "run-1", model).await;
    say(&gateway, &path, message).await;
    follower.until_status(RunStatus::Done).await;
    parsed(&gateway.get(&format!("{path}/export")).await.to_string())
}

#[tokio::test]
async fn a_hand_over_is_played_again_whoever_the_provider_was() {
    let (mut old, next) = handed_over().await;
    let recorded = parsed(&old.to_string());
    let said = results(&recorded);
    assert!(said[0].starts_with("error: Refused: the conversation fills"), "{said:?}");
    assert!(said[1].starts_with("ok: The task goes on"), "{said:?}");
    let window = old["context_limit"].as_u64().expect("the window is known");

    // As a recording of a provider that tells the window itself: no profile of this program knows it.
    set_model(&mut old, "custom", "their-own");
    let again = played(&old, "Build it.").await;
    assert_eq!(results(&again), said);
    assert_eq!((again.runs.len(), again.context_limit), (1, Some(window)));

    let again = played(&next, "Go on with it.").await;
    assert_eq!(answers(&again), answers(&parsed(&next.to_string())));
}

#[tokio::test]
async fn a_recording_of_a_vertex_provider_is_played_without_a_credential() {
    let (_, mut recording) = handed_over().await;
    set_model(&mut recording, "vertex", "google/gemini-3.1-pro-preview");
    let again = played(&recording, "Go on with it.").await;
    assert_eq!(again.runs[0].provider.profile, "vertex");
    let [answer] = answers(&again).try_into().unwrap();
    assert_eq!((&answer["text"], &answer["finish"]), (&json!("It is done."), &json!("stop")));
}
