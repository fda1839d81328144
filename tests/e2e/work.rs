//! Ordinary work: files, edits, commands, streaming, stopping.

use std::os::unix::fs::MetadataExt as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use slipway_protocol::api::Settings;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::ToolPartStatus;
use slipway_tests::{Timeline, docker};

use crate::stack::{RUN_LIMIT, Stack, said, tools};

pub(crate) async fn makes_and_edits(stack: &Stack) -> anyhow::Result<()> {
    let snapshot = stack.api.run(&stack.model, "Please make and edit a file.", RUN_LIMIT).await?;
    ensure!(snapshot.conversation.status == RunStatus::Done, "{:?}", snapshot.conversation);
    let file = stack.instance.workspace.join("notes.txt");
    ensure!(std::fs::read_to_string(&file)? == "one\n2\nthree\n");
    let owner = std::fs::metadata(&stack.instance.workspace)?.uid();
    ensure!(std::fs::metadata(&file)?.uid() == owner, "the file belongs to the workspace's owner");

    let tools = tools(&snapshot);
    let [write, edit, command] = tools.as_slice() else { anyhow::bail!("three calls, got {tools:?}") };
    ensure!([write, edit, command].iter().all(|tool| tool.status == ToolPartStatus::Ok), "{tools:?}");
    ensure!(edit.data.get("added") == Some(&json!(1)), "{}", edit.data);
    let lines = edit.data.pointer("/hunks/0/lines").and_then(Value::as_array).context("the diff")?;
    let deleted = json!({"tag": "del", "text": "two"});
    ensure!(lines.contains(&deleted) && lines.contains(&json!({"tag": "add", "text": "2"})), "{lines:?}");
    ensure!(command.data.get("exit_code") == Some(&json!(3)), "{}", command.data);
    let output = command.result.as_deref().unwrap_or_default();
    ensure!(output.contains("one\n2\nthree"), "{output}");
    ensure!(output.lines().any(|line| line == owner.to_string()) || owner == 0, "not the owner: {output}");
    ensure!(!output.lines().any(|line| line == "0"), "the shell must not be root: {output}");
    ensure!(said(&snapshot).contains("made and edited"));
    Ok(())
}

pub(crate) async fn reconnects(stack: &Stack) -> anyhow::Result<()> {
    let conversation = stack.api.create(&stack.model).await?;
    let start = stack.api.snapshot(&conversation.id).await?;
    let mut events = stack.api.events(&conversation.id, &start.cursor).await?;
    stack.api.send(&conversation.id, "Give me a long answer.").await?;

    // One reader goes away and comes back in the middle, twice; another starts from a snapshot there.
    let mut steady = Timeline::new(&start);
    for _ in 0..2 {
        let is_delta = |body: &EventBody| matches!(body, EventBody::PartDelta { .. });
        for event in events.wait_for(is_delta, RUN_LIMIT).await? {
            steady.apply(&event);
        }
        let cursor = events.cursor.clone().context("events have ids")?;
        drop(events);
        events = stack.api.events(&conversation.id, &cursor).await?;
    }
    let middle = stack.api.snapshot(&conversation.id).await?;
    ensure!(middle.conversation.status == RunStatus::Running, "still running: {:?}", middle.conversation);
    let mut late = Timeline::new(&middle);
    let mut late_events = stack.api.events(&conversation.id, &middle.cursor).await?;
    let ended = |status: RunStatus| status == RunStatus::Done;
    for event in events.wait_for_status(ended, RUN_LIMIT).await? {
        steady.apply(&event);
    }
    for event in late_events.wait_for_status(ended, RUN_LIMIT).await? {
        late.apply(&event);
    }
    let end = Timeline::new(&stack.api.snapshot(&conversation.id).await?);
    ensure!(steady.digest() == end.digest(), "{:#?}\n{:#?}", steady.digest(), end.digest());
    ensure!(late.digest() == end.digest(), "{:#?}\n{:#?}", late.digest(), end.digest());
    ensure!(end.digest().iter().any(|part| part.contains("完了しました. Ende gut, alles gut.")));
    Ok(())
}

