//! How calls are carried out.

use slipway_protocol::MessageId;
use slipway_protocol::run::RunOutcome;
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, ToolCall};

use crate::harness::World;

async fn check(calls: &str, extra: &str) -> (World, crate::harness::Events) {
    let world =
        World::new(&format!("  - steps:\n      - {{tool_calls: [{calls}]{extra}}}\n      - {{text: done}}"))
            .await;
    let events = world.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    (world, events)
}

#[tokio::test]
async fn read_only_calls_of_one_step_run_at_the_same_time() {
    let (world, events) = check("{id: a, name: wait_for_two}, {id: b, name: wait_for_two}", "").await;
    assert_eq!(events.statuses(), [ToolStatus::Ok, ToolStatus::Ok]);
    assert_eq!(world.messages(1)[3]["tool_call_id"], "a");
    assert_eq!(world.messages(1)[4]["tool_call_id"], "b");
}

#[tokio::test]
async fn writing_calls_run_in_order_and_wait_for_what_is_before_them() {
    let calls =
        "{name: wait_for_two}, {name: wait_for_two}, {name: write_file}, {name: correct}, {name: read_file}";
    let (world, _) = check(calls, "").await;
    let log = world.tools.seen(|seen| seen.log.clone());
    let wanted = [
        "start wait_for_two",
        "start wait_for_two",
        "end wait_for_two",
        "end wait_for_two",
        "start write_file",
        "end write_file",
        "start correct",
        "end correct",
        "start read_file",
        "end read_file",
    ];
    assert_eq!(log, wanted);
}

#[tokio::test]
async fn results_are_sent_in_call_order_whatever_order_they_came_in() {
    let (world, _) =
        check("{id: w, name: wait_for_two}, {id: r, name: read_file}, {id: v, name: wait_for_two}", "").await;
    let ids: Vec<String> = world.messages(1)[3..]
        .iter()
        .map(|message| message["tool_call_id"].as_str().expect("id").to_owned())
        .collect();
    assert_eq!(ids, ["w", "r", "v"]);
}

#[tokio::test]
async fn malformed_arguments_are_explained_and_not_acted_on() {
    let (world, events) =
        check(r#"{name: write_file, arguments: '{"path": "a", "text": "import o'}"#, "").await;
    assert!(world.tools.names().is_empty());
    assert_eq!(events.statuses(), [ToolStatus::Error]);
    assert!(world.newest(1).contains("cut off after 31 characters"), "{}", world.newest(1));
    // What goes back to the provider is valid, what is recorded is what was received.
    assert_eq!(world.messages(1)[2]["tool_calls"][0]["function"]["arguments"], "{}");
    assert_eq!(events.answers()[0].tool_calls[0].arguments, r#"{"path": "a", "text": "import o"#);
}

#[tokio::test]
async fn lossless_repairs_are_acted_on() {
    let (world, _) = check(r#"{name: write_file, arguments: '```json{"path": "a"}```'}, {name: write_file, arguments: '{"path":"b"}}'}, {name: write_file, arguments: ''}"#, "").await;
    let paths = world.tools.seen(|seen| {
        seen.invocations.iter().map(|(_, invocation)| invocation.arguments.to_string()).collect::<Vec<_>>()
    });
    assert_eq!(paths, [r#"{"path":"b"}"#, "{}"]);
}

#[tokio::test]
async fn an_unknown_tool_is_answered_with_what_there_is() {
    let (world, events) = check("{name: writeFile, arguments: {path: a}}", "").await;
    assert_eq!(events.statuses(), [ToolStatus::Error]);
    let text = world.newest(1);
    assert!(text.contains("Did you mean `write_file`") && text.contains("`read_file`, "), "{text}");
}

#[tokio::test]
async fn a_call_that_the_output_limit_cut_is_never_made() {
    let calls = "{name: write_file, arguments: {path: whole}}, {name: write_file, arguments: {path: last}}";
    let (world, events) = check(calls, ", finish: length").await;
    let paths = world.tools.seen(|seen| seen.invocations[0].1.arguments["path"].clone());
    assert_eq!((world.tools.names().len(), paths), (1, "whole".into()));
    assert_eq!(events.statuses(), [ToolStatus::Ok, ToolStatus::Error]);
    assert!(world.newest(1).contains("output limit of 32768 tokens"));
}

#[tokio::test]
async fn a_failing_endpoint_is_told_to_the_model() {
    let (world, events) = check("{name: fail}, {name: cut}, {name: refuse}", "").await;
    assert_eq!(events.statuses(), [ToolStatus::Interrupted, ToolStatus::Interrupted, ToolStatus::Error]);
    let messages = world.messages(1);
    let text = |number: usize| messages[number]["content"].as_str().expect("text").to_owned();
    assert!(text(3).contains("unknown whether it took effect"));
    assert!(text(4).contains("unknown whether it took effect") && text(4).contains("cut runs"));
    assert!(text(5).contains("The sandbox is gone: it was stopped Start it."));
    assert_eq!(world.tools.names().len(), 3, "nothing is made twice");
}

#[tokio::test]
async fn corrected_arguments_are_what_the_model_sees_it_wrote() {
    let (world, events) = check("{id: c, name: correct, arguments: {path: wrong}}", "").await;
    assert!(events.entries().iter().any(|entry| matches!(entry, Entry::Correction(_))));
    assert_eq!(world.messages(1)[2]["tool_calls"][0]["function"]["arguments"], r#"{"path":"corrected"}"#);
    assert_eq!(events.answers()[0].tool_calls[0].arguments, r#"{"path":"wrong"}"#);
}

#[tokio::test]
async fn empty_and_repeated_call_ids_are_made_unique() {
    let world = World::new(
        "  - steps:
      - {tool_calls: [{id: '', name: read_file}, {id: same, name: read_file}, {id: same, name: read_file}]}
      - {tool_calls: [{id: same, name: read_file, arguments: {path: z}}]}
      - {text: done}",
    )
    .await;
    let events = world.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    let mut ids: Vec<String> = events.results().iter().map(|result| result.call_id.0.clone()).collect();
    assert_eq!(ids.len(), 4);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| !id.is_empty()));
}

#[tokio::test]
async fn a_call_without_a_result_is_reported_as_interrupted_and_not_repeated() {
    let world = World::new("  - steps: [{text: never}, {text: done}]").await;
    let mut request = world.request();
    request.transcript.push(Entry::Assistant(AssistantStep {
        id: MessageId::generate(),
        step: 1,
        text: String::new(),
        reasoning: String::new(),
        opaque: serde_json::Map::new(),
        tool_calls: vec![ToolCall {
            id: "orphan".into(),
            name: "write_file".to_owned(),
            arguments: "{}".to_owned(),
            opaque: serde_json::Map::new(),
        }],
        finish: Finish::ToolCalls,
        usage: None,
        model: "scripted".to_owned(),
        created_at: 0,
    }));
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert!(world.tools.names().is_empty());
    assert_eq!(world.messages(0)[3]["tool_call_id"], "orphan");
    assert!(world.newest(0).contains("unknown whether it took effect"));
}
