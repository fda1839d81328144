//! The loop itself.

use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::transcript::{Entry, Finish};
use slipway_protocol::usage::UsageSource;

use crate::harness::World;

#[tokio::test]
async fn a_text_answer_completes_the_run() {
    let world = World::new(
        "  - steps:
      - {text: 'Hello, wörld', reasoning: hm, usage: {prompt: 100, completion: 20, cached: 60, reasoning: 5}}",
    )
    .await;
    let events = world.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert!(matches!(events.0[0], EngineEvent::StepStarted { step: 1, .. }));
    assert_eq!(events.streamed_text(), "Hello, wörld");
    let answer = &events.answers()[0];
    assert_eq!((answer.text.as_str(), answer.reasoning.as_str()), ("Hello, wörld", "hm"));
    assert_eq!((answer.finish.clone(), answer.model.as_str()), (Finish::Stop, "scripted"));
    let usage = events.0.iter().find_map(|event| match event {
        EngineEvent::Usage { usage, context_used, context_limit, .. } => {
            Some((*usage, *context_used, *context_limit))
        }
        _ => None,
    });
    let (usage, used, limit) = usage.expect("usage is told");
    assert_eq!((usage.input, usage.cached, usage.output, usage.reasoning), (40, 60, 15, 5));
    assert_eq!((usage.source, usage.cost_micros), (UsageSource::Reported, Some(0)));
    assert_eq!((used, limit), (120, Some(100_000)));
}

#[tokio::test]
async fn the_request_says_what_it_must() {
    let world = World::new("  - steps: [{text: ok}]").await;
    let mut request = world.request();
    request.model.extra_body.insert("temperature".to_owned(), 0.into());
    request.prompt.workspace = "/workspace".to_owned();
    request.prompt.instructions = "Be brief.".to_owned();
    world.run_with(request).await;
    let sent = &world.model.requests()[0];
    assert_eq!(sent.authorization.as_deref(), Some("Bearer secret-key-123"));
    assert_eq!(sent.body["stream"], true);
    assert_eq!(sent.body["stream_options"]["include_usage"], true);
    assert_eq!(sent.body["max_tokens"], 32_768);
    assert_eq!(sent.body["temperature"], 0);
    assert_eq!(sent.body["tools"][0]["function"]["name"], "read_file");
    let system = world.messages(0)[0]["content"].as_str().expect("text").to_owned();
    assert!(system.contains("/workspace") && system.contains("Be brief."));
}

#[tokio::test]
async fn tools_run_and_their_results_reach_the_model() {
    let world = World::new(
        "  - steps:
      - {text: looking, tool_calls: [{id: a, name: write_file, arguments: {path: x}}]}
      - {text: done}",
    )
    .await;
    let events = world.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(world.tools.names(), ["write_file"]);
    let invocation = world.tools.seen(|seen| seen.invocations[0].1.clone());
    assert_eq!(invocation.call_id.as_str(), "a");
    assert_eq!(invocation.step, 1);
    assert!(invocation.invocation_id.as_str().starts_with("inv_"));
    assert_eq!(world.newest(1), "write_file of x done");
    // The assistant's entry is told before its tool starts, the output while it runs, the result after.
    let entry = events.positions(
        |event| matches!(event, EngineEvent::Entry { entry } if matches!(**entry, Entry::Assistant(_))),
    )[0];
    let started = events.positions(|event| matches!(event, EngineEvent::ToolStarted { .. }))[0];
    let output = events.positions(|event| matches!(event, EngineEvent::ToolOutput { .. }))[0];
    let result = events.positions(
        |event| matches!(event, EngineEvent::Entry { entry } if matches!(**entry, Entry::ToolResult(_))),
    )[0];
    assert!(entry < started && started < output && output < result);
}

#[tokio::test]
async fn a_request_that_is_not_one_is_refused_with_a_problem() {
    let engine = crate::harness::engine(crate::harness::quick()).await;
    let response = crate::harness::post_text(&engine, "{\"run_id\": 1}").await;
    assert_eq!(response.status(), 422);
    let problem: slipway_protocol::Problem = response.json().await.expect("a problem");
    assert_eq!(problem.code, "engine_bad_request");
    assert!(problem.detail.contains("run_id"), "{}", problem.detail);
}

#[tokio::test]
async fn the_step_limit_ends_the_run_and_can_be_continued() {
    let world = World::new(
        "  - steps:
      - {tool_calls: [{name: write_file, arguments: {path: a}}]}
      - {tool_calls: [{name: write_file, arguments: {path: b}}]}
      - {text: done}",
    )
    .await;
    let mut request = world.request();
    request.limits.max_steps = 2;
    let events = world.run_with(request.clone()).await;
    assert_eq!(events.code(), "step_limit");
    assert!(matches!(events.outcome(), RunOutcome::LimitReached { .. }));
    request.transcript.extend(events.entries());
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(world.tools.names(), ["write_file", "write_file"]);
}

#[tokio::test]
async fn every_request_begins_with_the_bytes_of_the_one_before() {
    let world = World::new(
        "  - steps:
      - {text: one, reasoning: r, tool_calls: [{name: write_file, arguments: {path: a}}, {name: fail}]}
      - {tool_calls: [{name: nonsense, arguments: 'not json'}]}
      - {tool_calls: [{name: write_file, arguments: {path: c}}]}
      - {text: done}",
    )
    .await;
    world.run().await;
    for number in 1..world.model.requests().len() {
        let (before, after) = (world.messages(number - 1), world.messages(number));
        assert_eq!(after[..before.len()], before[..], "request {number}");
    }
}

#[tokio::test]
async fn an_answer_cut_by_the_output_limit_can_be_continued() {
    let world = World::new("  - steps: [{text: half an ans, finish: length}]").await;
    let events = world.run().await;
    assert_eq!(events.code(), "output_limit");
    assert_eq!(events.answers()[0].finish, Finish::Length);
}

#[tokio::test]
async fn empty_answers_are_told_to_the_model_then_end_the_run() {
    let world = World::new("  - steps: [{text: ''}]\n").await;
    let events = world.run().await;
    assert_eq!(events.code(), "model_empty_answer");
    assert_eq!(world.model.requests().len(), 3);
    assert_eq!(events.retries().len(), 2);
    assert!(events.answers().is_empty(), "an empty answer is not part of the conversation");
    assert!(world.newest(1).contains("Your last answer was empty"));
}

#[tokio::test]
async fn another_model_than_asked_for_ends_the_run_at_once() {
    let world =
        World::new("  - steps: [{text: hi, model: another-model, tool_calls: [{name: write_file}]}]").await;
    let events = world.run().await;
    assert_eq!(events.code(), "provider_wrong_model");
    assert!(events.detail().contains("another-model"));
    assert_eq!(world.model.requests().len(), 1);
    assert!(world.tools.names().is_empty());
}
