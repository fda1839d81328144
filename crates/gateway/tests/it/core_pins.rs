//! Pinning files that the model has open: at once while no run goes on, through the engine while one does, and never
//! forgotten.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::api::Role;
use slipway_protocol::context::{PinFile, RequestPreview};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::run::{ContextFile, EngineEvent, RunOutcome};
use slipway_protocol::transcript::{ContextChange, Entry};
use slipway_protocol::usage::Usage;

use crate::core_client::{Follower, Setup};
use crate::core_engine::EngineRun;
use crate::core_views::Whole;
use crate::people::Person;

async fn pin(setup: &Setup, path: &str, pinned: bool) -> (u16, Value) {
    let body = json!({ "path": path, "pinned": pinned });
    setup.gateway.send(Method::POST, &setup.path("/context/pin"), &body).await
}

/// Pins or unpins, which must be accepted.
async fn pins(setup: &Setup, path: &str, pinned: bool) {
    let (status, answer) = pin(setup, path, pinned).await;
    assert_eq!(status, 204, "{answer}");
}

fn file(path: &str, shown_chars: u64) -> ContextFile {
    ContextFile { path: path.to_owned(), lines: 3, shown_chars, version: 1, pinned: false }
}

/// Has the engine tell that these files are open, of 400 characters each.
fn open(run: &EngineRun, paths: &[&str]) {
    let files = paths.iter().map(|path| file(path, 400)).collect();
    run.tell(EngineEvent::ContextFiles { files });
}

fn wish(path: &str, pinned: bool) -> PinFile {
    PinFile { path: path.to_owned(), pinned }
}

/// Records as an engine what it was told.
fn record(run: &EngineRun, wish: PinFile) {
    run.tell(EngineEvent::Entry { entry: Box::new(Entry::ContextChange(wish.into_change())) });
}

/// A conversation whose run has opened two files and is done.
async fn idle() -> (Setup, Follower) {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    open(&run, &["a", "b"]);
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    (setup, follower)
}

/// A conversation whose run has opened two files and goes on.
async fn at_work() -> (Setup, Follower, EngineRun) {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    open(&run, &["a", "b"]);
    follower.until(|body| matches!(body, EventBody::ContextFiles { .. })).await;
    (setup, follower, run)
}

/// The pinned files, as the snapshot shows them.
async fn shown(setup: &Setup) -> Vec<String> {
    let files = setup.snapshot().await.context_files.into_iter();
    files.filter(|file| file.pinned).map(|file| file.path).collect()
}

/// Pins in the order in which the transcript has them.
async fn recorded(setup: &Setup) -> Vec<PinFile> {
    let entries = setup.transcript().await.into_iter().map(|entry| serde_json::from_value(entry).unwrap());
    entries.filter_map(|entry| pin_of(&entry)).collect()
}

fn pin_of(entry: &Entry) -> Option<PinFile> {
    match entry {
        Entry::ContextChange(ContextChange::Pin { path }) => Some(wish(path, true)),
        Entry::ContextChange(ContextChange::Unpin { path }) => Some(wish(path, false)),
        _ => None,
    }
}

#[tokio::test]
async fn while_no_run_goes_on_it_is_recorded_at_once_and_outlives_a_restart() {
    let (mut setup, mut follower) = idle().await;
    pins(&setup, "a", true).await;
    let told = follower.until(|body| matches!(body, EventBody::ContextFiles { .. })).await;
    let EventBody::ContextFiles { files } = told else { unreachable!() };
    assert_eq!(files, [ContextFile { pinned: true, ..file("a", 400) }, file("b", 400)]);
    assert_eq!(recorded(&setup).await, [wish("a", true)]);
    // Once more is nothing new, and neither is a pin that is not there taken back.
    pins(&setup, "a", true).await;
    pins(&setup, "b", false).await;
    pins(&setup, "closed long ago", false).await;
    assert_eq!(recorded(&setup).await, [wish("a", true)]);

    drop(follower);
    setup = setup.restarted().await;
    assert_eq!(shown(&setup).await, ["a"]);
    setup.say("on").await;
    let run = setup.engine.run().await;
    let sent: Vec<PinFile> = run.request.transcript.iter().filter_map(pin_of).collect();
    assert_eq!(sent, [wish("a", true)]);
    let mut follower = setup.follow().await;
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    pins(&setup, "a", false).await;
    assert_eq!(shown(&setup).await, Vec::<String>::new());
    assert_eq!(recorded(&setup).await, [wish("a", true), wish("a", false)]);
}

