//! How open files are laid out in a run, what that means for the provider's cache, and what happens when the
//! context gets tight.

use serde_json::Value;
use slipway_protocol::run::{ContextMode, EngineEvent, RunRequest};
use slipway_protocol::transcript::{ContextChange, Entry, ViewId};
use slipway_protocol::view::{RenderedContent, RenderedFile};
use slipway_scripted_model::Script;

use crate::harness::{World, quick, user};

/// A file with a first line that tells its state, and so many more characters.
pub(crate) fn file(path: &str, state: &str, more: usize) -> RenderedFile {
    RenderedFile {
        path: path.to_owned(),
        content_hash: format!("{path} {state}"),
        lines: 2,
        bytes: 1,
        content: RenderedContent::Text {
            text: format!("1\t{path} {state}\n2\t{}\n", "word ".repeat(more / 5)),
        },
        ranges: None,
    }
}

pub(crate) fn request(world: &World, profile: &str, mode: ContextMode) -> RunRequest {
    let mut request = world.request();
    request.model.profile = profile.to_owned();
    request.context_mode = mode;
    // Three times as long as what a provider caches at the least, whatever stands before it.
    request.transcript = vec![user(&"do it ".repeat(2000))];
    request
}

/// Opens a small file, then a large one, then changes the small one, then the large one. Between the two is so
/// much text that a provider which caches by steps of 128 tokens tells them apart wherever they stand.
pub(crate) const CHANGES: &str = "  - steps:
      - {tool_calls: [{name: read_file, arguments: {path: a}}], usage: {prompt: 4000, completion: 10}}
      - {text: BETWEEN, tool_calls: [{name: read_file, arguments: {path: b}}], usage: {prompt: 4000, completion: 10, cached: 900}}
      - {tool_calls: [{name: write_file, arguments: {path: a}}], usage: {prompt: 4000, completion: 10}}
      - {tool_calls: [{name: write_file, arguments: {path: b}}], usage: {prompt: 4000, completion: 10}}
      - {text: done, usage: {prompt: 4000, completion: 10}}";

async fn changing(profile: &str, mode: ContextMode) -> (World, Vec<Entry>, Vec<Option<u64>>) {
    let world = World::new(&CHANGES.replace("BETWEEN", &"then ".repeat(400))).await;
    world.tools.will_show(vec![file("a", "old", 100)]);
    world.tools.will_show(vec![file("b", "old", 12_000)]);
    world.tools.will_show(vec![file("a", "new", 100)]);
    world.tools.will_show(vec![file("b", "new", 12_000)]);
    let events = world.run_with(request(&world, profile, mode)).await;
    let predicted = events.0.iter().filter_map(|event| match event {
        EngineEvent::Usage { predicted_cached, .. } => Some(*predicted_cached),
        _ => None,
    });
    let predicted = predicted.collect();
    let entries = events.entries();
    (world, entries, predicted)
}

fn collapses(entries: &[Entry]) -> Vec<Vec<ViewId>> {
    let collapses = entries.iter().filter_map(|entry| match entry {
        Entry::ContextChange(ContextChange::Collapse { views }) => Some(views.clone()),
        _ => None,
    });
    collapses.collect()
}

