//! Ways through the product that lead to the fail points.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use slipway_fail_points::Point;
use slipway_protocol::ConversationId;
use tokio::time::Instant;

use crate::approve;
use crate::backup;
use crate::checks::Watched;
use crate::client::{PATIENCE, PAUSE};
use crate::deleting;
use crate::keyed;
use crate::pausing;
use crate::reader::Reader;
use crate::script::many_words;
use crate::settle::settle;
use crate::stop_call;
use crate::world::{World, id_in};

/// A way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walk {
    /// A turn with calls.
    Turn,
    /// Messages while the model works: queued, changed, steered, removed.
    Busy,
    /// A waiting message is sent at once.
    Hurry,
    /// A stop, and going on.
    Stop,
    /// One call is stopped, and its run goes on.
    StopCall,
    /// A run is paused, waits over a restart, and goes on.
    Pause,
    /// A question.
    Ask,
    /// A call that waits for approval.
    Approve,
    /// A turn is undone.
    Restore,
    /// The model's window fills and is summarised.
    Long,
    /// The model goes on in a new conversation.
    Full,
    /// A message is said in other words.
    Branch,
    /// A conversation is written to a file and read back.
    Import,
    /// A conversation is deleted for good.
    Delete,
    /// A request with a key is repeated.
    Keyed,
    /// A backup is made and gone back to.
    GoBack,
    /// A conversation is deleted and brought back.
    Undelete,
    /// The gateway is killed during a turn, and dies once more while it starts.
    Restart,
}

/// The way to a point, and which of its passings is meant.
pub(crate) fn to(point: Point) -> (Walk, u32) {
    match point {
        Point::RecoveryFound | Point::RecoveryEnded => (Walk::Restart, 1),
        Point::ContinueBeforeCommit
        | Point::ContinueAfterCommit
        | Point::StopBeforeCommit
        | Point::StopAfterCommit => (Walk::Stop, 1),
        Point::PauseBeforeCommit | Point::PauseAfterCommit => (Walk::Pause, 1),
        Point::CallStopBeforeCommit | Point::CallStopAfterCommit => (Walk::StopCall, 1),
        Point::AnswerBeforeCommit | Point::AnswerAfterCommit => (Walk::Ask, 1),
        Point::DecisionBeforeCommit | Point::DecisionAfterCommit => (Walk::Approve, 1),
        Point::QueuedSendBeforeCommit | Point::QueuedSendAfterCommit => (Walk::Hurry, 1),
        Point::QueuedEditBeforeCommit
        | Point::QueuedEditAfterCommit
        | Point::QueuedRemoveBeforeCommit
        | Point::QueuedRemoveAfterCommit
        | Point::SteerHeard => (Walk::Busy, 1),
        Point::BranchBeforeCommit | Point::BranchAfterCommit => (Walk::Branch, 1),
        Point::ImportBeforeCommit | Point::ImportAfterCommit => (Walk::Import, 1),
        Point::DeleteBeforeCommit
        | Point::DeleteAfterCommit
        | Point::RemoveBeforeCommit
        | Point::RemoveAfterCommit => (Walk::Delete, 1),
        Point::UndoBeforeCommit | Point::UndoAfterCommit => (Walk::Undelete, 1),
        Point::HandoverBeforeCommit | Point::HandoverAfterCommit => (Walk::Full, 1),
        Point::KeyClaimed | Point::KeyCarriedOut | Point::KeyAnswerKept => (Walk::Keyed, 1),
        Point::BackupCopied
        | Point::BackupChecked
        | Point::BackupPutAside
        | Point::GoingBackBegins
        | Point::GoingBackStatesMoved
        | Point::GoingBackOldAway
        | Point::GoingBackKeyPlaced
        | Point::GoingBackNewPlaced => (Walk::GoBack, 1),
        Point::SummaryMade => (Walk::Long, 1),
        Point::RestoreNoted
        | Point::RestoreApplied
        | Point::RestoreBeforeCommit
        | Point::RestoreAfterCommit
        | Point::OperationBegins
        | Point::OperationStaged => (Walk::Restore, 1),
        // In the middle of it: some paths are restored, others are not.
        Point::OperationDone => (Walk::Restore, 3),
        // Later than what is written while the world is set up.
        Point::WriteCommitted => (Walk::Turn, 8),
        Point::StreamSent => (Walk::Turn, 4),
        _ => (Walk::Turn, 1),
    }
}