#[tokio::test]
async fn a_run_that_goes_on_is_told_and_records_it_once() {
    let (mut setup, mut follower, run) = at_work().await;
    pins(&setup, "a", true).await;
    assert_eq!(setup.engine.pinned().await, [wish("a", true)]);
    assert_eq!(recorded(&setup).await, [], "that is for the engine");
    assert_eq!(shown(&setup).await, ["a"], "people see it all the same");
    // An engine that has not come to its next step knows nothing of it.
    open(&run, &["a", "b", "c"]);
    let has_three = |body: &EventBody| matches!(body, EventBody::ContextFiles { files } if files.len() == 3);
    follower.until(has_three).await;
    assert_eq!(shown(&setup).await, ["a"]);

    record(&run, wish("a", true));
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(recorded(&setup).await, [wish("a", true)]);
    assert_eq!(shown(&setup).await, ["a"]);
}

#[tokio::test]
async fn what_a_run_has_not_recorded_is_recorded_when_it_ends() {
    let (mut setup, mut follower, run) = at_work().await;
    pins(&setup, "a", true).await;
    assert_eq!(setup.engine.pinned().await, [wish("a", true)]);
    pins(&setup, "b", true).await;
    assert_eq!(setup.engine.pinned().await, [wish("a", true), wish("b", true)]);
    record(&run, wish("a", true));
    pins(&setup, "b", false).await;
    pins(&setup, "b", true).await;
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(recorded(&setup).await, [wish("a", true), wish("b", true)]);
    assert_eq!(shown(&setup).await, ["a", "b"]);
}