fn joined(messages: &[Value]) -> String {
    let said = messages.iter().filter(|message| message["role"] != "system");
    said.filter_map(|message| message["content"].as_str()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn auto_shrinks_what_pays_and_leaves_the_rest_of_the_request_alone() {
    let (world, entries, _) = changing("openai", ContextMode::ByProfile).await;
    let requests: Vec<Vec<Value>> = (0..5).map(|number| world.messages(number)).collect();
    // Shrinking the small file would make the large one behind it new to the cache.
    assert_eq!(requests[3][..requests[2].len()], requests[2][..]);
    let text = joined(&requests[3]);
    assert!(text.contains("1\ta old\n") && text.contains("1\ta new\n"), "{text}");
    // There is nothing behind the large file that matters.
    let text = joined(&requests[4]);
    assert!(text.contains("1\ta old\n") && text.contains("[A newer version is below]"));
    assert!(!text.contains("1\tb old\n") && text.contains("1\tb new\n"));
    assert_eq!(collapses(&entries), [[ViewId { path: "b".to_owned(), version: 1 }]]);
}

/// The text of a request with Anthropic's cache marks taken out, and the messages that carried one.
fn without_marks(request: &str) -> (String, Vec<usize>) {
    let body: Value = serde_json::from_str(request).expect("JSON");
    let messages = body["messages"].as_array().expect("a list").iter();
    let marks = messages
        .enumerate()
        .filter(|(_, message)| !message["content"][0]["cache_control"].is_null())
        .map(|(position, _)| position)
        .collect();
    (request.replace(r#","cache_control":{"type":"ephemeral"}"#, ""), marks)
}

#[tokio::test]
async fn cache_marks_stand_before_the_newest_views_and_change_nothing_else() {
    let mut script =
        Script::from_yaml(&format!("name: test\nmodels: [anthropic/claude-sonnet-5]\nturns:\n{CHANGES}"))
            .expect("a script");
    script.strict = true;
    let world = World::of(script, quick()).await;
    for (path, state, more) in
        [("a", "old", 50), ("b", "old", 40_000), ("a", "new", 50), ("b", "new", 40_000)]
    {
        world.tools.will_show(vec![file(path, state, more)]);
    }
    let mut request = request(&world, "openrouter", ContextMode::Auto);
    request.model.model = "anthropic/claude-sonnet-5".to_owned();
    // Long enough for this provider to cache it.
    request.transcript = vec![user(&"do it ".repeat(5_000))];
    let events = world.run_with(request).await;
    assert_eq!(collapses(&events.entries()), [[ViewId { path: "b".to_owned(), version: 1 }]]);
    let requests: Vec<String> = world.model.requests().iter().map(|request| request.text.clone()).collect();
    let (texts, marks): (Vec<String>, Vec<Vec<usize>>) =
        requests.iter().map(|request| without_marks(request)).unzip();
    // 0 and 1 are the instructions and the task; results, with the views, are at 3, 5, 7 and 9.
    let expected: [&[usize]; 5] = [
        &[0, 1],
        // `a` is shown at 3.
        &[0, 1, 3],
        // `a` at 3 and `b` at 5.
        &[0, 1, 3, 5],
        // `b` at 5 and `a` at 7.
        &[0, 3, 5, 7],
        // `a` at 7 and `b` at 9; at 5, `b` has shrunk, so that the cache holds what is before.
        &[0, 3, 7, 9],
    ];
    assert_eq!(marks, expected);
    // But for the marks, each request begins with all of the one before, up to the view that shrinks.
    for (number, pair) in texts.windows(2).enumerate() {
        let end = |text: &str| text.find("],\"stream\"").expect("messages end");
        let (before, after) = (&pair[0][..end(&pair[0])], pair[1].as_str());
        let stays = if number == 3 { before.find("<file path=\\\"b\\\"").expect("b") } else { before.len() };
        assert!(after.starts_with(&before[..stays]), "request {number}: {before}\nbecame {after}");
    }
}

#[tokio::test]
async fn the_person_may_choose_another_mode() {
    let (world, entries, _) = changing("openai", ContextMode::PerFile).await;
    assert!(joined(&world.messages(3)).contains("[A newer version is below]"));
    assert_eq!(collapses(&entries), Vec::<Vec<ViewId>>::new());
    let (world, entries, _) = changing("openai", ContextMode::Consolidated).await;
    let newest = world.newest(4);
    assert!(newest.contains("1\ta new\n") && newest.contains("1\tb new\n"), "{newest}");
    assert_eq!(joined(&world.messages(4)).matches("<file path=").count(), 2);
    assert_eq!(collapses(&entries), Vec::<Vec<ViewId>>::new());
    // A provider that is not known to sell cached input cheaper has each file once, by default.
    let (world, _, _) = changing("custom", ContextMode::ByProfile).await;
    assert!(joined(&world.messages(3)).contains("[A newer version is below]"));
}

/// How many messages of a request are as in the one before, and how many of 4000 tokens those are, as far as
/// characters tell.
fn repeated(world: &World, number: usize) -> (usize, u64) {
    let (before, now) = (world.messages(number - 1), world.messages(number));
    let same = before.iter().zip(&now).take_while(|(old, new)| old == new).count();
    let size = |messages: &[Value]| messages.iter().map(|message| message.to_string().len()).sum::<usize>();
    (same, u64::try_from(4_000 * size(&now[..same]) / size(&now)).expect("few"))
}

#[tokio::test]
async fn the_cached_input_that_should_be_found_is_predicted() {
    let (world, _, predicted) = changing("openai", ContextMode::ByProfile).await;
    // Nothing can be found for the first request. All requests had 4000 tokens by the provider's count.
    assert_eq!((predicted.len(), predicted[0]), (5, None));
    for number in 1..5 {
        let (_, expected) = repeated(&world, number);
        let found = predicted[number].expect("something is found");
        // A cached prefix ends after a multiple of 128 tokens, and tokens are not counted in characters.
        assert!(found.abs_diff(expected) < 600, "request {number}: {expected} of {predicted:?}");
    }
    // All but the newest messages; when the large file shrinks, only what is before it.
    let same: Vec<usize> = (1..5).map(|number| repeated(&world, number).0).collect();
    assert_eq!(same, [2, 4, 6, 5]);
    assert!(predicted[3] > predicted[4].map(|found| found + 500), "{predicted:?}");
    let (_world, _, predicted) = changing("custom", ContextMode::ByProfile).await;
    assert_eq!(predicted, [None; 5]);
}

#[tokio::test]
async fn files_that_were_not_used_for_longest_are_closed_when_the_context_gets_tight() {
    let world = World::new(
        "  - steps:
      - {tool_calls: [{name: read_file, arguments: {path: a}}], usage: {prompt: 1000, completion: 10}}
      - {tool_calls: [{name: read_file, arguments: {path: b}}], usage: {prompt: 8000, completion: 10}}
      - {tool_calls: [{name: correct, arguments: {path: c}}], usage: {prompt: 6000, completion: 10}}
      - {text: done}",
    )
    .await;
    world.tools.will_show(vec![file("a", "old", 8_000)]);
    world.tools.will_show(vec![file("b", "old", 8_000)]);
    let mut request = request(&world, "openai", ContextMode::ByProfile);
    request.transcript = vec![user("do it")];
    request.model.context_window = Some(10_000);
    let events = world.run_with(request).await;
    let evicted = events.entries().into_iter().find_map(|entry| match entry {
        Entry::ContextChange(ContextChange::Evict { paths }) => Some(paths),
        _ => None,
    });
    assert_eq!(evicted, Some(vec!["a".to_owned()]));
    let text = joined(&world.messages(2));
    assert!(text.contains("[No longer open]") && !text.contains("1\ta old\n"), "{text}");
    assert!(text.contains("1\tb old\n"));
    assert!(world.newest(2).contains("were closed: a. Open them again with read_file"));
    let known = world.tools.seen(|seen| seen.refreshes.last().cloned()).expect("a refresh");
    assert_eq!(known.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["b"]);
}
