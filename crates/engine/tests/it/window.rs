//! Conversations that come to the end of the model's window.

use serde_json::Value;
use slipway_protocol::MessageId;
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{
    AssistantStep, ContextChange, Entry, Finish, Handover, ToolCall, ToolResult, View,
};
use slipway_protocol::usage::{Usage, UsageSource};
use slipway_protocol::view::{RenderedContent, RenderedFile, ViewChange};

use crate::harness::{Events, World, user};

/// What a summary is asked for with.
const INSTRUCTION: &str = "Write a summary that will stand for everything so far";

/// A step that made one call, with its result of about so many thousand tokens.
fn step(id: &str, thousands: usize) -> [Entry; 2] {
    let call = ToolCall {
        id: id.into(),
        name: "read_file".to_owned(),
        arguments: format!("{{\"path\":\"{id}\"}}"),
        opaque: serde_json::Map::new(),
    };
    let answer = AssistantStep { tool_calls: vec![call], finish: Finish::ToolCalls, ..said("") };
    // Ten tokens a line.
    let line = |number| format!("{id} line {number:05} one two three four five\n");
    let text: String = (1..=thousands * 100).map(line).collect();
    let result = ToolResult {
        call_id: id.into(),
        name: "read_file".to_owned(),
        outcome: ToolOutcome::new(ToolStatus::Ok, text),
        duration_ms: 1,
        created_at: 0,
    };
    [Entry::Assistant(answer), Entry::ToolResult(result)]
}

/// A request with a window of 100 000 tokens and so many old calls of about 5 000 tokens each.
pub(crate) fn with_old_calls(world: &World, calls: usize) -> RunRequest {
    let mut request = world.request();
    request.transcript = vec![user("Build the thing, please")];
    for number in 0..calls {
        request.transcript.extend(step(&format!("old{number}"), 5));
    }
    request.transcript.push(user("now go on"));
    request
}

/// A request of which the provider has said that its beginning has so many tokens; all of them are words.
pub(crate) fn reported(world: &World, tokens: u64) -> RunRequest {
    let mut request = world.request();
    let mut answer = said("I see.");
    answer.usage =
        Some(Usage { input: tokens, output: 5, source: UsageSource::Reported, ..Usage::default() });
    let words = |text: &str| user(&format!("{text} {}", "many words ".repeat(6_000)));
    request.transcript = vec![
        user("Build the thing, please"),
        words("first"),
        Entry::Assistant(said("Yes.")),
        words("second"),
        Entry::Assistant(said("Indeed.")),
        words("third"),
        Entry::Assistant(answer),
        user("now go on"),
    ];
    request
}

fn said(text: &str) -> AssistantStep {
    AssistantStep {
        id: MessageId::generate(),
        step: 1,
        text: text.to_owned(),
        reasoning: String::new(),
        opaque: serde_json::Map::new(),
        tool_calls: Vec::new(),
        finish: Finish::Stop,
        usage: None,
        model: "scripted".to_owned(),
        created_at: 0,
    }
}

fn changes(events: &Events) -> Vec<ContextChange> {
    let entries = events.entries().into_iter();
    entries
        .filter_map(|entry| if let Entry::ContextChange(change) = entry { Some(change) } else { None })
        .collect()
}

fn told(events: &Events) -> Vec<(NoticeLevel, String)> {
    let told = events.0.iter().filter_map(|event| match event {
        EngineEvent::Notice { level, text } => Some((*level, text.clone())),
        _ => None,
    });
    told.collect()
}

fn body(world: &World, number: usize) -> String {
    world.model.requests()[number].body.to_string()
}

fn tool_names(request: &Value) -> Vec<String> {
    let tools = request["tools"].as_array().expect("tools").iter();
    tools.map(|tool| tool["function"]["name"].as_str().expect("a name").to_owned()).collect()
}

/// Every call has its result right behind it, and no result is without its call.
fn assert_paired(messages: &[Value]) {
    let mut owed: Vec<String> = Vec::new();
    for message in messages {
        if message["role"] == "tool" {
            assert_eq!(
                Some(message["tool_call_id"].as_str().expect("an id")),
                owed.first().map(String::as_str)
            );
            owed.remove(0);
            continue;
        }
        assert!(owed.is_empty(), "{owed:?}");
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        owed.extend(calls.map(|call| call["id"].as_str().expect("an id").to_owned()));
    }
    assert!(owed.is_empty(), "{owed:?}");
}