pub(crate) async fn stops(stack: &Stack) -> anyhow::Result<()> {
    let conversation = stack.api.create(&stack.model).await?;
    let start = stack.api.snapshot(&conversation.id).await?;
    let mut events = stack.api.events(&conversation.id, &start.cursor).await?;
    stack.api.send(&conversation.id, "Now sleep for long.").await?;
    events.wait_for(|body| matches!(body, EventBody::ToolOutput { .. }), RUN_LIMIT).await?;
    let sandbox = stack.instance.sandbox();
    ensure!(docker(&["exec", &sandbox, "pgrep", "-f", "^sleep 3117"]).is_ok(), "the command runs");

    let requests = stack.server.requests().len();
    let asked = Instant::now();
    stack.api.stop(&conversation.id).await?;
    events.wait_for_status(|status| status == RunStatus::Stopped, Duration::from_secs(5)).await?;
    let took = asked.elapsed();
    ensure!(took < Duration::from_secs(1), "stopping took {took:?}");
    ensure!(docker(&["exec", &sandbox, "pgrep", "-f", "^sleep 3117"]).is_err(), "the command is gone");
    ensure!(stack.server.requests().len() == requests, "no model call after a stop");
    let snapshot = stack.api.snapshot(&conversation.id).await?;
    let statuses: Vec<_> = tools(&snapshot).iter().map(|tool| tool.status).collect();
    ensure!(statuses == [ToolPartStatus::Stopped], "{statuses:?}");

    // The shell is usable afterwards.
    let mut events = stack.api.events(&conversation.id, &snapshot.cursor).await?;
    stack.api.send(&conversation.id, "Please make and edit a file.").await?;
    events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
    Ok(())
}

pub(crate) async fn reaches_the_limit(stack: &Stack) -> anyhow::Result<()> {
    let mut settings: Settings = stack.api.get("/settings").await?;
    let usual = settings.limits;
    settings.limits.max_steps = 2;
    put_settings(stack, &settings).await?;

    let conversation = stack.api.create(&stack.model).await?;
    let start = stack.api.snapshot(&conversation.id).await?;
    let mut events = stack.api.events(&conversation.id, &start.cursor).await?;
    stack.api.send(&conversation.id, "Please never stop.").await?;
    events.wait_for_status(|status| status == RunStatus::LimitReached, RUN_LIMIT).await?;
    let snapshot = stack.api.snapshot(&conversation.id).await?;
    ensure!(tools(&snapshot).len() == 2, "two steps: {:?}", tools(&snapshot));
    let problem = snapshot.conversation.problem.context("the limit is named")?;
    ensure!(problem.code == "step_limit" && !problem.hint.is_empty(), "{problem:?}");

    settings.limits = usual;
    put_settings(stack, &settings).await?;
    let path = format!("/conversations/{}/continue", conversation.id);
    let answer = stack.api.request(Method::POST, &path).json(&json!({})).send().await?;
    ensure!(answer.status() == 202, "{}", answer.status());
    events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
    ensure!(said(&stack.api.snapshot(&conversation.id).await?).contains("Now I stop."));
    Ok(())
}

async fn put_settings(stack: &Stack, settings: &Settings) -> anyhow::Result<()> {
    let response = stack.api.request(Method::PUT, "/settings").json(settings).send().await?;
    ensure!(response.status().is_success(), "{}: {}", response.status(), response.text().await?);
    Ok(())
}

pub(crate) async fn sends_once(stack: &Stack) -> anyhow::Result<()> {
    let conversation = stack.api.create(&stack.model).await?;
    let path = format!("/conversations/{}/messages", conversation.id);
    let start = stack.api.snapshot(&conversation.id).await?;
    let mut events = stack.api.events(&conversation.id, &start.cursor).await?;
    let message = json!({"client_id": "same", "text": "hello", "mode": "queue"});
    let mut receipts = Vec::new();
    for _ in 0..2 {
        let response = stack.api.request(Method::POST, &path).json(&message).send().await?;
        ensure!(response.status() == 202, "{}", response.status());
        receipts.push(response.json::<Value>().await?);
    }
    ensure!(receipts.first() == receipts.last(), "{receipts:?}");
    events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
    let snapshot = stack.api.snapshot(&conversation.id).await?;
    ensure!(snapshot.messages.len() == 2, "one question, one answer: {:?}", snapshot.messages);
    Ok(())
}
