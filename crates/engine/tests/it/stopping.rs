//! Dropping the connection stops everything.

use std::time::Duration;

use futures::StreamExt;

use crate::harness::{World, start};

#[tokio::test]
async fn a_running_tool_call_is_dropped_within_a_second() {
    let world = World::new("  - steps: [{tool_calls: [{name: hang}]}]").await;
    let response = start(&world.engine, &world.request()).await;
    world.tools.wait_for_running(1).await;
    drop(response);
    world.tools.wait_for_dropped(1).await;
}

#[tokio::test]
async fn parallel_calls_are_all_dropped() {
    let world = World::new("  - steps: [{tool_calls: [{name: wait_for_two}, {name: hang}]}]").await;
    // `wait_for_two` alone never ends; `hang` waits for it.
    let response = start(&world.engine, &world.request()).await;
    world.tools.wait_for_running(1).await;
    drop(response);
    world.tools.wait_for_dropped(1).await;
    assert_eq!(world.tools.names(), ["wait_for_two"]);
}

#[tokio::test]
async fn a_streaming_answer_is_dropped_and_nothing_follows() {
    let world = World::new(
        "  - steps:
      - {text: 'a long text that streams slowly', chunk_chars: 1, chunk_delay_ms: 6,
         tool_calls: [{name: write_file}]}",
    )
    .await;
    let mut body = start(&world.engine, &world.request()).await.bytes_stream();
    let mut text = String::new();
    while !text.contains("text_delta") {
        let bytes = body.next().await.expect("more").expect("whole");
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    drop(body);
    // Far longer than the rest of the answer would take.
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(world.tools.names().is_empty());
}

#[tokio::test]
async fn a_stopping_engine_ends_its_runs_with_a_word() {
    let world = World::new("  - steps: [{tool_calls: [{name: hang}]}]").await;
    let request = world.request();
    let run = world.run_with(request);
    let stop = async {
        world.tools.wait_for_running(1).await;
        world.stop.cancel();
    };
    let (events, ()) = tokio::join!(run, stop);
    assert_eq!(events.code(), "engine_stopping");
    world.tools.wait_for_dropped(1).await;
}