/// A script that writes a summary when asked to, and else does these steps.
fn script(steps: &str) -> String {
    format!(
        "  - when: {{user_contains: '{INSTRUCTION}'}}
    steps: [{{text: 'All is summarised.', usage: {{prompt: 80000, completion: 100}}}}]
  - when: {{user_contains: now go on}}
    steps:
{steps}"
    )
}

#[tokio::test]
async fn old_output_is_masked_in_one_step_and_can_be_recalled() {
    let world = World::new(&script(
        "      - {tool_calls: [{name: recall_output, arguments: {call_id: old0, start_line: 250, end_line: 251}}]}
      - {tool_calls: [{name: recall_output, arguments: {call_id: nonsense}}]}
      - {text: done}",
    ))
    .await;
    let events = world.run_with(with_old_calls(&world, 12)).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed, "{:?}", events.outcome());
    let changes = changes(&events);
    let [ContextChange::Mask { calls }] = changes.as_slice() else { panic!("{changes:?}") };
    assert!(calls.len() >= 4 && calls[0].as_str() == "old0", "{calls:?}");
    assert!(!calls.iter().any(|call| call.as_str() == "old11"), "the newest output is protected");
    let first = world.messages(0);
    assert_paired(&first);
    let masked = first[3]["content"].as_str().expect("text");
    assert!(masked.contains("old0 line 00001") && masked.contains("old0 line 00500"), "{masked}");
    assert!(masked.contains("recall_output with call_id \"old0\"") && masked.len() < 3_000, "{masked}");
    assert!(!masked.contains("old0 line 00250"));
    assert!(body(&world, 0).contains("old11 line 00250"));
    // What was left out is to be had, and what was sent before is sent again as it was.
    assert!(world.newest(1).contains("old0 line 00250"), "{}", world.newest(1));
    assert!(world.newest(1).starts_with("[lines 250 to 251 of 500]"));
    assert_eq!(world.messages(1)[..first.len()], first[..]);
    assert!(
        world.newest(2).contains("The newest calls are: old0 (read_file)")
            || world.newest(2).contains("old11")
    );
}

#[tokio::test]
async fn handing_over_is_offered_from_the_start_and_refused_before_it_is_due() {
    let world = World::new(&script(
        "      - {tool_calls: [{name: continue_as_new_chat, arguments: {prompt: go on}}]}
      - {text: done}",
    ))
    .await;
    let events = world.run_with(reported(&world, 50_000)).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(events.statuses(), [ToolStatus::Error]);
    assert!(world.newest(1).contains("fills 50 % of your window"), "{}", world.newest(1));
    assert!(world.newest(1).contains("from 80 % on"));
    assert!(!body(&world, 0).contains("almost full"));
    let names = tool_names(&world.model.requests()[0].body);
    let own = ["recall_output", "continue_as_new_chat", "update_plan", "ask_user", "subagent"];
    assert_eq!(names[names.len() - own.len()..], own);
    assert_eq!(names, tool_names(&world.model.requests()[1].body));
}

#[tokio::test]
async fn at_80_percent_the_model_is_told_once_and_may_hand_over() {
    let world = World::new(&script(
        "      - {tool_calls: [{name: continue_as_new_chat, arguments: {prompt: x}}, {name: fail}], usage: {prompt: 82100, completion: 5}}
      - {tool_calls: [{name: continue_as_new_chat, arguments: {prompt: ' '}}], usage: {prompt: 82200, completion: 5}}
      - {tool_calls: [{name: continue_as_new_chat, arguments: {prompt: Build the rest.}}], usage: {prompt: 82300, completion: 5}}",
    ))
    .await;
    let mut request = reported(&world, 82_000);
    let events = world.run_with(request.clone()).await;
    assert_eq!(*events.outcome(), RunOutcome::HandedOver { prompt: "Build the rest.".to_owned() });
    assert!(world.newest(0).contains("[Slipway] Your window is almost full (82 %)"), "{}", world.newest(0));
    assert_eq!(body(&world, 2).matches("Your window is almost full").count(), 1);
    let refused: Vec<String> = events.results().iter().map(|result| result.outcome.text.clone()).collect();
    assert!(
        refused[0].contains("together with other calls") || refused[1].contains("together with other calls")
    );
    assert!(world.newest(2).contains("the prompt is empty"));
    assert!(changes(&events).is_empty(), "there was no need to summarise");

    // A crash before it was carried out: it is accepted still, without asking the model again.
    request.transcript.extend(events.entries());
    let again = world.run_with(request.clone()).await;
    assert_eq!(again.outcome(), events.outcome());
    assert_eq!(world.model.requests().len(), 3);
    // Once it is carried out, the conversation is like any other.
    let handover = Handover { conversation_id: "conv_2".into(), prompt: "Build the rest.".to_owned() };
    request.transcript.push(Entry::Handover(handover));
    request.transcript.push(user("now go on, here"));
    let after = world.run_with(request).await;
    assert_eq!(world.model.requests().len(), 6, "{:?}", after.outcome());
}

