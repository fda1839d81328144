//! What a run would send is what it sends.

use serde_json::Value;
use slipway_protocol::context::{FileState, PreviewResult, RequestPreview, ViewState};
use slipway_protocol::run::{ContextMode, RunRequest};
use slipway_protocol::transcript::Entry;
use slipway_scripted_model::Script;

use crate::context_modes::{CHANGES, file};
use crate::fake_tools::TOKEN;
use crate::harness::{World, preview, quick, user};
use crate::window::{reported, with_old_calls};

/// Looks at what a run would send, which asks the model nothing and tells no secret.
async fn look(world: &World, request: &RunRequest) -> RequestPreview {
    let asked = world.model.requests().len();
    let (status, body) = preview(&world.engine, request).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(world.model.requests().len(), asked, "the model was asked");
    for secret in [request.model.api_key.as_str(), TOKEN] {
        assert!(!body.contains(secret), "{secret}");
    }
    serde_json::from_str(&body).expect("a preview")
}

/// The request of this number has the tools and the messages of the preview, byte for byte.
fn assert_sent(world: &World, number: usize, preview: &RequestPreview) {
    let sent = &world.model.requests()[number];
    let messages: Vec<String> = preview.messages.iter().map(|message| message.message.to_string()).collect();
    let expected = format!("\"messages\":[{}]", messages.join(","));
    assert!(sent.text.contains(&expected), "previewed {expected}\n\nsent {}", sent.text);
    assert_eq!(preview.total as usize, messages.len());
    let tools = sent.body["tools"].as_array().expect("tools");
    assert_eq!(preview.tools.len(), tools.len());
    for (tool, sent) in preview.tools.iter().zip(tools) {
        let sent = &sent["function"];
        assert_eq!(
            (sent["name"].as_str(), sent["description"].as_str()),
            (Some(&*tool.name), Some(&*tool.description))
        );
        assert_eq!(sent["parameters"], tool.parameters);
    }
    assert_eq!(sent.body["model"], Value::from(preview.model.as_str()));
}

/// Runs, then looks at what another message would send while a file has changed again, then sends it.
async fn after_edits(profile: &str, model: &str, mode: ContextMode) -> RequestPreview {
    let script = format!("name: test\nmodels: [{model}]\nturns:\n{CHANGES}\n  - steps: [{{text: well}}]");
    let mut script = Script::from_yaml(&script).expect("a script");
    script.strict = true;
    let world = World::of(script, quick()).await;
    for (path, state) in [("a", "old"), ("b", "old"), ("a", "new"), ("b", "new")] {
        world.tools.will_show(vec![file(path, state, 12_000)]);
    }
    let mut request = crate::context_modes::request(&world, profile, mode);
    request.model.model = model.to_owned();
    let events = world.run_with(request.clone()).await;
    request.transcript.extend(events.entries());
    request.transcript.push(user("and now?"));
    for _ in 0..2 {
        world.tools.will_show(vec![file("a", "by the person", 12_000)]);
    }
    let preview = look(&world, &request).await;
    world.run_with(request).await;
    assert_sent(&world, 5, &preview);
    let files: Vec<_> = preview
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.version, file.lines, file.shown_lines, file.state, file.age))
        .collect();
    // The other one was shown before the fifth answer.
    assert_eq!(files, [("a", 3, 2, 2, FileState::Full, 0), ("b", 2, 2, 2, FileState::Full, 1)]);
    preview
}

/// How the views of a path are shown, in the order of the messages.
fn states(preview: &RequestPreview, path: &str) -> Vec<(u32, ViewState)> {
    let views = preview.messages.iter().flat_map(|message| &message.views);
    views.filter(|view| view.path == path).map(|view| (view.version, view.state)).collect()
}

#[tokio::test]
async fn after_an_edit_one_full_copy_and_lines_for_the_others_are_previewed_and_sent() {
    let preview = after_edits("scripted", "scripted", ContextMode::PerFile).await;
    assert_eq!(states(&preview, "a"), [(1, ViewState::Stub), (2, ViewState::Stub), (3, ViewState::Live)]);
    assert_eq!(states(&preview, "b"), [(1, ViewState::Stub), (2, ViewState::Live)]);
    assert!(
        preview.files.iter().all(|file| file.outdated == 0 && file.tokens > 2_000),
        "{:?}",
        preview.files
    );
    // What is said of a message is true of it.
    for message in &preview.messages {
        let live = message.views.iter().filter(|view| view.state == ViewState::Live).count();
        let shown = message.message["content"].as_str().map_or(0, |text| text.matches("<file path=").count());
        assert!(live == shown || message.message["role"] == "system", "{message:?}");
    }
}

