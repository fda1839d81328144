//! Calls that wait for the person's approval: the step ends before them, and goes on with them.

use serde_json::json;
use slipway_protocol::approval::HeldCall;
use slipway_protocol::budget::Spending;
use slipway_protocol::run::RunOutcome;

use crate::harness::{Events, World};

fn held(events: &Events) -> Vec<HeldCall> {
    match events.outcome() {
        RunOutcome::Asks { questions, held } if questions.is_empty() => held.clone(),
        other => panic!("nothing is held but {other:?}"),
    }
}

/// One step that reads, changes twice, and reads.
fn script() -> String {
    let call = |name: &str, path: &str| format!("{{name: {name}, arguments: {{path: {path}}}}}");
    format!(
        "- steps: [{{tool_calls: [{}, {}, {}, {}]}}, {{text: all done}}]",
        call("read_file", "before"),
        call("write_file", "first"),
        call("write_file", "second"),
        call("read_file", "behind")
    )
}

#[tokio::test]
async fn a_step_ends_at_the_first_held_call_and_goes_on_with_all_that_were_left() {
    let world = World::new(&script()).await;
    world.tools.hold(&["first"]);
    let mut request = world.request();
    let events = world.run_with(request.clone()).await;
    let waiting = held(&events);
    let told: Vec<_> = waiting.iter().map(|held| (held.arguments["path"].clone(), held.asked)).collect();
    assert_eq!(told, [(json!("first"), true), (json!("second"), false), (json!("behind"), false)]);
    assert_eq!(world.tools.names(), ["read_file", "write_file"], "those behind it were not even tried");
    assert_eq!(events.results().len(), 1, "of the call before it");
    assert_eq!(world.model.requests().len(), 1);

    world.tools.hold(&[]);
    request.transcript.extend(events.entries());
    request.held = waiting.iter().map(|held| held.call_id.clone()).collect();
    request.spent = Spending { steps: 1, ..Spending::default() };
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    let made = world.tools.seen(|seen| {
        let made = seen.invocations.iter().skip(2);
        made.map(|(_, call)| (call.arguments["path"].clone(), call.step)).collect::<Vec<_>>()
    });
    assert_eq!(made, [(json!("first"), 1), (json!("second"), 1), (json!("behind"), 1)], "in the same step");
    assert_eq!(events.results().len(), 3);
    let newest = world.model.requests().last().unwrap().body.to_string();
    assert!(!newest.contains("nterrupted"), "every call has its result: {newest}");
}

#[tokio::test]
async fn a_held_call_may_be_held_again() {
    let world = World::new(&script()).await;
    world.tools.hold(&["first", "second"]);
    let mut request = world.request();
    let events = world.run_with(request.clone()).await;
    request.transcript.extend(events.entries());
    request.held = held(&events).iter().map(|held| held.call_id.clone()).collect();
    world.tools.hold(&["second"]);
    let events = world.run_with(request).await;
    let told: Vec<_> = held(&events).iter().map(|held| held.arguments["path"].clone()).collect();
    assert_eq!(told, [json!("second"), json!("behind")]);
    assert_eq!(events.results().len(), 1);
}

#[tokio::test]
async fn reading_calls_beside_a_held_one_are_made() {
    let call = |path: &str| format!("{{name: read_file, arguments: {{path: {path}}}}}");
    let calls = ["a", "held", "b"].map(call).join(", ");
    let world = World::new(&format!("- steps: [{{tool_calls: [{calls}]}}, {{text: done}}]")).await;
    world.tools.hold(&["held"]);
    let events = world.run().await;
    assert_eq!(held(&events).len(), 1);
    assert_eq!(events.results().len(), 2);
}