#[tokio::test]
async fn what_would_overflow_is_summarised_by_the_model() {
    let world = World::new(&script("      - {text: done, usage: {prompt: 5800, completion: 1}}")).await;
    let mut request = reported(&world, 90_000);
    // A file that was opened long ago is open still.
    let [call, Entry::ToolResult(mut result)] = step("open", 0) else { panic!("two entries") };
    result.outcome.view_changes = vec![ViewChange::Open { path: "kept.rs".to_owned(), ranges: Vec::new() }];
    let file = RenderedFile {
        path: "kept.rs".to_owned(),
        content_hash: "h".to_owned(),
        lines: 1,
        bytes: 1,
        content: RenderedContent::Text { text: "1\tfn kept() {}\n".to_owned() },
        ranges: None,
    };
    let view = Entry::View(View { version: 1, file });
    request.transcript.splice(1..1, [call, Entry::ToolResult(result), view]);
    let events = world.run_with(request.clone()).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed, "{:?}", events.outcome());
    assert_eq!(world.model.requests().len(), 2);
    // The summary is asked for with what the cache knows: the same tools, the same beginning.
    let (asked, after) = (&world.model.requests()[0].body, &world.model.requests()[1].body);
    assert_eq!(asked["tools"], after["tools"]);
    assert!(world.newest(0).contains(INSTRUCTION));
    assert!(body(&world, 0).contains("third many words"));
    let messages = world.messages(1);
    assert_paired(&messages);
    let head = messages[1]["content"].as_str().expect("text");
    assert!(
        head.starts_with("Build the thing, please\n\n[Slipway] The conversation had become too long"),
        "{head}"
    );
    assert!(head.contains("# Summary\nAll is summarised."));
    assert!(head.contains("- first many words") && head.contains("recall_output with call_id \"msg_"));
    assert_eq!(body(&world, 1).matches("fn kept() {}").count(), 1, "an open file is shown once");
    assert!(head.contains("<file path=\"kept.rs\" version=\"1\""));
    assert!(world.newest(1).ends_with("now go on"));
    assert!(body(&world, 1).len() * 3 < body(&world, 0).len());
    let changes = changes(&events);
    assert!(matches!(changes.as_slice(), [ContextChange::Compact { .. }]), "{changes:?}");
    // The person is told, and it counts.
    let told = told(&events);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].1.contains("is being summarised"), "{told:?}");
    let usages = events.positions(|event| matches!(event, EngineEvent::Usage { .. }));
    assert_eq!(usages.len(), 2);
    // A run that goes on later sees the same.
    request.transcript.extend(events.entries());
    request.transcript.push(user("now go on again"));
    world.run_with(request).await;
    assert_eq!(world.messages(2)[..messages.len()], messages[..]);
}

const OVERFLOW: &str =
    r#"{"error":{"code":"context_length_exceeded","message":"maximum context length is 30000"}}"#;