#[tokio::test]
async fn copies_that_stay_because_that_is_cheaper_are_previewed_and_sent() {
    let preview = after_edits("openai", "scripted", ContextMode::Auto).await;
    let outdated: u32 = preview.files.iter().map(|file| file.outdated).sum();
    let told = ["a", "b"].iter().flat_map(|path| states(&preview, path));
    assert_eq!(told.filter(|(_, state)| *state == ViewState::Outdated).count(), outdated as usize);
}

#[tokio::test]
async fn one_block_of_all_files_is_previewed_and_sent() {
    let preview = after_edits("scripted", "scripted", ContextMode::Consolidated).await;
    let last = preview.messages.last().expect("one");
    let shown: Vec<_> = last.views.iter().map(|view| (view.path.as_str(), view.state)).collect();
    assert_eq!(shown, [("a", ViewState::Live), ("b", ViewState::Live)]);
}

#[tokio::test]
async fn cache_marks_are_previewed_and_sent() {
    let model = "anthropic/claude-sonnet-5";
    let preview = after_edits("openrouter", model, ContextMode::Auto).await;
    let marks =
        preview.messages.iter().filter(|message| message.message.to_string().contains("cache_control"));
    assert!(marks.count() > 1);
}

#[tokio::test]
async fn masked_output_is_previewed_and_sent() {
    let world = World::new("  - steps: [{text: done}]").await;
    let request = with_old_calls(&world, 12);
    let preview = look(&world, &request).await;
    world.run_with(request).await;
    assert_sent(&world, 0, &preview);
    let collapsed: Vec<_> = preview
        .messages
        .iter()
        .filter_map(|message| match &message.result {
            Some(PreviewResult::Collapsed { call_id, name, saved }) => {
                assert_eq!(message.message["tool_call_id"].as_str(), Some(call_id.as_str()));
                assert!(message.message["content"].as_str().expect("text").contains("are left out here"));
                assert!(*saved > 3_000, "{saved}");
                Some((call_id.as_str(), name.as_str()))
            }
            _ => None,
        })
        .collect();
    assert!(collapsed.len() >= 4 && collapsed[0] == ("old0", "read_file"), "{collapsed:?}");
    assert!(!collapsed.iter().any(|(call, _)| *call == "old11"));
}

#[tokio::test]
async fn the_request_to_hand_over_is_previewed_and_sent() {
    let world = World::new("  - steps: [{text: done}]").await;
    let request = reported(&world, 82_000);
    let preview = look(&world, &request).await;
    world.run_with(request).await;
    assert_sent(&world, 0, &preview);
    let last = preview.messages.last().expect("one").message["content"].as_str().expect("text");
    assert!(last.contains("Your window is almost full"), "{last}");
    assert!((80_000..84_000).contains(&preview.tokens), "{}", preview.tokens);
    assert_eq!((preview.window, preview.summarises_first), (Some(100_000), false));
}

#[tokio::test]
async fn what_does_not_fit_is_said_to_be_summarised_first_and_is_not_summarised_by_looking() {
    let world = World::new("  - steps: [{text: done}]").await;
    let preview = look(&world, &reported(&world, 95_000)).await;
    assert!(
        preview.summarises_first && preview.summarises_at.is_some_and(|at| at < preview.tokens),
        "{preview:?}"
    );
}

#[tokio::test]
async fn a_call_that_goes_on_has_no_result_yet() {
    let world = World::new("  - steps: [{text: done}]").await;
    let mut request = with_old_calls(&world, 2);
    let is_last_result =
        |entry: &Entry| matches!(entry, Entry::ToolResult(result) if result.call_id.as_str() == "old1");
    request.transcript.retain(|entry| !is_last_result(entry));
    let preview = look(&world, &request).await;
    let results: Vec<_> = preview.messages.iter().filter_map(|message| message.result.clone()).collect();
    assert_eq!(results, [PreviewResult::Missing { call_id: "old1".into() }]);
}

#[tokio::test]
async fn a_run_that_could_not_begin_says_why() {
    let world = World::new("  - steps: [{text: done}]").await;
    let mut request = world.request();
    request.tools[0].url = "http://127.0.0.1:1/runs/one".to_owned();
    let (status, body) = preview(&world.engine, &request).await;
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("tools_unavailable"), "{body}");
}
