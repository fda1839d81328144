//! What is left after the gateway dies in the middle of a run.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::{PartBody, ToolPartStatus};
use slipway_tests::docker;

use crate::stack::{RUN_LIMIT, Stack, tools};

pub(crate) async fn restart(stack: &Stack) -> anyhow::Result<()> {
    let talking = stack.api.create(&stack.model).await?;
    let working = stack.api.create(&stack.model).await?;
    let start = stack.api.snapshot(&talking.id).await?;
    let mut talk = stack.api.events(&talking.id, &start.cursor).await?;
    let mut work = stack.api.events(&working.id, &start.cursor).await?;
    stack.api.send(&working.id, "Now sleep for long.").await?;
    work.wait_for(|body| matches!(body, EventBody::ToolOutput { .. }), RUN_LIMIT).await?;
    stack.api.send(&talking.id, "Give me a long answer.").await?;
    talk.wait_for(|body| matches!(body, EventBody::PartDelta { .. }), RUN_LIMIT).await?;

    docker(&["kill", "--signal", "KILL", &stack.instance.control()])?;
    docker(&["start", &stack.instance.control()])?;
    wait_until_ready(stack).await?;

    for conversation in [&talking, &working] {
        let snapshot = stack.api.snapshot(&conversation.id).await?;
        let status = snapshot.conversation.status;
        let problem = snapshot.conversation.problem.context("the reason is said")?;
        ensure!(status == RunStatus::Stopped && problem.code == "gateway_restarted", "{problem:?}");
    }
    let snapshot = stack.api.snapshot(&working.id).await?;
    let statuses: Vec<_> = tools(&snapshot).iter().map(|tool| tool.status).collect();
    ensure!(statuses == [ToolPartStatus::Interrupted], "{statuses:?}");
    let kept = stack.api.snapshot(&talking.id).await?.messages;
    let kept = kept.iter().flat_map(|message| &message.parts);
    let kept = kept.filter(|part| matches!(&part.body, PartBody::Text { text } if !text.is_empty())).count();
    ensure!(kept >= 1, "the question is kept");

    // Both go on.
    for conversation in [&talking, &working] {
        let cursor = stack.api.snapshot(&conversation.id).await?.cursor;
        let mut events = stack.api.events(&conversation.id, &cursor).await?;
        let path = format!("/conversations/{}/continue", conversation.id);
        let answer = stack.api.request(Method::POST, &path).json(&json!({})).send().await?;
        ensure!(answer.status() == 202, "{}", answer.status());
        events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
    }
    Ok(())
}

/// Waits until the gateway answers and its sandbox is attached again.
pub(crate) async fn wait_until_ready(stack: &Stack) -> anyhow::Result<()> {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = stack.api.get::<slipway_protocol::api::Instance>("/instance").await;
        if answer.as_ref().is_ok_and(|about| about.sandbox.attached) {
            return Ok(());
        }
        ensure!(Instant::now() < until, "not ready again after 20 s: {answer:?}");
        // Nothing to wait on: the gateway that would tell is the one that is down.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
