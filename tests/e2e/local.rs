//! `--local`: host processes instead of containers.

use anyhow::ensure;
use slipway_protocol::event::RunStatus;
use slipway_scripted_model::Server;
use slipway_tests::{Instance, Mode};

use crate::stack::{CANARY, RUN_LIMIT, Stack, script};

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