/// Goes a way to its end and checks what is left.
///
/// # Errors
/// Something does not hold.
pub(crate) async fn go(world: &World, walk: Walk, point: Point) -> anyhow::Result<()> {
    match walk {
        Walk::Turn => turn(world, 0).await.map(drop),
        Walk::Busy => busy(world).await,
        Walk::Hurry => hurry(world).await,
        Walk::Stop => stop(world).await,
        Walk::Pause => pausing::waits_over_a_restart(world).await,
        Walk::StopCall => stop_call::ends_alone(world, point).await,
        Walk::Ask => ask(world).await,
        Walk::Approve => approve::is_made_once(world).await,
        Walk::Restore => restore(world).await,
        Walk::Long => long(world).await,
        Walk::Full => full(world).await,
        Walk::Branch => branch(world).await,
        Walk::Import => import(world).await,
        Walk::Delete => deleting::delete(world).await,
        Walk::Keyed => keyed::ask_again(world, point).await,
        Walk::GoBack => backup::go_back(world, point).await,
        Walk::Undelete => deleting::undelete(world).await,
        Walk::Restart => restart(world, point).await,
    }
}

/// One turn with calls, checked.
pub(crate) async fn turn(world: &World, number: usize) -> anyhow::Result<Watched> {
    let watched = begin(world).await?;
    let said = format!("Leave marks #{number}#.");
    send(world, &watched.id, "queue", &said).await?;
    settle(&world.client, watched.id.as_str()).await?;
    watched.check(world, &[said]).await?;
    Ok(watched)
}

async fn busy(world: &World) -> anyhow::Result<()> {
    let watched = begin(world).await?;
    let said =
        ["Please wait #0#.", "Then queued #0#.", "Then queued #1#.", "And steered #0#."].map(str::to_owned);
    let [first, second, third, steered] = &said;
    send(world, &watched.id, "queue", first).await?;
    until_marked(world, "marks-0").await?;
    for message in [second, third] {
        send(world, &watched.id, "queue", message).await?;
    }
    let third_id = waiting(world, &watched.id, third).await?.context("the third message waits")?;
    let second_id = waiting(world, &watched.id, second).await?.context("the second message waits")?;
    let path = format!("/conversations/{}/queue/{third_id}", watched.id);
    world.must(Method::PATCH, &path, &json!({"text": "In other words #1#."})).await?;
    let order = json!({"message_ids": [third_id, second_id]});
    world.must(Method::PUT, &format!("/conversations/{}/queue", watched.id), &order).await?;
    let (status, answer) = world.client.ask(Method::DELETE, &path, None).await?;
    ensure!(status < 300 || status == 404, "{status} {answer}");
    send(world, &watched.id, "steer", steered).await?;
    std::fs::write(world.at("go-0"), "")?;
    settle(&world.client, watched.id.as_str()).await?;
    // A message that could not be steered waits like any other.
    let transcript = world.client.get(&format!("/conversations/{}/transcript", watched.id)).await?;
    let heard = position(&transcript, steered).context("it was heard")?;
    let followed = position(&transcript, second).context("it was sent")?;
    let order = if heard < followed { [first, steered, second] } else { [first, second, steered] };
    watched.check(world, &order.map(Clone::clone)).await
}

async fn hurry(world: &World) -> anyhow::Result<()> {
    let watched = begin(world).await?;
    let said = ["Please wait #0#.", "Then queued #0#."].map(str::to_owned);
    send(world, &watched.id, "queue", &said[0]).await?;
    until_marked(world, "marks-0").await?;
    send(world, &watched.id, "queue", &said[1]).await?;
    if let Some(message) = waiting(world, &watched.id, &said[1]).await? {
        let path = format!("/conversations/{}/queue/{message}/send", watched.id);
        let (status, answer) = world.client.ask(Method::POST, &path, None).await?;
        ensure!(status < 300 || status == 404, "{status} {answer}");
    }
    std::fs::write(world.at("go-0"), "")?;
    settle(&world.client, watched.id.as_str()).await?;
    watched.check(world, &said).await
}

