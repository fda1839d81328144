//! Questions to the person: the run ends with them, and goes on from the answer.

use slipway_protocol::budget::Spending;
use slipway_protocol::question::{Choice, Question};
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{Entry, ToolResult};

use crate::harness::{Events, World};

const ASK: &str =
    r#"{name: ask_user, arguments: {question: "Which one?", options: [{label: a}, {label: b}]}}"#;

fn asked(events: &Events) -> Vec<Question> {
    match events.outcome() {
        RunOutcome::Asks { questions, .. } => questions.clone(),
        other => panic!("nothing is asked but {other:?}"),
    }
}

fn answer(question: &Question, text: &str) -> Entry {
    Entry::ToolResult(ToolResult {
        call_id: question.call_id.clone(),
        name: "ask_user".to_owned(),
        outcome: ToolOutcome::ok(text),
        duration_ms: 3_600_000,
        created_at: 1,
    })
}

#[tokio::test]
async fn a_run_ends_with_its_question_and_goes_on_from_the_answer() {
    let world = World::new(&format!("- steps: [{{tool_calls: [{ASK}]}}, {{text: b it is}}]")).await;
    let mut request = world.request();
    let events = world.run_with(request.clone()).await;
    let questions = asked(&events);
    let [question] = questions.as_slice() else { panic!("{questions:?}") };
    assert_eq!((question.question.as_str(), question.choice), ("Which one?", Choice::One));
    assert!(events.results().is_empty(), "the answer is the result");
    assert_eq!(world.model.requests().len(), 1);

    request.transcript.extend(events.entries());
    request.transcript.push(answer(question, "The person chose: b"));
    request.spent = Spending { steps: 1, tokens: 100, ..Spending::default() };
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(world.newest(1), "The person chose: b");
    let first = events.0.iter().find_map(|event| match event {
        EngineEvent::StepStarted { step, .. } => Some(*step),
        _ => None,
    });
    assert_eq!(first, Some(2), "steps are numbered on");
}

#[tokio::test]
async fn what_a_run_has_consumed_before_its_question_still_counts() {
    let world = World::new("- steps: [{text: never said}]").await;
    let mut request = world.request();
    request.limits.max_steps = 3;
    request.spent = Spending { steps: 3, ..Spending::default() };
    let events = world.run_with(request).await;
    assert_eq!(events.code(), "step_limit");
    assert!(world.model.requests().is_empty());
}

#[tokio::test]
async fn reading_calls_beside_a_question_are_made_and_changing_ones_behind_it_are_not() {
    let world = World::new(&format!(
        "- steps: [{{tool_calls: [{{name: write_file, arguments: {{path: before}}}}, {ASK}, \
         {{name: write_file, arguments: {{path: behind}}}}, {{name: read_file, arguments: {{path: c}}}}, \
         {{name: ask_user, arguments: {{question: And why?}}}}]}}]"
    ))
    .await;
    let events = world.run().await;
    let questions = asked(&events);
    let asked: Vec<&str> = questions.iter().map(|question| question.question.as_str()).collect();
    assert_eq!(asked, ["Which one?", "And why?"]);
    assert_eq!(world.tools.names(), ["write_file", "read_file"]);
    let refused = events.results().into_iter().find(|result| result.outcome.status == ToolStatus::Error);
    let refused = refused.expect("a refused call").outcome.text;
    assert!(refused.contains("follows a question to the person"), "{refused}");
}

#[tokio::test]
async fn a_question_that_cannot_be_asked_is_an_ordinary_error() {
    let world = World::new(
        r#"- steps: [{tool_calls: [{name: ask_user, arguments: {question: "?", options: [{label: a}]}}]},
             {tool_calls: [{name: ask_user, arguments: {question: 7}}]}, {text: done}]"#,
    )
    .await;
    let events = world.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(events.statuses(), [ToolStatus::Error; 2]);
    assert!(world.newest(1).contains("give 2 to 8"), "{}", world.newest(1));
}

#[tokio::test]
async fn no_more_than_four_questions_are_asked_at_once() {
    let calls: Vec<String> =
        (0..6).map(|number| format!("{{name: ask_user, arguments: {{question: Q{number}}}}}")).collect();
    let world = World::new(&format!("- steps: [{{tool_calls: [{}]}}]", calls.join(", "))).await;
    let events = world.run().await;
    assert_eq!(asked(&events).len(), 4);
    assert_eq!(events.statuses(), [ToolStatus::Error; 2]);
}
