//! A call that waits for approval.

use anyhow::ensure;
use reqwest::Method;
use serde_json::json;

use crate::settle::settle;
use crate::walks::{begin, send};
use crate::world::World;

/// A call that is to be approved runs once, or is known not to have run to its end; it never runs twice.
pub(crate) async fn is_made_once(world: &World) -> anyhow::Result<()> {
    let about = json!({"type": "command", "pattern": "echo once"});
    let rules = json!({"rules": [{"about": about, "action": "ask"}]});
    world.must(Method::PUT, "/settings/permissions", &rules).await?;
    let watched = begin(world).await?;
    let said = "Please approve #0#.".to_owned();
    send(world, &watched.id, "queue", &said).await?;
    settle(&world.client, watched.id.as_str()).await?;
    let ran = std::fs::read_to_string(world.at("approved-0")).unwrap_or_default();
    ensure!(ran.is_empty() || ran == "once\n", "it ran twice: {ran:?}");
    watched.check(world, &[said]).await
}
