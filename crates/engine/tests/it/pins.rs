//! Files that the person pins: they stay when others are closed because they were not used for long.

use serde_json::{Map, json};
use slipway_protocol::MessageId;
use slipway_protocol::context::RequestPreview;
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{AssistantStep, ContextChange, Entry, Finish, ToolCall, ToolResult, View};
use slipway_protocol::usage::{Usage, UsageSource};
use slipway_protocol::view::ViewChange;

use crate::context_modes::file;
use crate::harness::{Events, World, preview, user};
use crate::steering::{SLOWLY, run};

/// A file that was read, and is as it was then; it has about so many tokens.
fn read(path: &str, tokens: usize) -> [Entry; 3] {
    let call = ToolCall {
        id: path.into(),
        name: "read_file".to_owned(),
        arguments: json!({ "path": path }).to_string(),
        opaque: Map::new(),
    };
    let answer = AssistantStep {
        id: MessageId::generate(),
        step: 1,
        text: String::new(),
        reasoning: String::new(),
        opaque: Map::new(),
        tool_calls: vec![call],
        finish: Finish::ToolCalls,
        usage: None,
        model: "scripted".to_owned(),
        created_at: 0,
    };
    let mut outcome = ToolOutcome::new(ToolStatus::Ok, "It is shown.");
    outcome.view_changes = vec![ViewChange::Open { path: path.to_owned(), ranges: Vec::new() }];
    let result = ToolResult {
        call_id: path.into(),
        name: "read_file".to_owned(),
        outcome,
        duration_ms: 1,
        created_at: 0,
    };
    let view = View { version: 1, file: file(path, "old", tokens * 5) };
    [Entry::Assistant(answer), Entry::ToolResult(result), Entry::View(view)]
}

fn pin(path: &str) -> Entry {
    Entry::ContextChange(ContextChange::Pin { path: path.to_owned() })
}

/// A request with these files open, the first of them opened first, and some of them pinned.
fn with_files(world: &World, files: &[(&str, usize)], pinned: &[&str]) -> RunRequest {
    let mut request = world.request();
    request.transcript = vec![user("look at them")];
    request.transcript.extend(files.iter().flat_map(|(path, tokens)| read(path, *tokens)));
    request.transcript.extend(pinned.iter().map(|path| pin(path)));
    request.transcript.push(user("go on"));
    request
}

/// The provider has counted so many tokens with the last answer.
fn report(request: &mut RunRequest, tokens: u64) {
    let answers = request.transcript.iter_mut().rev();
    let mut answers = answers.filter_map(|entry| match entry {
        Entry::Assistant(answer) => Some(answer),
        _ => None,
    });
    let answer = answers.next().expect("an answer");
    answer.usage =
        Some(Usage { input: tokens, output: 5, source: UsageSource::Reported, ..Usage::default() });
}

fn evicted(events: &Events) -> Vec<Vec<String>> {
    let entries = events.entries().into_iter().filter_map(|entry| match entry {
        Entry::ContextChange(ContextChange::Evict { paths }) => Some(paths),
        _ => None,
    });
    entries.collect()
}

fn warnings(events: &Events) -> Vec<String> {
    let told = events.0.iter().filter_map(|event| match event {
        EngineEvent::Notice { level: NoticeLevel::Warning, text } => Some(text.clone()),
        _ => None,
    });
    told.collect()
}

const DONE: &str = "  - {when: {user_contains: go on}, steps: [{text: done}]}";

#[tokio::test]
async fn a_pinned_file_stays_when_the_context_gets_tight() {
    // As many tokens as before are counted, so that nothing looks as if the provider had cut it.
    let counted =
        "  - {when: {user_contains: go on}, steps: [{text: done, usage: {prompt: 72000, completion: 5}}]}";
    for (pinned, closed) in [(&[][..], "a"), (&["a"][..], "b")] {
        let world = World::new(counted).await;
        let files = [("a", 12_000), ("b", 12_000), ("c", 12_000)];
        let mut request = with_files(&world, &files, pinned);
        report(&mut request, 71_000);
        let (status, looked) = preview(&world.engine, &request).await;
        assert_eq!(status, 200, "{looked}");
        let events = world.run_with(request).await;
        assert_eq!(*events.outcome(), RunOutcome::Completed);
        assert_eq!(evicted(&events)[0][0], closed);
        assert!(!evicted(&events).concat().iter().any(|path| pinned.contains(&path.as_str())));
        assert_eq!(warnings(&events), Vec::<String>::new());
        let looked: RequestPreview = serde_json::from_str(&looked).expect("a preview");
        let messages: Vec<String> =
            looked.messages.iter().map(|message| message.message.to_string()).collect();
        let sent: Vec<String> = world.messages(0).iter().map(ToString::to_string).collect();
        assert_eq!(messages, sent, "what is previewed is what is sent");
        let listed = looked.files.iter().filter(|file| file.pinned).map(|file| file.path.as_str());
        assert_eq!(listed.collect::<Vec<_>>(), pinned);
    }
}

