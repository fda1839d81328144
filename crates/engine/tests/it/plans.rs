//! The model's plan.

use serde_json::json;
use slipway_protocol::plan::{Plan, PlanStatus, PlanStep};
use slipway_protocol::run::RunOutcome;
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::transcript::{ContextChange, Entry, PlanOrigin, PlanUpdate};

use crate::harness::{Events, World, user};

fn plans(events: &Events) -> Vec<Vec<(String, PlanStatus)>> {
    let updates = events.entries().into_iter().filter_map(|entry| match entry {
        Entry::Plan(update) => Some(update.plan),
        _ => None,
    });
    updates.map(|plan| plan.steps.into_iter().map(|step| (step.text, step.status)).collect()).collect()
}

fn plan() -> Plan {
    let step = |text: &str, status| PlanStep { text: text.to_owned(), status };
    Plan { steps: vec![step("look", PlanStatus::Done), step("build it", PlanStatus::InProgress)] }
}

#[tokio::test]
async fn a_plan_is_an_entry_before_its_result_which_is_short() {
    let world = World::new(
        r#"
- steps:
  - tool_calls:
    - {name: update_plan, arguments: {steps: [{text: look, status: in_progress}, {text: build, status: pending}]}}
    - {name: read_file, arguments: {path: a}}
  - tool_calls: [{name: update_plan, arguments: {steps: [{text: look, status: completed}, {text: build, status: skipped}]}}]
  - text: done
"#,
    )
    .await;
    let events = world.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    let status = |text: &str, status| (text.to_owned(), status);
    assert_eq!(
        plans(&events),
        [
            [status("look", PlanStatus::InProgress), status("build", PlanStatus::Pending)],
            [status("look", PlanStatus::Done), status("build", PlanStatus::Skipped)],
        ]
    );
    let entries = events.entries();
    let update = entries.iter().position(|entry| matches!(entry, Entry::Plan(_))).expect("a plan");
    let result = entries.iter().position(|entry| matches!(entry, Entry::ToolResult(_))).expect("a result");
    assert!(update < result, "{entries:?}");
    assert_eq!(world.newest(2), "The plan is updated: all 2 steps are closed.");
}

#[tokio::test]
async fn a_wrong_plan_changes_nothing_and_the_model_is_told_what_is_wrong() {
    let world = World::new(
        r#"
- steps:
  - tool_calls: [{name: update_plan, arguments: {steps: [{text: a, status: in_progress}, {text: b, status: in_progress}]}}]
  - tool_calls: [{name: update_plan, arguments: {steps: [{text: a, status: doing}]}}]
  - tool_calls: [{name: update_plan, arguments: {steps: nonsense}}]
  - text: done
"#,
    )
    .await;
    let events = world.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(events.statuses(), [ToolStatus::Error; 3]);
    assert_eq!(plans(&events), Vec::<Vec<_>>::new());
    assert!(world.newest(1).contains("Steps 1 and 2 are in_progress"), "{}", world.newest(1));
    assert!(world.newest(2).contains("expected one of `pending`, `in_progress`"), "{}", world.newest(2));
}

#[tokio::test]
async fn a_plan_from_the_conversation_before_rides_on_the_message() {
    let world = World::new("- steps: [{text: going on}]").await;
    let mut request = world.request();
    request.transcript =
        vec![user("Build the rest."), Entry::Plan(PlanUpdate { plan: plan(), origin: PlanOrigin::Handover })];
    world.run_with(request).await;
    let said = world.newest(0);
    assert!(said.starts_with("Build the rest."), "{said}");
    assert!(said.contains("1. [done] look\n2. [in_progress] build it"), "{said}");
    assert_eq!(world.messages(0).iter().filter(|message| message["role"] == json!("user")).count(), 1);
}

#[tokio::test]
async fn a_summary_does_not_swallow_the_plan() {
    let world = World::new("- steps: [{text: A summary.}, {text: going on}]").await;
    let mut request = world.request();
    let words = |text: &str| user(&format!("{text} {}", "many words ".repeat(12_000)));
    request.transcript = vec![
        user("Build the thing"),
        Entry::Plan(PlanUpdate { plan: plan(), origin: PlanOrigin::Call }),
        words("first"),
        words("second"),
        words("third"),
        user("now go on"),
    ];
    let events = world.run_with(request).await;
    let compacts = |entry: &Entry| matches!(entry, Entry::ContextChange(ContextChange::Compact { .. }));
    assert!(events.entries().iter().any(compacts), "{:?}", events.outcome());
    let last = world.model.requests().len() - 1;
    assert!(world.newest(last).contains("2. [in_progress] build it"), "{}", world.newest(last));
}
