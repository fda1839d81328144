//! Going back to a backup, broken off anywhere: what is there afterwards is the backup, whole.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::Value;
use slipway_fail_points::Point;

use crate::client::PATIENCE;
use crate::walks;
use crate::world::World;

/// Makes a backup, goes on, and goes back to it; the gateway dies once on the way.
pub(crate) async fn go_back(world: &World, point: Point) -> anyhow::Result<()> {
    let kept = walks::turn(world, 0).await?.id;
    let file = world.client.download("/backup?key=true").await?;
    let then = state(world, kept.as_str()).await?;
    let lost = walks::turn(world, 1).await?.id;
    world.client.put("/backup", &file).await?;

    let dies_at_start = point.name().starts_with("going_back.");
    let starts = world.gateway.known().starts;
    if dies_at_start {
        world.gateway.arm(point.name());
    }
    world.gateway.kill().await;
    let mut known = world.gateway.watch();
    let again = known.wait_for(|known| known.starts > starts + u32::from(dies_at_start));
    tokio::time::timeout(PATIENCE, again).await.context("it does not start again")??;

    let now = state(world, kept.as_str()).await?;
    ensure!(now == then, "it was {then}\nand is {now}");
    let (status, _) = world.client.ask(Method::GET, &format!("/conversations/{lost}"), None).await?;
    ensure!(status == 404, "what was said after the backup is still there");
    let left = std::fs::read_dir(world.directory.path().join("data"))?;
    let left: Vec<String> = left
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    let is_over = |name: &&String| name.starts_with("restore") || name.starts_with("backup-");
    ensure!(!left.iter().any(|name| is_over(&name)), "something is left over: {left:?}");
    ensure!(world.directory.path().join("data/before-restore/slipway.db").exists(), "{left:?}");
    // And it goes on from there, states of the workspace included. What was done to files after the backup is unknown
    // now, so it counts as somebody else's.
    walks::turn(world, 2).await?;
    let page = world.client.get(&format!("/conversations/{kept}/checkpoints")).await?;
    let oldest = page["items"].as_array().and_then(|items| items.last()).context("an oldest checkpoint")?;
    let others = ["files/1.txt", "marks-1", "files/2.txt", "marks-2"];
    let wanted = serde_json::json!({"checkpoint_id": oldest["id"], "overwrite": others});
    world.must(Method::POST, &format!("/conversations/{kept}/restore"), &wanted).await?;
    ensure!(!world.at("files/0.txt").exists(), "the state before the first turn has no such file");
    Ok(())
}

/// What there is, and what was said in a conversation.
async fn state(world: &World, id: &str) -> anyhow::Result<Value> {
    let snapshot = world.client.get(&format!("/conversations/{id}?tail=100")).await?;
    let transcript = world.client.get(&format!("/conversations/{id}/transcript")).await?;
    let checkpoints = world.client.get(&format!("/conversations/{id}/checkpoints")).await?;
    let settings = world.client.get("/settings").await?;
    Ok(serde_json::json!([snapshot["conversation"], snapshot["messages"], transcript, checkpoints, settings]))
}
