//! What must hold of a conversation however often its programs died.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use slipway_protocol::ConversationId;
use slipway_protocol::api::ConversationSnapshot;
use slipway_tests::Timeline;
use tokio::time::Instant;

use crate::client::{PATIENCE, PAUSE};
use crate::reader::Reader;
use crate::world::World;

/// A conversation that is looked at in the end.
pub(crate) struct Watched {
    pub(crate) id: ConversationId,
    pub(crate) before: ConversationSnapshot,
    pub(crate) reader: Reader,
}

impl Watched {
    /// Checks all of it; `said` is what the person has said, in order.
    ///
    /// # Errors
    /// Something does not hold.
    pub(crate) async fn check(&self, world: &World, said: &[String]) -> anyhow::Result<()> {
        let transcript = world.client.get(&format!("/conversations/{}/transcript", self.id)).await?;
        let entries = transcript.as_array().context("entries")?;
        check_entries(entries, said)
            .with_context(|| format!("the transcript of {}: {transcript}", self.id))?;
        check_marks(world, entries)?;
        self.check_reader(world).await
    }

    /// The reader must have been told all that the snapshot shows, the end included.
    async fn check_reader(&self, world: &World) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let snapshot = world.client.get(&format!("/conversations/{}?tail=100", self.id)).await?;
            let snapshot: ConversationSnapshot = serde_json::from_value(snapshot)?;
            let mut told = Timeline::new(&self.before);
            for event in self.reader.events() {
                if event.conversation_id.as_ref() == Some(&self.id) {
                    told.apply(&event);
                }
            }
            let shown = Timeline::new(&snapshot).digest();
            let status = self.reader.status(&self.id);
            if told.digest() == shown && status == Some(snapshot.conversation.status) {
                break;
            }
            if Instant::now() > until {
                bail!(
                    "the reader was told {status:?} {:#?}\nbut it is {:?} {shown:#?}",
                    told.digest(),
                    snapshot.conversation.status
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
        let faults = self.reader.faults();
        ensure!(faults.is_empty(), "the reader was told wrong: {faults:?}");
        Ok(())
    }
}

/// Every message once and in order, every answer once, every call with one result.
fn check_entries(entries: &[Value], said: &[String]) -> anyhow::Result<()> {
    let (mut users, mut answers, mut open, mut ended) =
        (Vec::new(), HashSet::new(), HashSet::new(), HashSet::new());
    for entry in entries {
        match entry["type"].as_str().unwrap_or_default() {
            "user" => users.push(entry["text"].as_str().unwrap_or_default().to_owned()),
            "assistant" => {
                ensure!(answers.insert(entry["id"].to_string()), "an answer is there twice: {}", entry["id"]);
                for call in entry["tool_calls"].as_array().into_iter().flatten() {
                    let id = call["id"].to_string();
                    ensure!(!ended.contains(&id) && open.insert(id), "a call is there twice: {call}");
                }
            }
            "tool_result" => {
                let id = entry["call_id"].to_string();
                ensure!(open.remove(&id), "a result without a call, or a second one: {entry}");
                ended.insert(id);
            }
            _ => {}
        }
    }
    ensure!(open.is_empty(), "calls without a result: {open:?}");
    ensure!(users == said, "the person said {said:?}, the transcript has {users:?}");
    Ok(())
}

/// Every command that leaves a mark ran at most once, and exactly once where its result says that it ran.
fn check_marks(world: &World, entries: &[Value]) -> anyhow::Result<()> {
    let mut commands = HashMap::new();
    for entry in entries {
        for call in entry["tool_calls"].as_array().into_iter().flatten() {
            let arguments: Value =
                serde_json::from_str(call["arguments"].as_str().unwrap_or_default()).unwrap_or_default();
            if let Some(command) = arguments["command"].as_str() {
                commands.insert(call["id"].to_string(), command.to_owned());
            }
        }
        let Some(command) = commands.get(&entry["call_id"].to_string()) else { continue };
        let Some((mark, file)) = mark_of(command) else { continue };
        let left = std::fs::read_to_string(world.at(file)).unwrap_or_default();
        let times = left.lines().filter(|line| *line == mark).count();
        let status = entry["outcome"]["status"].as_str().unwrap_or_default();
        let is_right = if status == "ok" { times == 1 } else { times <= 1 };
        ensure!(is_right, "`{command}` is {status} and ran {times} times");
    }
    Ok(())
}

/// What `echo a >> b` leaves in which file.
fn mark_of(command: &str) -> Option<(&str, &str)> {
    let (mark, rest) = command.strip_prefix("echo ")?.split_once(" >> ")?;
    Some((mark, rest.split([';', ' ']).next()?))
}
