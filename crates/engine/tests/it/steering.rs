//! What the person says while a run goes on.

use std::time::Duration;

use futures::StreamExt as _;
use serde_json::json;
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest};
use slipway_protocol::transcript::Entry;

use crate::harness::{World, start};

/// An answer that streams long enough for something to be said meanwhile.
pub(crate) const SLOWLY: &str = "chunk_chars: 1, chunk_delay_ms: 10";

async fn tell(world: &World, request: &RunRequest, id: &str, text: &str) -> u16 {
    let url = format!("{}/v1/runs/{}/messages", world.engine, request.run_id);
    let message = json!({"id": id, "text": text, "origin": "person", "created_at": 5});
    reqwest::Client::new().post(url).json(&message).send().await.expect("an answer").status().as_u16()
}

async fn take_back(world: &World, request: &RunRequest, id: &str) -> u16 {
    let url = format!("{}/v1/runs/{}/messages/{id}", world.engine, request.run_id);
    reqwest::Client::new().delete(url).send().await.expect("an answer").status().as_u16()
}

/// Starts a run and does `meanwhile` once its model has begun to answer; gives what the engine told.
pub(crate) async fn run(
    world: &World,
    request: &RunRequest,
    meanwhile: impl AsyncFnOnce(),
) -> Vec<EngineEvent> {
    let mut body = start(&world.engine, request).await.bytes_stream();
    let (mut text, mut meanwhile) = (String::new(), Some(meanwhile));
    while let Some(bytes) = body.next().await {
        text.push_str(&String::from_utf8_lossy(&bytes.expect("whole")));
        if text.contains("text_delta")
            && let Some(meanwhile) = meanwhile.take()
        {
            meanwhile().await;
        }
    }
    let lines = text.lines().filter_map(|line| line.strip_prefix("data:"));
    lines.map(|line| serde_json::from_str(line).expect("an event")).collect()
}

fn heard(events: &[EngineEvent]) -> Vec<&str> {
    let heard = events.iter().filter_map(|event| match event {
        EngineEvent::Entry { entry } => match &**entry {
            Entry::User(message) => Some(message.text.as_str()),
            _ => None,
        },
        _ => None,
    });
    heard.collect()
}

#[tokio::test]
async fn the_model_hears_it_at_its_next_step_behind_the_results() {
    let world = World::new(&format!(
        // A script's turns go by what the person has said.
        "  - steps: [{{text: 'let me look at that', {SLOWLY}, tool_calls: [{{name: read_file}}]}}]\n  - steps: [{{text: never}}]\n  - steps: [{{text: Done.}}]"
    ))
    .await;
    let request = world.request();
    let events = run(&world, &request, async || {
        assert_eq!(tell(&world, &request, "m1", "Use tabs.").await, 202);
        assert_eq!(tell(&world, &request, "m1", "Use tabs.").await, 202, "said once more: the same message");
        assert_eq!(tell(&world, &request, "m2", "And hurry.").await, 202);
        assert_eq!(tell(&world, &request, "m3", "Or not.").await, 202);
        assert_eq!(take_back(&world, &request, "m3").await, 204);
        assert_eq!(take_back(&world, &request, "m3").await, 404);
    })
    .await;
    assert!(matches!(events.last(), Some(EngineEvent::Finished { outcome: RunOutcome::Completed })));
    assert_eq!(heard(&events), ["Use tabs.", "And hurry."]);
    let second = world.messages(1);
    let roles: Vec<&str> = second.iter().map(|message| message["role"].as_str().expect("a role")).collect();
    assert!(
        roles.ends_with(&["assistant", "tool", "user"]),
        "what is said together is one message: {roles:?}"
    );
    assert!(world.newest(1).contains("Use tabs.") && world.newest(1).contains("And hurry."));
    assert!(!world.requests_say("Or not."));
}

#[tokio::test]
async fn what_is_said_during_the_last_answer_makes_the_run_go_on() {
    let world = World::new(&format!(
        "  - steps: [{{text: 'this would be all', {SLOWLY}}}]\n  - steps: [{{text: 'and this too'}}]"
    ))
    .await;
    let request = world.request();
    let events = run(&world, &request, async || {
        assert_eq!(tell(&world, &request, "m1", "One more thing.").await, 202);
    })
    .await;
    assert_eq!(heard(&events), ["One more thing."]);
    assert_eq!(world.model.requests().len(), 2);
    assert!(world.newest(1).contains("One more thing."));
    assert_eq!(tell(&world, &request, "m2", "Too late.").await, 404);
}

#[tokio::test]
async fn a_run_that_ends_otherwise_does_not_hear_it() {
    let world = World::new(&format!("  - steps: [{{text: 'cut off here', {SLOWLY}, finish: length}}]")).await;
    let request = world.request();
    let events = run(&world, &request, async || {
        assert_eq!(tell(&world, &request, "m1", "Wait.").await, 202);
    })
    .await;
    assert!(matches!(
        events.last(),
        Some(EngineEvent::Finished { outcome: RunOutcome::LimitReached { .. } })
    ));
    assert!(heard(&events).is_empty());
    // The connection is closed by now, and nothing is kept of the run.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(take_back(&world, &request, "m1").await, 404);
}