#[tokio::test]
async fn a_pin_changes_nothing_of_the_request() {
    let world = World::new(DONE).await;
    let files = [("a", 200), ("b", 200)];
    let plain = with_files(&world, &files, &[]);
    let mut pinned = plain.clone();
    let last = pinned.transcript.len() - 1;
    pinned.transcript.insert(last, pin("a"));
    world.run_with(plain).await;
    world.run_with(pinned).await;
    let sent: Vec<String> = world.model.requests().iter().map(|request| request.text.clone()).collect();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
}

#[tokio::test]
async fn pinned_files_are_closed_last_and_the_person_is_told() {
    let world = World::new(DONE).await;
    let request = with_files(&world, &[("huge", 150_000), ("small", 1_000)], &["huge"]);
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed, "{:?}", events.outcome());
    assert_eq!(evicted(&events), [["small", "huge"]]);
    let warnings = warnings(&events);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("these pinned files were closed: huge."), "{warnings:?}");
    assert!(!world.requests_say("1\\thuge old"), "what does not fit is not sent");
    assert!(world.newest(0).contains("no room for them any more: small, huge."), "{}", world.newest(0));
}

#[tokio::test]
async fn a_pinned_file_outlives_a_larger_one_that_is_not() {
    let world = World::new(DONE).await;
    let request = with_files(&world, &[("kept", 20_000), ("huge", 90_000)], &["kept"]);
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed, "{:?}", events.outcome());
    assert_eq!(evicted(&events), [["huge"]]);
    assert_eq!(warnings(&events), Vec::<String>::new());
    assert!(world.requests_say("1\\tkept old"));
}

async fn tell(world: &World, request: &RunRequest, wanted: &[(&str, bool)]) -> u16 {
    let url = format!("{}/v1/runs/{}/pins", world.engine, request.run_id);
    let wanted: Vec<_> =
        wanted.iter().map(|(path, pinned)| json!({ "path": path, "pinned": pinned })).collect();
    reqwest::Client::new().post(url).json(&wanted).send().await.expect("an answer").status().as_u16()
}

fn changes(events: &[EngineEvent]) -> Vec<&ContextChange> {
    let changes = events.iter().filter_map(|event| match event {
        EngineEvent::Entry { entry } => match &**entry {
            Entry::ContextChange(change) => Some(change),
            _ => None,
        },
        _ => None,
    });
    changes.collect()
}

#[tokio::test]
async fn a_run_that_goes_on_records_pins_at_its_next_step() {
    let world = World::new(&format!(
        "  - when: {{user_contains: go on}}
    steps: [{{text: 'let me look at that', {SLOWLY}, tool_calls: [{{name: fail}}]}}, {{text: done}}]"
    ))
    .await;
    let request = with_files(&world, &[("a", 50), ("b", 50)], &["b"]);
    let events = run(&world, &request, async || {
        assert_eq!(tell(&world, &request, &[("a", false), ("b", false), ("closed", true)]).await, 202);
        assert_eq!(tell(&world, &request, &[("a", true)]).await, 202, "the newer wish counts");
    })
    .await;
    let unpinned = ContextChange::Unpin { path: "b".to_owned() };
    let pinned = ContextChange::Pin { path: "a".to_owned() };
    assert_eq!(changes(&events), [&unpinned, &pinned]);
    let listed = events.iter().rev().find_map(|event| match event {
        EngineEvent::ContextFiles { files } => Some(files),
        _ => None,
    });
    let listed = listed.expect("the files are told of").iter().map(|file| (file.path.as_str(), file.pinned));
    assert_eq!(listed.collect::<Vec<_>>(), [("a", true), ("b", false)]);
    assert_eq!(world.model.requests().len(), 2);
    assert_eq!(tell(&world, &request, &[("a", false)]).await, 404, "it does not go on");
}

#[tokio::test]
async fn a_pin_during_the_last_answer_does_not_ask_the_model_once_more() {
    let world = World::new(&format!(
        "  - {{when: {{user_contains: go on}}, steps: [{{text: 'this is all', {SLOWLY}}}]}}"
    ))
    .await;
    let request = with_files(&world, &[("a", 50)], &[]);
    let events = run(&world, &request, async || {
        assert_eq!(tell(&world, &request, &[("a", true)]).await, 202);
    })
    .await;
    assert!(matches!(events.last(), Some(EngineEvent::Finished { outcome: RunOutcome::Completed })));
    assert_eq!(world.model.requests().len(), 1);
    assert_eq!(changes(&events), [&ContextChange::Pin { path: "a".to_owned() }]);
}
