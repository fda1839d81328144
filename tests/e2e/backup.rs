//! `slipway backup` while a run streams, and `slipway restore`.

use std::net::SocketAddr;
use std::process::Output;

use anyhow::{Context as _, ensure};
use reqwest::{Method, StatusCode};
use serde_json::json;
use slipway_protocol::ConversationId;
use slipway_protocol::api::ConversationSnapshot;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_scripted_model::{Script, Server};
use slipway_tests::{Api, Instance, Mode};

use crate::stack::{CANARY, RUN_LIMIT, Stack, said};

/// An instance that goes back: its number, and how it runs.
const INSTANCES: [(u32, Mode, &str); 2] =
    [(8, Mode::Containers, "host.docker.internal"), (6, Mode::Local, "127.0.0.1")];

pub(crate) async fn goes_back(_: &Stack) -> anyhow::Result<()> {
    for (number, mode, host) in INSTANCES {
        let instance = tokio::task::spawn_blocking(move || Instance::start(number, mode)).await??;
        let went = go_back(instance, host).await.with_context(|| format!("{mode:?}"))?;
        tokio::task::spawn_blocking(move || drop(went)).await?;
    }
    Ok(())
}

async fn go_back(mut instance: Instance, host: &str) -> anyhow::Result<Instance> {
    let server = Server::start_at(script()?, SocketAddr::from(([0, 0, 0, 0], 0))).await?;
    let api = instance.api()?;
    let model = api.add_provider("script", &format!("http://{host}:{}/v1", server.port()), CANARY).await?;
    let done = api.run(&model, "Say it.", RUN_LIMIT).await?;
    let streaming = api.create(&model).await?;
    let before = api.snapshot(&streaming.id).await?;
    let mut events = api.events(&streaming.id, &before.cursor).await?;
    api.send(&streaming.id, "Talk for long.").await?;
    events.wait_for(|body| matches!(body, EventBody::PartDelta { .. }), RUN_LIMIT).await?;

    let directory = tempfile::tempdir()?;
    let file = directory.path().join("slipway.tar.zst");
    let file = file.to_str().context("a path")?;
    succeeds(&launcher(&instance, &["backup", file]).await?)?;
    let status = api.snapshot(&streaming.id).await?.conversation.status;
    ensure!(status == RunStatus::Running, "it is {status:?} and was to stream all the while");

    // What comes afterwards is not in it.
    let lost = api.run(&model, "Say it.", RUN_LIMIT).await?.conversation.id;
    api.send(&done.conversation.id, "Say it.").await?;
    api.stop(&streaming.id).await?;
    events.wait_for_status(|status| status == RunStatus::Stopped, RUN_LIMIT).await?;
    let told = said(&api.snapshot(&streaming.id).await?);

    let nonsense = directory.path().join("nonsense");
    std::fs::write(&nonsense, "nonsense")?;
    let refused = launcher(&instance, &["restore", nonsense.to_str().context("a path")?]).await?;
    let words = String::from_utf8_lossy(&refused.stderr);
    ensure!(!refused.status.success() && words.contains("nothing has changed"), "{words}");
    ensure!(exists(&api, &lost).await?, "it still runs and has changed nothing");

    succeeds(&launcher(&instance, &["restore", file]).await?)?;
    let instance = tokio::task::spawn_blocking(move || instance.start_again().map(|()| instance)).await??;
    let api = instance.api()?;
    let now = api.snapshot(&done.conversation.id).await?;
    ensure!((&now.messages, &now.queue) == (&done.messages, &done.queue), "it was {done:?}\nand is {now:?}");
    ensure!(!exists(&api, &lost).await?, "what was said after the backup is still there");
    goes_on(&api, &streaming.id, &told).await?;
    Ok(instance)
}

/// The run that was going on during the backup is stopped with what had come by then, and goes on.
async fn goes_on(api: &Api, id: &ConversationId, told: &str) -> anyhow::Result<()> {
    let stopped = api.snapshot(id).await?;
    let ConversationSnapshot { conversation, cursor, .. } = &stopped;
    let problem = conversation.problem.as_ref().context("the reason is said")?;
    ensure!(conversation.status == RunStatus::Stopped && problem.code == "gateway_restarted", "{problem:?}");
    let kept = said(&stopped);
    ensure!(!kept.is_empty() && told.starts_with(&kept), "{kept:?} of {told:?}");
    let mut events = api.events(id, cursor).await?;
    // The provider's key is encrypted with one that is not in the backup, and is still there.
    let path = format!("/conversations/{id}/continue");
    let answer = api.request(Method::POST, &path).json(&json!({})).send().await?;
    ensure!(answer.status() == StatusCode::ACCEPTED, "{}", answer.status());
    events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
    Ok(())
}

/// The second answer streams for far longer than a backup takes; whoever asks once more is answered at once.
fn script() -> anyhow::Result<Script> {
    let long = json!({"text": "All in good time. ".repeat(200), "chunk_chars": 3, "chunk_delay_ms": 100});
    let turns = json!([
        {"when": {"user_contains": "Say it"}, "steps": [{"text": "It is said."}, {"text": "Once more."}]},
        {"when": {"user_contains": "Talk for long"}, "steps": [long]},
    ]);
    let script =
        json!({"name": "backup", "models": ["scripted"], "turns": turns, "otherwise": {"text": "Done."}});
    let mut script = Script::from_yaml(&script.to_string())?;
    script.api_key = Some(CANARY.to_owned());
    Ok(script)
}

async fn exists(api: &Api, id: &ConversationId) -> anyhow::Result<bool> {
    let answer = api.request(Method::GET, &format!("/conversations/{id}")).send().await?;
    ensure!([StatusCode::OK, StatusCode::NOT_FOUND].contains(&answer.status()), "{}", answer.status());
    Ok(answer.status() == StatusCode::OK)
}

async fn launcher(instance: &Instance, arguments: &[&str]) -> anyhow::Result<Output> {
    let mut command = instance.launcher();
    command.args(arguments);
    Ok(tokio::task::spawn_blocking(move || command.output()).await??)
}

fn succeeds(output: &Output) -> anyhow::Result<()> {
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
