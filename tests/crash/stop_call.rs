//! One call is stopped while its run goes on.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use slipway_fail_points::Point;

use crate::settle::settle;
use crate::walks::{begin, send, turn, until_marked};
use crate::world::World;

/// The command that is stopped ends, is known to have been stopped if that was recorded before the crash, and the
/// conversation goes on.
pub(crate) async fn ends_alone(world: &World, point: Point) -> anyhow::Result<()> {
    let watched = begin(world).await?;
    let said = "Please endure #0#.".to_owned();
    send(world, &watched.id, "queue", &said).await?;
    until_marked(world, "marks-0").await?;
    let transcript = async || {
        let path = format!("/conversations/{}/transcript", watched.id);
        world.client.get(&path).await
    };
    let entries = transcript().await?;
    let mut calls = entries.as_array().into_iter().flatten().filter_map(|entry| entry["tool_calls"].get(0));
    let call =
        calls.next_back().and_then(|call| call["id"].as_str()).context("the call that waits")?.to_owned();
    let path = format!("/conversations/{}/calls/{call}/stop", watched.id);
    world.must(Method::POST, &path, &json!({})).await?;
    // Nothing but the stop can end it: the file that it waits for does not come.
    settle(&world.client, watched.id.as_str()).await?;
    let after = transcript().await?;
    let result = after.as_array().into_iter().flatten().find(|entry| entry["call_id"] == call.as_str());
    let status = result.and_then(|result| result["status"].as_str()).context("a result")?;
    let expected: &[&str] =
        if point == Point::CallStopAfterCommit { &["stopped"] } else { &["stopped", "interrupted"] };
    ensure!(expected.contains(&status), "the stopped call is {status}");
    // Had it gone on, it would leave a mark now.
    std::fs::write(world.at("go-0"), "")?;
    turn(world, 1).await?;
    ensure!(!world.at("ended-0").exists(), "the stopped command went on");
    watched.check(world, &[said]).await
}
