//! Deleting conversations.

use anyhow::ensure;
use reqwest::Method;
use serde_json::json;
use slipway_protocol::event::{Event, EventBody};
use tokio::time::Instant;

use crate::client::{PATIENCE, PAUSE};
use crate::walks;
use crate::world::World;

/// A conversation is deleted for good, and whoever follows it is told.
pub(crate) async fn delete(world: &World) -> anyhow::Result<()> {
    let watched = walks::turn(world, 0).await?;
    let path = format!("/conversations/{}", watched.id);
    let (status, answer) = world.client.ask(Method::DELETE, &format!("{path}?undo_seconds=0"), None).await?;
    ensure!(status < 300 || status == 404, "{status} {answer}");
    let (status, _) = world.client.ask(Method::POST, &format!("{path}/undelete"), None).await?;
    ensure!(status == 404, "it can be brought back");
    let (status, _) = world.client.ask(Method::GET, &path, None).await?;
    ensure!(status == 404, "it is still there");
    let until = Instant::now() + PATIENCE;
    let id = watched.id.as_str();
    let tells = |event: &Event| {
        matches!(&event.body, EventBody::ConversationDeleted { conversation_id }
            if conversation_id.as_str() == id)
    };
    while !watched.reader.events().iter().any(tells) {
        ensure!(Instant::now() < until, "the reader was not told that it is gone");
        tokio::time::sleep(PAUSE).await;
    }
    walks::turn(world, 1).await.map(drop)
}

/// A conversation is deleted and brought back.
pub(crate) async fn undelete(world: &World) -> anyhow::Result<()> {
    let watched = walks::turn(world, 0).await?;
    let path = format!("/conversations/{}", watched.id);
    world.must(Method::DELETE, &path, &json!({})).await?;
    let (status, _) = world.client.ask(Method::GET, &path, None).await?;
    ensure!(status == 404, "it is still there");
    world.must(Method::POST, &format!("{path}/undelete"), &json!({})).await?;
    watched.check(world, &["Leave marks #0#.".to_owned()]).await
}
