//! Places where a key could turn up besides the sandbox itself.

use anyhow::{Context as _, ensure};
use slipway_protocol::event::RunStatus;
use slipway_tests::docker;

use crate::stack::{CANARY, RUN_LIMIT, Stack};

/// How many answers of the gateway are looked at, beside its events, and logs and definitions of both containers.
const ANSWERS: usize = 8;

/// What must not be in the agent's shell.
const WORDS: [&str; 5] = [CANARY, "_API_KEY", "SLIPWAY_SANDBOX_TOKEN", "SLIPWAY_SECRET_KEY", "DATABASE_URL"];

pub(crate) async fn are_in_no_log_event_or_export(stack: &Stack) -> anyhow::Result<()> {
    let conversation = stack.api.create(&stack.model).await?;
    let id = &conversation.id;
    let before = stack.api.snapshot(id).await?;
    let mut events = stack.api.events(id, &before.cursor).await?;
    stack.api.send(id, "Please make and edit a file.").await?;
    let events = events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
    ensure!(events.len() > 5 && !serde_json::to_string(&events)?.contains(CANARY), "the key is in an event");
    let answers: [String; ANSWERS] = [
        format!("/conversations/{id}"),
        format!("/conversations/{id}/transcript"),
        format!("/conversations/{id}/export?format=json"),
        format!("/conversations/{id}/export?format=markdown"),
        "/providers".to_owned(),
        "/settings".to_owned(),
        "/sandbox/settings".to_owned(),
        "/instance".to_owned(),
    ];
    for path in answers {
        let answer = stack.api.request(reqwest::Method::GET, &path).send().await?.error_for_status()?;
        ensure!(!answer.text().await?.contains(CANARY), "the key is in {path}");
    }
    for container in [stack.instance.control(), stack.instance.sandbox()] {
        let mut logs = std::process::Command::new("docker");
        let logs = logs.args(["logs", &container]).output().context("docker logs")?;
        let text = String::from_utf8_lossy(&[logs.stdout, logs.stderr].concat()).into_owned();
        ensure!(!text.is_empty() && !text.contains(CANARY), "the key is in the log of {container}");
        ensure!(!docker(&["inspect", &container])?.contains(CANARY), "the key is in {container}");
    }
    Ok(())
}

pub(crate) async fn are_not_in_the_shell(stack: &Stack) -> anyhow::Result<()> {
    let output = stack.shell("env; history; cat ~/.bash_history 2>/dev/null; set +o | grep history").await?;
    for word in WORDS {
        ensure!(!output.contains(word), "{word} in {output}");
    }
    let kept = stack.shell("find ~ -name '.*_history' -size +0").await?;
    ensure!(!kept.contains("_history"), "commands are kept: {kept}");
    Ok(())
}