async fn stop(world: &World) -> anyhow::Result<()> {
    let watched = begin(world).await?;
    let said = "Please wait #0#.".to_owned();
    send(world, &watched.id, "queue", &said).await?;
    until_marked(world, "marks-0").await?;
    world.must(Method::POST, &format!("/conversations/{}/stop", watched.id), &json!({})).await?;
    std::fs::write(world.at("go-0"), "")?;
    settle(&world.client, watched.id.as_str()).await?;
    watched.check(world, &[said]).await
}

async fn ask(world: &World) -> anyhow::Result<()> {
    let watched = begin(world).await?;
    let said = "Do ask #0#.".to_owned();
    send(world, &watched.id, "queue", &said).await?;
    settle(&world.client, watched.id.as_str()).await?;
    let transcript = world.client.get(&format!("/conversations/{}/transcript", watched.id)).await?;
    ensure!(transcript.to_string().contains("The person chose: blue"), "{transcript}");
    watched.check(world, &[said]).await
}

async fn restore(world: &World) -> anyhow::Result<()> {
    let watched = turn(world, 0).await?;
    for number in 1..=4 {
        let path = world.at(&format!("files/more-{number}"));
        ensure!(!path.exists(), "{}", path.display());
    }
    let page = world.client.get(&format!("/conversations/{}/checkpoints", watched.id)).await?;
    let checkpoints = page["items"].as_array().context("checkpoints")?;
    let newest = checkpoints.first().context("a newest one")?["id"].clone();
    let oldest = checkpoints.last().context("an oldest one")?["id"].clone();
    let path = format!("/conversations/{}/restore", watched.id);
    for checkpoint in [&oldest, &newest] {
        // What a crash has left half done is finished by itself; asking again then has nothing to do.
        world.must(Method::POST, &path, &json!({"checkpoint_id": checkpoint})).await?;
        let is_there = checkpoint == &newest;
        for (file, content) in [("files/0.txt", "one\ntwo\n"), ("marks-0", "a\nb\n")] {
            let found = std::fs::read_to_string(world.at(file)).ok();
            ensure!(found.as_deref() == is_there.then_some(content), "{file} holds {found:?}");
        }
        let uploaded = std::fs::read_to_string(world.at("uploaded.txt"))?;
        ensure!(uploaded == "uploaded\n", "{uploaded}");
    }
    settle(&world.client, watched.id.as_str()).await.map(drop)
}

async fn long(world: &World) -> anyhow::Result<()> {
    let watched = begin(world).await?;
    let mut said = Vec::new();
    for number in 0..3 {
        said.push(format!("A long #{number}# {}", many_words()));
        send(world, &watched.id, "queue", &said[number]).await?;
        settle(&world.client, watched.id.as_str()).await?;
    }
    let transcript = world.client.get(&format!("/conversations/{}/transcript", watched.id)).await?;
    let compacted = transcript.as_array().into_iter().flatten().any(|entry| entry["change"] == "compact");
    ensure!(compacted, "nothing was summarised");
    watched.check(world, &said).await
}

async fn full(world: &World) -> anyhow::Result<()> {
    let watched = begin(world).await?;
    let said = ["It is almost #0#.", "It is full #0#."].map(str::to_owned);
    for message in &said {
        send(world, &watched.id, "queue", message).await?;
        settle(&world.client, watched.id.as_str()).await?;
    }
    watched.check(world, &said).await?;
    let list = world.client.get("/conversations").await?;
    let new = list["items"].as_array().context("conversations")?.iter();
    let new: Vec<&Value> = new.filter(|conversation| conversation["id"] != watched.id.as_str()).collect();
    ensure!(new.len() == 1, "it goes on in exactly one: {list}");
    let id = id_in(new[0])?;
    settle(&world.client, &id).await?;
    let transcript = world.client.get(&format!("/conversations/{id}/transcript")).await?;
    ensure!(transcript.to_string().matches("Went on.").count() == 1, "{transcript}");
    Ok(())
}