#[tokio::test]
async fn a_wish_that_was_taken_back_is_no_longer_one() {
    let (mut setup, mut follower, run) = at_work().await;
    pins(&setup, "a", true).await;
    assert_eq!(setup.engine.pinned().await, [wish("a", true)]);
    pins(&setup, "a", false).await;
    assert_eq!(setup.engine.pinned().await, [wish("a", false)]);
    // The engine came to its step between the two.
    record(&run, wish("a", true));
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(recorded(&setup).await, [wish("a", true), wish("a", false)]);
    assert_eq!(shown(&setup).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_restart_under_a_run_does_not_forget_what_was_pinned_during_it() {
    let (mut setup, _, run) = at_work().await;
    pins(&setup, "a", true).await;
    assert_eq!(setup.engine.pinned().await, [wish("a", true)]);
    setup = setup.restarted().await;
    drop(run);
    assert_eq!(setup.snapshot().await.conversation.status, RunStatus::Stopped);
    assert_eq!(recorded(&setup).await, [wish("a", true)]);
    assert_eq!(shown(&setup).await, ["a"]);
}

#[tokio::test]
async fn a_run_that_is_paused_takes_it_along() {
    let (mut setup, mut follower, mut run) = at_work().await;
    let id = run.step();
    pins(&setup, "a", true).await;
    run.answer(&id, "I look.", &["call_1"]);
    assert_eq!(setup.post("/pause").await.0, 202);
    run.finish(RunOutcome::Paused);
    follower.until_status(RunStatus::Paused).await;
    pins(&setup, "b", true).await;
    assert_eq!(setup.post("/continue").await.0, 202);
    let run = setup.engine.run().await;
    let sent: Vec<PinFile> = run.request.transcript.iter().filter_map(pin_of).collect();
    assert_eq!(sent, [wish("a", true), wish("b", true)]);
    run.result("call_1", "done");
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(recorded(&setup).await, [wish("a", true), wish("b", true)]);
}

#[tokio::test]
async fn a_file_that_the_model_closes_before_it_is_pinned_stays_closed_and_unpinned() {
    let (mut setup, mut follower, run) = at_work().await;
    pins(&setup, "a", true).await;
    assert_eq!(setup.engine.pinned().await, [wish("a", true)]);
    open(&run, &["b"]);
    open(&run, &["b", "a"]);
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(recorded(&setup).await, []);
    assert_eq!(shown(&setup).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_pinned_file_is_closed_when_the_person_says_so() {
    let (setup, _) = idle().await;
    pins(&setup, "a", true).await;
    let (status, answer) =
        setup.gateway.send(Method::POST, &setup.path("/context/close"), &json!({ "paths": ["a"] })).await;
    assert_eq!(status, 204, "{answer}");
    assert_eq!(setup.snapshot().await.context_files, [file("b", 400)]);
}

#[tokio::test]
async fn a_file_that_is_not_open_is_not_pinned() {
    let (setup, _) = idle().await;
    let (status, problem) = pin(&setup, "c", true).await;
    assert_eq!((status, &problem["code"]), (409, &json!("file_not_open")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("c was closed or never read"), "{problem}");
    assert!(problem["hint"].as_str().unwrap().contains("Ask the model to read it"), "{problem}");
    assert_eq!(recorded(&setup).await, []);
}

#[tokio::test]
async fn no_more_is_pinned_than_a_third_of_the_window() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    // 600, 400 and 1 tokens of 3000.
    run.tell(EngineEvent::ContextFiles { files: vec![file("a", 2_400), file("b", 1_600), file("c", 1)] });
    let usage = Usage::default();
    let (context_used, context_limit) = (1_200, Some(3_000));
    run.tell(EngineEvent::Usage { usage, context_used, context_limit, predicted_cached: None });
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    pins(&setup, "a", true).await;
    pins(&setup, "b", true).await;
    let (status, problem) = pin(&setup, "c", true).await;
    assert_eq!((status, &problem["code"]), (409, &json!("pins_too_large")), "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("about 1001 tokens; at most 1000 of 3000"), "{detail}");
    assert!(problem["hint"].as_str().unwrap().contains("Unpin or close another file"), "{problem}");
    assert_eq!(shown(&setup).await, ["a", "b"]);
    pins(&setup, "b", false).await;
    pins(&setup, "c", true).await;
    assert_eq!(shown(&setup).await, ["a", "c"]);
}

#[tokio::test]
async fn who_may_only_look_pins_nothing() {
    let (setup, _) = idle().await;
    let viewer = Person::new(&setup.gateway, "vera", Role::Viewer).await;
    let member = Person::new(&setup.gateway, "mona", Role::Member).await;
    let body = json!({ "path": "a", "pinned": true });
    for (person, expected) in [(&viewer, (403, "role_too_small")), (&member, (404, "not_found"))] {
        let (status, problem) =
            person.sends(&setup.gateway, Method::POST, &setup.path("/context/pin"), &body).await;
        assert_eq!((status, problem["code"].as_str().unwrap()), expected, "{problem}");
    }
    assert_eq!(recorded(&setup).await, []);
}

#[tokio::test]
async fn a_branch_has_the_pins_that_were_set_before_it() {
    let (mut setup, mut follower) = idle().await;
    pins(&setup, "a", true).await;
    setup.say("on").await;
    setup.engine.run().await.reply("well");
    follower.until_text("well").await;
    follower.until_status(RunStatus::Done).await;
    let outline = setup.gateway.get(&setup.path("/outline")).await;
    let said = outline.as_array().unwrap().iter().map(|item| item["message_id"].as_str().unwrap());
    for (message, expected) in said.zip([vec![], vec![wish("a", true)]]) {
        let path = setup.path(&format!("/messages/{message}/branch"));
        let body = json!({ "client_id": message, "text": "otherwise" });
        let (status, receipt) = setup.gateway.send(Method::POST, &path, &body).await;
        assert_eq!(status, 201, "{receipt}");
        let run = setup.engine.run().await;
        let sent: Vec<PinFile> = run.request.transcript.iter().filter_map(pin_of).collect();
        assert_eq!(sent, expected);
        run.reply("done");
    }
}

const SCRIPT: &str = "
name: test
models: [scripted-test]
turns:
  - when: {user_contains: first}
    steps:
      - tool_calls: [{name: write_file, arguments: {file: a.txt, content: one}}]
      - tool_calls: [{name: write_file, arguments: {file: b.txt, content: bee}}]
      - text: done
  - when: {user_contains: second}
    steps:
      - tool_calls: [{name: close_file, arguments: {file: a.txt}}]
      - text: done
";

async fn preview(whole: &Whole) -> RequestPreview {
    let path = format!("/api/v1/conversations/{}/context", whole.conversation);
    serde_json::from_value(whole.gateway.get(&path).await).unwrap()
}

#[tokio::test]
async fn a_pin_shows_in_the_preview_and_changes_nothing_of_what_is_sent() {
    let whole = Whole::new(SCRIPT).await;
    whole.run("first").await;
    let before = preview(&whole).await;
    let path = format!("/api/v1/conversations/{}/context/pin", whole.conversation);
    let body = json!({ "path": "a.txt", "pinned": true });
    assert_eq!(whole.gateway.send(Method::POST, &path, &body).await.0, 204);
    let after = preview(&whole).await;
    assert_eq!((&after.fingerprint, &after.messages), (&before.fingerprint, &before.messages));
    let listed: Vec<_> = after.files.iter().map(|file| (file.path.as_str(), file.pinned)).collect();
    assert_eq!(listed, [("a.txt", true), ("b.txt", false)]);
    // The model may close it all the same.
    whole.run("second").await;
    let files = preview(&whole).await.files;
    assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["b.txt"]);
}
