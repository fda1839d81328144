//! Containers that are killed while the agent works: nothing is lost, doubled or done twice.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use slipway_protocol::api::{Conversation, ConversationSnapshot};
use slipway_protocol::event::{Event, EventBody, RunStatus};
use slipway_scripted_model::{Script, Server};
use slipway_tests::{Events, Timeline, docker};

use crate::recovery::wait_until_ready;
use crate::stack::{RUN_LIMIT, Stack};

/// A conversation and all that its reader was told.
struct Watched {
    conversation: Conversation,
    before: ConversationSnapshot,
    cursor: String,
    told: Vec<Event>,
}

pub(crate) async fn lose_and_double_nothing(stack: &Stack) -> anyhow::Result<()> {
    for container in [stack.instance.sandbox(), stack.instance.control()] {
        kill(stack, &container).await.with_context(|| container.clone())?;
    }
    Ok(())
}

/// Kills a container while one conversation runs a command and another one's answer streams.
async fn kill(stack: &Stack, container: &str) -> anyhow::Result<()> {
    let server = Server::start_at(script(container)?, SocketAddr::from(([0, 0, 0, 0], 0))).await?;
    let base_url = format!("http://host.docker.internal:{}/v1", server.port());
    let model = stack.api.add_provider("kills", &base_url, "").await?;
    let mut working = Watched::begin(stack, stack.api.create(&model).await?).await?;
    let mut talking = Watched::begin(stack, stack.api.create(&model).await?).await?;
    working.say(stack, "Mark it.", |body| matches!(body, EventBody::ToolOutput { .. })).await?;
    talking.say(stack, "Talk.", |body| matches!(body, EventBody::PartDelta { .. })).await?;

    docker(&["kill", "--signal", "KILL", container])?;
    docker(&["start", container])?;
    wait_until_ready(stack).await?;
    working.settle(stack).await?;
    talking.settle(stack).await?;

    let marks = std::fs::read_to_string(stack.instance.workspace.join(mark(container)))?;
    ensure!(marks == "marked\n", "the command ran more than once: {marks:?}");
    let results = working.check(stack).await?;
    ensure!(results == ["interrupted"], "{results:?}");
    talking.check(stack).await?;
    Ok(())
}

fn mark(container: &str) -> String {
    format!("mark-of-{container}")
}

fn script(container: &str) -> anyhow::Result<Script> {
    let command = format!("echo marked >> {}; echo waiting; sleep 3119", mark(container));
    let call = json!({"name": "run_terminal_command", "arguments": {"command": command, "timeout": 600}});
    let long = json!({"text": "All in good time. ".repeat(20), "chunk_chars": 3, "chunk_delay_ms": 20});
    let turns = json!([
        {"when": {"user_contains": "Mark it"}, "steps": [{"text": "I do.", "tool_calls": [call]}, {"text": "Done."}]},
        {"when": {"user_contains": "Talk"}, "steps": [long]},
    ]);
    let script =
        json!({"name": "kills", "models": ["scripted"], "turns": turns, "otherwise": {"text": "Well."}});
    Script::from_yaml(&script.to_string()).map_err(Into::into)
}

impl Watched {
    async fn begin(stack: &Stack, conversation: Conversation) -> anyhow::Result<Self> {
        let before = stack.api.snapshot(&conversation.id).await?;
        Ok(Self { conversation, cursor: before.cursor.clone(), before, told: Vec::new() })
    }

    async fn follow(&self, stack: &Stack) -> anyhow::Result<Events> {
        stack.api.events(&self.conversation.id, &self.cursor).await
    }

    /// Notes what the reader was told, and where it goes on.
    fn note(&mut self, events: Vec<Event>, stream: &Events) {
        self.told.extend(events);
        if let Some(cursor) = &stream.cursor {
            self.cursor.clone_from(cursor);
        }
    }

    async fn say(
        &mut self,
        stack: &Stack,
        text: &str,
        until: impl Fn(&EventBody) -> bool,
    ) -> anyhow::Result<()> {
        let mut stream = self.follow(stack).await?;
        stack.api.send(&self.conversation.id, text).await?;
        let events = stream.wait_for(until, RUN_LIMIT).await?;
        self.note(events, &stream);
        Ok(())
    }

    /// Continues as a person does until the run is done, and reads to that end.
    async fn settle(&mut self, stack: &Stack) -> anyhow::Result<()> {
        let until = Instant::now() + RUN_LIMIT;
        loop {
            let now = stack.api.snapshot(&self.conversation.id).await?.conversation;
            match now.status {
                RunStatus::Done => break,
                status if status.is_active() => {}
                status => {
                    ensure!(now.problem.is_some(), "{status:?} without a reason");
                    let path = format!("/conversations/{}/continue", now.id);
                    let answer = stack.api.request(Method::POST, &path).json(&json!({})).send().await?;
                    ensure!(answer.status() == 202, "{}", answer.status());
                }
            }
            ensure!(Instant::now() < until, "it stays {:?}", now.status);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let mut stream = self.follow(stack).await?;
        let events = stream.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
        self.note(events, &stream);
        Ok(())
    }

    /// Every entry is there once, and the reader was told of all; gives how calls ended.
    async fn check(&self, stack: &Stack) -> anyhow::Result<Vec<String>> {
        let id = &self.conversation.id;
        let entries: Vec<Value> = stack.api.get(&format!("/conversations/{id}/transcript")).await?;
        let (mut seen, mut results) = (HashSet::new(), Vec::new());
        for entry in &entries {
            let name = if entry["type"] == "tool_result" { &entry["call_id"] } else { &entry["id"] };
            let is_new = name.is_null() || seen.insert((entry["type"].to_string(), name.to_string()));
            ensure!(is_new, "an entry is there twice: {entry}");
            if entry["type"] == "tool_result" {
                results.push(entry["status"].as_str().unwrap_or_default().to_owned());
            }
        }
        let calls = entries.iter().filter_map(|entry| entry["tool_calls"].as_array()).map(Vec::len);
        ensure!(calls.sum::<usize>() == results.len(), "each call has one result: {entries:?}");
        ensure!(self.told.is_sorted_by(|a, b| a.seq < b.seq), "the reader was told something twice");
        let mut told = Timeline::new(&self.before);
        self.told.iter().for_each(|event| told.apply(event));
        let shown = Timeline::new(&stack.api.snapshot(id).await?).digest();
        ensure!(told.digest() == shown, "the reader was told {:#?}\nbut it is {shown:#?}", told.digest());
        Ok(results)
    }
}