async fn branch(world: &World) -> anyhow::Result<()> {
    let watched = turn(world, 0).await?;
    let path = format!("/conversations/{}", watched.id);
    let outline = world.client.get(&format!("{path}/outline")).await?;
    let message = outline[0]["message_id"].as_str().context("a message")?;
    let wanted = json!({"client_id": "other words", "text": "Leave marks #1#."});
    let made = world.must(Method::POST, &format!("{path}/messages/{message}/branch"), &wanted).await?;
    let branch = id_in(&made["conversation"])?;
    settle(&world.client, &branch).await?;
    let list = world.client.get("/conversations").await?;
    let count = list["items"].as_array().context("conversations")?.len();
    ensure!(count == 2, "it is said once in other words: {list}");
    for id in [watched.id.as_str(), &branch] {
        let wordings = world.client.get(&format!("/conversations/{id}")).await?["wordings"].clone();
        let all = wordings[0]["all"].as_array().context("wordings")?;
        ensure!(all.len() == 2, "{id} knows both: {wordings}");
    }
    let transcript = world.client.get(&format!("/conversations/{branch}/transcript")).await?;
    ensure!(position(&transcript, "Leave marks #1#.") == Some(0), "{transcript}");
    watched.check(world, &["Leave marks #0#.".to_owned()]).await
}

async fn import(world: &World) -> anyhow::Result<()> {
    let watched = turn(world, 0).await?;
    let path = format!("/conversations/{}", watched.id);
    let file = world.client.get(&format!("{path}/export")).await?;
    // A client that was not answered asks again: there may be one more, but no half of one.
    world.must(Method::POST, "/conversations/import", &file).await?;
    let list = world.client.get("/conversations").await?;
    let original = world.client.get(&format!("{path}/transcript")).await?;
    let imported = list["items"].as_array().context("conversations")?.iter();
    let imported: Vec<&Value> = imported.filter(|one| one["imported_at"].is_i64()).collect();
    ensure!((1..=2).contains(&imported.len()), "{list}");
    for conversation in imported {
        let id = id_in(conversation)?;
        let transcript = world.client.get(&format!("/conversations/{id}/transcript")).await?;
        let count = |entries: &Value| entries.as_array().map(Vec::len);
        ensure!(count(&transcript) == count(&original), "{transcript}");
    }
    watched.check(world, &["Leave marks #0#.".to_owned()]).await
}

async fn restart(world: &World, point: Point) -> anyhow::Result<()> {
    let watched = begin(world).await?;
    let said = "Please wait #0#.".to_owned();
    send(world, &watched.id, "queue", &said).await?;
    until_marked(world, "marks-0").await?;
    let starts = world.gateway.known().starts;
    world.gateway.arm(point.name());
    world.gateway.kill().await;
    let mut known = world.gateway.watch();
    let again = known.wait_for(|known| known.starts >= starts + 2);
    tokio::time::timeout(PATIENCE, again).await.context("nobody passed it")??;
    std::fs::write(world.at("go-0"), "")?;
    settle(&world.client, watched.id.as_str()).await?;
    watched.check(world, &[said]).await
}

/// A new conversation and its reader.
pub(crate) async fn begin(world: &World) -> anyhow::Result<Watched> {
    let id = id_in(&world.must(Method::POST, "/conversations", &json!({})).await?)?;
    let before = world.client.get(&format!("/conversations/{id}?tail=100")).await?;
    let before: slipway_protocol::api::ConversationSnapshot = serde_json::from_value(before)?;
    let id = ConversationId::from(id.as_str());
    let reader = Reader::start(world.client.clone(), &id, &before.cursor);
    Ok(Watched { id, before, reader })
}

/// Sends a message, however often it takes: the client's id is its text.
pub(crate) async fn send(world: &World, id: &ConversationId, mode: &str, text: &str) -> anyhow::Result<()> {
    let client_id: String = text.chars().take(40).collect();
    let message = json!({"client_id": client_id, "text": text, "mode": mode});
    world.must(Method::POST, &format!("/conversations/{id}/messages"), &message).await.map(drop)
}

/// Waits until a command has left its mark.
pub(crate) async fn until_marked(world: &World, file: &str) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    while !world.at(file).exists() {
        ensure!(Instant::now() < until, "no command left a mark in {file}");
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// The id of a waiting message.
async fn waiting(world: &World, id: &ConversationId, text: &str) -> anyhow::Result<Option<String>> {
    let snapshot = world.client.get(&format!("/conversations/{id}?tail=100")).await?;
    let queue = snapshot["queue"].as_array().context("a queue")?;
    let found = queue.iter().find(|message| message["text"] == text);
    Ok(found.and_then(|message| message["message_id"].as_str()).map(str::to_owned))
}

fn position(transcript: &Value, text: &str) -> Option<usize> {
    transcript.as_array()?.iter().position(|entry| entry["type"] == "user" && entry["text"] == text)
}
