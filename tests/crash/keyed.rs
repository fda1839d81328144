//! Requests with a key, which a client repeats when it got no answer.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use slipway_fail_points::Point;
use tokio::time::Instant;

use crate::client::{PATIENCE, PAUSE};
use crate::world::World;

/// What tells the conversation from others.
const TITLE: &str = "Only one of these";

/// Begins a conversation under a key; the gateway dies on the way, and the client asks again.
pub(crate) async fn ask_again(world: &World, point: Point) -> anyhow::Result<()> {
    let (status, answer) = ask(world).await?;
    let made = made(world).await?;
    ensure!(made.len() == 1, "it is done once: {made:?}");
    let [id] = made.as_slice() else { anyhow::bail!("{made:?}") };
    if point == Point::KeyCarriedOut {
        ensure!(status == 409 && answer["code"] == "idempotency_answer_lost", "{status} {answer}");
        let detail = answer["detail"].as_str().context("a detail")?;
        ensure!(detail.contains(id), "it names {id}: {answer}");
    } else {
        ensure!(status == 201 && answer["id"] == id.as_str(), "{status} {answer}");
    }
    // And the same for ever after.
    ensure!(ask(world).await? == (status, answer), "another answer");
    Ok(())
}

/// Asks under the key until somebody answers.
async fn ask(world: &World) -> anyhow::Result<(u16, Value)> {
    let until = Instant::now() + PATIENCE;
    loop {
        let api = world.client.api().await?;
        let request = api.request(Method::POST, "/conversations").header("idempotency-key", "the key");
        if let Ok(response) = request.json(&json!({"title": TITLE})).send().await {
            let status = response.status().as_u16();
            if let Ok(answer) = response.json().await {
                return Ok((status, answer));
            }
        }
        ensure!(Instant::now() < until, "nobody answers");
        tokio::time::sleep(PAUSE).await;
    }
}

/// The ids of the conversations that came of it.
async fn made(world: &World) -> anyhow::Result<Vec<String>> {
    let list = world.client.get("/conversations").await?;
    let items = list["items"].as_array().context("conversations")?.iter();
    let wanted = items.filter(|item| item["title"] == TITLE);
    wanted.map(|item| Ok(item["id"].as_str().context("an id")?.to_owned())).collect()
}
