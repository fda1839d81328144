//! A run that is told to pause: it comes to rest before the next call, and goes on with it.

use serde_json::json;
use slipway_protocol::budget::Spending;
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest};
use slipway_protocol::transcript::Entry;

use crate::harness::World;
use crate::steering::{SLOWLY, run};

fn script(calls: &str) -> String {
    format!("- steps: [{{text: I look at this first, {SLOWLY}, tool_calls: [{calls}]}}, {{text: all done}}]")
}

const TWO_CALLS: &str = "{name: read_file, arguments: {path: a}}, {name: write_file, arguments: {path: b}}";

async fn pause(world: &World, request: &RunRequest, pause: bool) -> u16 {
    let url = format!("{}/v1/runs/{}/pause", world.engine, request.run_id);
    let client = reqwest::Client::new();
    let request = if pause { client.post(url) } else { client.delete(url) };
    request.send().await.expect("an answer").status().as_u16()
}

fn entries(events: &[EngineEvent]) -> Vec<Entry> {
    let entries = events.iter().filter_map(|event| match event {
        EngineEvent::Entry { entry } => Some((**entry).clone()),
        _ => None,
    });
    entries.collect()
}

fn outcome(events: &[EngineEvent]) -> &RunOutcome {
    match events.last() {
        Some(EngineEvent::Finished { outcome }) => outcome,
        other => panic!("it ended with {other:?}"),
    }
}

#[tokio::test]
async fn it_rests_before_the_calls_of_an_answer_and_makes_them_when_it_goes_on() {
    let world = World::new(&script(TWO_CALLS)).await;
    let mut request = world.request();
    let events = run(&world, &request, async || assert_eq!(pause(&world, &request, true).await, 204)).await;
    assert_eq!(*outcome(&events), RunOutcome::Paused);
    assert_eq!(world.tools.names(), Vec::<String>::new(), "nothing was called");
    assert_eq!(world.model.requests().len(), 1);
    assert_eq!(pause(&world, &request, true).await, 404, "it does not go on");

    let kept = entries(&events);
    let Some(Entry::Assistant(answer)) = kept.last() else { panic!("{kept:?}") };
    request.held = answer.tool_calls.iter().map(|call| call.id.clone()).collect();
    request.transcript.extend(kept);
    request.spent = Spending { steps: 1, ..Spending::default() };
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(world.tools.names(), ["read_file", "write_file"], "each once");
    assert_eq!(events.results().len(), 2);
    assert!(!world.model.requests()[1].body.to_string().contains("nterrupted"));
}

#[tokio::test]
async fn a_pause_that_is_taken_back_in_time_is_none() {
    let world = World::new(&script(TWO_CALLS)).await;
    let request = world.request();
    let events = run(&world, &request, async || {
        assert_eq!(pause(&world, &request, true).await, 204);
        assert_eq!(pause(&world, &request, false).await, 204);
    })
    .await;
    assert_eq!(*outcome(&events), RunOutcome::Completed);
    assert_eq!(world.tools.names(), ["read_file", "write_file"]);
}

#[tokio::test]
async fn it_rests_before_the_next_request_and_sends_the_same_one_later() {
    // The call is refused by the engine itself, so nothing of this step is left to be made.
    let world = World::new(&script("{name: unknown_tool}")).await;
    let mut request = world.request();
    let events = run(&world, &request, async || assert_eq!(pause(&world, &request, true).await, 204)).await;
    assert_eq!(*outcome(&events), RunOutcome::Paused);
    assert_eq!(world.model.requests().len(), 1, "the model was not asked again");
    request.transcript.extend(entries(&events));
    request.spent = Spending { steps: 1, ..Spending::default() };
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    let again = &world.messages(1);
    assert_eq!(again.last().map(|message| &message["role"]), Some(&json!("tool")));
}

#[tokio::test]
async fn a_question_of_the_same_answer_is_asked_and_the_calls_wait_with_it() {
    let question = "{name: ask_user, arguments: {question: Which?, options: [{label: a}, {label: b}]}}";
    let world =
        World::new(&script(&format!("{{name: read_file, arguments: {{path: a}}}}, {question}"))).await;
    let request = world.request();
    let events = run(&world, &request, async || assert_eq!(pause(&world, &request, true).await, 204)).await;
    let RunOutcome::Asks { questions, held } = outcome(&events) else { panic!("{:?}", outcome(&events)) };
    assert_eq!((questions.len(), held.len()), (1, 0), "what a pause has left is nothing to approve");
    assert_eq!(world.tools.names(), Vec::<String>::new());
}

#[tokio::test]
async fn a_run_that_is_done_is_done() {
    let world = World::new(&format!("- steps: [{{text: this is all, {SLOWLY}}}]")).await;
    let request = world.request();
    let events = run(&world, &request, async || assert_eq!(pause(&world, &request, true).await, 204)).await;
    assert_eq!(*outcome(&events), RunOutcome::Completed);
}
