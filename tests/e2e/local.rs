//! `--local`: host processes instead of containers.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use slipway_protocol::event::RunStatus;
use slipway_scripted_model::{Script, Server};
use slipway_tests::{Api, Instance, Mode};

use crate::stack::{CANARY, RUN_LIMIT, Stack, script, tools};

pub(crate) async fn works(_: &Stack) -> anyhow::Result<()> {
    let server = Server::start(script()?).await?;
    let instance = tokio::task::spawn_blocking(|| Instance::start(6, Mode::Local)).await??;
    let api = instance.api()?;
    let about: slipway_protocol::api::Instance = api.get("/instance").await?;
    let warning = about.sandbox.warning.unwrap_or_default();
    ensure!(warning.to_lowercase().contains("not a container"), "{warning}");
    let model = api.add_provider("script", &server.base_url(), CANARY).await?;
    let snapshot = api.run(&model, "Please make and edit a file.", RUN_LIMIT).await;
    // The shell runs as the person here, which may be root; only the files count.
    ensure!(snapshot?.conversation.status == RunStatus::Done);
    ensure!(std::fs::read_to_string(instance.workspace.join("notes.txt"))? == "one\n2\nthree\n");
    tokio::task::spawn_blocking(move || drop(instance)).await?;
    Ok(())
}

/// Has the agent run a command; gives what the model is told.
async fn shell(api: &Api, command: &str) -> anyhow::Result<String> {
    let call = json!({"name": "run_terminal_command", "arguments": {"command": command}});
    let steps = json!([{"tool_calls": [call]}, {"text": "done"}]);
    let script = json!({"name": "shell", "models": ["scripted"], "turns": [{"steps": steps}]});
    let server = Server::start(Script::from_yaml(&script.to_string())?).await?;
    let model = api.add_provider("shell", &server.base_url(), "").await?;
    let snapshot = api.run(&model, "Run it.", RUN_LIMIT).await?;
    let tools = tools(&snapshot);
    let tool = tools.first().context("one call")?;
    tool.result.clone().with_context(|| format!("no result: {tool:?}"))
}

pub(crate) async fn restarts(_: &Stack) -> anyhow::Result<()> {
    let instance = tokio::task::spawn_blocking(|| Instance::start(6, Mode::Local)).await??;
    let api = instance.api()?;
    let first =
        "echo home=$HOME; echo host=$PPID; echo kept > ~/in-home; echo stays > stays.txt; sleep 3118 &";
    let output = shell(&api, first).await?;
    let (home, host) = (said(&output, "home=")?, said(&output, "host=")?);
    ensure!(home != std::env::var("HOME").unwrap_or_default() && home.ends_with("/home"), "{home}");

    // What is saved holds from the restart on.
    let choices = json!({"output_chars": 2000, "command_seconds": 2});
    let saved = api.request(Method::PUT, "/sandbox/settings").json(&choices).send().await?;
    ensure!(saved.status().is_success(), "{}", saved.text().await?);
    let restarted = api.request(Method::POST, "/sandbox/restart").json(&json!({})).send().await?;
    ensure!(restarted.status() == 202, "{}", restarted.text().await?);
    wait_for_another_host(&api, host).await?;
    let output =
        shell(&api, "cat ~/in-home stays.txt; pgrep -fx 'sleep 3118' || echo gone; seq 100000").await?;
    for word in ["kept", "stays", "gone", "left out"] {
        ensure!(output.contains(word), "{word}: {output}");
    }
    ensure!(output.chars().count() < 3000, "{} characters", output.chars().count());
    let output = shell(&api, "sleep 30").await?;
    ensure!(output.contains("still running"), "it was waited for two seconds: {output}");

    // Nothing tells the agent's files from the person's here.
    let (status, problem) = api.problem(api.request(Method::POST, "/sandbox/reset").json(&json!({}))).await?;
    ensure!(status == 409 && problem.code == "no_container", "{status} {problem:?}");
    ensure!(std::fs::read_to_string(instance.workspace.join("stays.txt"))? == "stays\n");
    tokio::task::spawn_blocking(move || drop(instance)).await?;
    Ok(())
}

/// What a line of an output says after a mark.
fn said<'a>(output: &'a str, mark: &str) -> anyhow::Result<&'a str> {
    output.lines().find_map(|line| line.strip_prefix(mark)).with_context(|| format!("no {mark} in {output}"))
}

/// Waits until shells have another parent than `host`: the tool host that was asked to end is gone.
async fn wait_for_another_host(api: &Api, host: &str) -> anyhow::Result<()> {
    for _ in 0..50 {
        let output = shell(api, "echo host=$PPID").await;
        if output.is_ok_and(|output| said(&output, "host=").is_ok_and(|now| now != host)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("no other tool host came")
}
