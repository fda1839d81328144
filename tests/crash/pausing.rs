//! A run that is paused.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use slipway_protocol::ConversationId;
use tokio::time::Instant;

use crate::client::{PATIENCE, PAUSE};
use crate::settle::settle;
use crate::walks::{begin, send, until_marked};
use crate::world::World;

/// A crash on the way to rest leaves a run that can be continued; one that rests does so over a crash, and goes on.
pub(crate) async fn waits_over_a_restart(world: &World) -> anyhow::Result<()> {
    let watched = begin(world).await?;
    let said = ["Please wait #0#.", "Please wait #1#."].map(str::to_owned);
    pause(world, &watched.id, 0, &said[0]).await?;
    settle(&world.client, watched.id.as_str()).await?;

    let status = pause(world, &watched.id, 1, &said[1]).await?;
    ensure!(status == "paused", "nothing died, and it is {status}");
    let mut known = world.gateway.watch();
    let starts = known.borrow().starts;
    world.gateway.kill().await;
    let again = known.wait_for(|known| known.starts > starts && known.address.is_some());
    tokio::time::timeout(PATIENCE, again).await.context("the gateway does not come back")??;
    let status = until_at_rest(world, &watched.id).await?;
    ensure!(status == "paused", "after a restart it is {status}");
    settle(&world.client, watched.id.as_str()).await?;
    watched.check(world, &said).await
}

/// Pauses a run during its command, lets that end, and gives the status then.
async fn pause(world: &World, id: &ConversationId, number: usize, said: &str) -> anyhow::Result<String> {
    send(world, id, "queue", said).await?;
    until_marked(world, &format!("marks-{number}")).await?;
    let path = format!("/conversations/{id}/pause");
    let (status, answer) = world.client.ask(Method::POST, &path, Some(&json!({}))).await?;
    // The run may have been ended by the crash that the request ran into.
    ensure!(status == 202 || status == 409, "{status} {answer}");
    std::fs::write(world.at(&format!("go-{number}")), "")?;
    until_at_rest(world, id).await
}

async fn until_at_rest(world: &World, id: &ConversationId) -> anyhow::Result<String> {
    let until = Instant::now() + PATIENCE;
    loop {
        let snapshot = world.client.get(&format!("/conversations/{id}?tail=1")).await?;
        let status = snapshot["conversation"]["status"].as_str().context("a status")?;
        if ["paused", "stopped"].contains(&status) {
            return Ok(status.to_owned());
        }
        ensure!(Instant::now() < until, "it stays {status}");
        tokio::time::sleep(PAUSE).await;
    }
}