#[tokio::test]
async fn an_overflow_leads_to_less_context_and_one_further_call() {
    let world = World::new(&script(&format!(
        "      - {{text: done, fault: {{times: 1, status: {{code: 400, body: '{OVERFLOW}'}}}}}}"
    )))
    .await;
    let events = world.run_with(with_old_calls(&world, 7)).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed, "{:?}", events.outcome());
    assert_eq!(world.model.requests().len(), 2, "the call, and the call again");
    assert!(matches!(changes(&events).as_slice(), [ContextChange::Mask { .. }]), "masking is enough");
    let retries = events.retries();
    assert_eq!(retries.len(), 1);
    assert_eq!((retries[0].1, retries[0].2.as_str()), (0, "provider_context_overflow"));
    assert!(body(&world, 1).len() * 10 < body(&world, 0).len() * 6);
    (0..2).for_each(|number| assert_paired(&world.messages(number)));

    // Nothing can be masked here, and the model cannot be asked about what it has no room for.
    let world = World::new(&script(&format!(
        "      - {{text: done, fault: {{times: 1, status: {{code: 400, body: '{OVERFLOW}'}}}}}}"
    )))
    .await;
    let events = world.run_with(reported(&world, 60_000)).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed, "{:?}", events.outcome());
    assert_eq!(world.model.requests().len(), 2);
    let head = world.messages(1)[1]["content"].as_str().expect("text").to_owned();
    assert!(
        head.starts_with("Build the thing, please") && head.contains("No model could be asked"),
        "{head}"
    );
}

#[tokio::test]
async fn a_second_overflow_ends_the_run_and_says_what_to_do() {
    let world = World::new(&script(&format!(
        "      - {{text: done, fault: {{status: {{code: 400, body: '{OVERFLOW}'}}}}}}"
    )))
    .await;
    let events = world.run_with(with_old_calls(&world, 7)).await;
    assert_eq!(events.code(), "provider_context_overflow");
    assert_eq!(world.model.requests().len(), 2);
    assert!(events.detail().contains("maximum context length is 30000"), "{}", events.detail());
    assert!(events.detail().contains("Everything that can be left out is left out"), "{}", events.detail());

    // With nothing that could be left out, the call is not made again.
    let mut request = world.request();
    request.transcript = vec![user("now go on")];
    let before = world.model.requests().len();
    let events = world.run_with(request).await;
    assert_eq!(events.code(), "provider_context_overflow");
    assert_eq!(world.model.requests().len(), before + 1);
}

#[tokio::test]
async fn a_summary_that_cannot_be_had_is_made_without_a_model() {
    let refused = r#"{"error":{"message":"no"}}"#;
    let world = World::new(&format!(
        "  - when: {{user_contains: '{INSTRUCTION}'}}
    steps: [{{text: never, fault: {{status: {{code: 400, body: '{refused}'}}}}}}]
  - when: {{user_contains: now go on}}
    steps: [{{text: done}}]"
    ))
    .await;
    let mut request = reported(&world, 90_000);
    let [call, Entry::ToolResult(mut result)] = step("build", 1) else { panic!("two entries") };
    result.outcome.changed_paths = vec!["src/main.rs".to_owned()];
    request.transcript.splice(1..1, [call, Entry::ToolResult(result)]);
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed, "{:?}", events.outcome());
    assert_eq!(world.model.requests().len(), 2);
    let head = world.messages(1)[1]["content"].as_str().expect("text").to_owned();
    assert!(head.contains("No model could be asked for this summary"), "{head}");
    assert!(head.contains("src/main.rs") && head.contains("[build]"), "{head}");
}

#[tokio::test]
async fn a_server_that_cuts_requests_is_told_of_once() {
    let world = World::new(&script(
        "      - {tool_calls: [{name: fail}], usage: {prompt: 4096, completion: 5}}
      - {text: done, usage: {prompt: 4096, completion: 5}}",
    ))
    .await;
    let mut request = reported(&world, 40_000);
    let events = world.run_with(request.clone()).await;
    let warnings = told(&events);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0].0, NoticeLevel::Warning);
    assert!(warnings[0].1.contains("only 4096 of about 40"), "{warnings:?}");
    assert!(warnings[0].1.contains("num_ctx"));
    // Not again in the next run.
    request.transcript.extend(events.entries());
    request.transcript.push(user("now go on"));
    assert_eq!(told(&world.run_with(request).await), []);
}

#[tokio::test]
async fn a_full_window_leaves_less_for_the_answer() {
    let world = World::new(&script("      - {text: done}")).await;
    world.run_with(reported(&world, 70_000)).await;
    let asked = world.model.requests()[0].body["max_tokens"].as_u64().expect("a number");
    assert!((24_000..25_000).contains(&asked), "{asked}");
    let mut request = reported(&world, 20_000);
    request.limits.max_output_tokens = Some(8_000);
    world.run_with(request).await;
    assert_eq!(world.model.requests()[1].body["max_tokens"], 8_000);
}
