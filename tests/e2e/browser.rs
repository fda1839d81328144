//! The browser's view: Playwright drives a real Chromium; the cases are in `frontend/e2e`.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use slipway_protocol::api::{LoginLink, PasswordGiven};
use slipway_scripted_model::Server;
use slipway_tests::{Api, Instance, Mode, repository};

use crate::stack::{CANARY, Stack, provider_url, script};

/// Runs a file of browser cases against the shared instance.
pub(crate) async fn plays(file: &str, stack: &Stack) -> anyhow::Result<()> {
    let (sandbox, control) = (stack.instance.sandbox(), stack.instance.control());
    let model = format!("http://127.0.0.1:{}", stack.server.port());
    let provider = provider_url(&stack.server);
    let more = [
        ("SLIPWAY_PROVIDER", stack.model.provider_id.as_str()),
        ("SLIPWAY_PROVIDER_URL", &provider),
        ("SLIPWAY_PROVIDER_KEY", CANARY),
        ("SLIPWAY_SANDBOX_CONTAINER", &sandbox),
        ("SLIPWAY_CONTROL_CONTAINER", &control),
        ("SLIPWAY_MODEL_URL", &model),
    ];
    play(file, &stack.api, &more).await
}

/// On an instance where nothing is configured yet: the first-run screen, the demo to its end, and then people who log
/// in with passwords.
pub(crate) async fn first_run(_: &Stack) -> anyhow::Result<()> {
    let instance = tokio::task::spawn_blocking(|| Instance::start(9, Mode::Containers)).await??;
    // A provider whose key the person gets wrong.
    let provider = Server::start_at(script()?, SocketAddr::from(([0, 0, 0, 0], 0))).await?;
    let url = provider_url(&provider);
    let api = instance.api()?;
    let mut outcome = play("first-run", &api, &[("SLIPWAY_PROVIDER_URL", &url)]).await;
    if outcome.is_ok() {
        api.add_provider("script", &url, CANARY).await?;
        outcome = play("login", &api, &[]).await;
    }
    tokio::task::spawn_blocking(move || drop(instance)).await?;
    outcome
}

/// On another such instance: from the first-run screen to a first task of the person's own model.
pub(crate) async fn first_task(_: &Stack) -> anyhow::Result<()> {
    let instance = tokio::task::spawn_blocking(|| Instance::start(9, Mode::Containers)).await??;
    let provider = Server::start_at(script()?, SocketAddr::from(([0, 0, 0, 0], 0))).await?;
    let (url, sandbox) = (provider_url(&provider), instance.sandbox());
    let more = [
        ("SLIPWAY_PROVIDER_URL", url.as_str()),
        ("SLIPWAY_PROVIDER_KEY", CANARY),
        ("SLIPWAY_SANDBOX_CONTAINER", &sandbox),
    ];
    let outcome = play("first-task", &instance.api()?, &more).await;
    tokio::task::spawn_blocking(move || drop(instance)).await?;
    outcome
}

/// On an instance that other machines reach, at an address that browsers do not take for their own machine's.
pub(crate) async fn plain_http(_: &Stack) -> anyhow::Result<()> {
    let mut stack = Stack::start(9).await?;
    // An instance that others reach does not start while nobody has a password.
    let person = json!({"name": "Ada", "role": "member"});
    let _: PasswordGiven = stack.api.post("/people", &person).await?;
    let machine = stack.this_machine()?;
    let mut instance = stack.instance;
    instance.set("SLIPWAY_BIND", "0.0.0.0");
    instance.set("SLIPWAY_HOSTS", &machine);
    let restart = move || {
        instance.stop()?;
        instance.start_again()?;
        anyhow::Ok(instance)
    };
    stack.instance = tokio::task::spawn_blocking(restart).await??;
    let outcome = play("plain-http", &stack.instance.api_at(&machine)?, &[]).await;
    tokio::task::spawn_blocking(move || drop(stack.instance)).await?;
    outcome
}

/// How long the addresses of this machine must be the same, and how long that is waited for.
const SETTLED: Duration = Duration::from_secs(1);
const SETTLING_LIMIT: Duration = Duration::from_secs(15);

/// Waits until the networks of the containers that were just started or removed have their addresses: Chromium gives
/// up what it is loading whenever an address of the machine comes or goes.
async fn network_settles() {
    let addresses = || std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    // An address that is still being checked for being unique will change its state.
    let is_checked = |line: &str| {
        let flags = line.split_whitespace().nth(4).and_then(|flags| u32::from_str_radix(flags, 16).ok());
        flags.is_none_or(|flags| flags & 0x40 == 0)
    };
    let (begun, mut since, mut last) = (Instant::now(), Instant::now(), addresses());
    while begun.elapsed() < SETTLING_LIMIT && since.elapsed() < SETTLED {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = addresses();
        if now != last || !now.lines().all(is_checked) {
            (since, last) = (Instant::now(), now);
        }
    }
}

/// Runs one file of browser cases against an instance.
async fn play(file: &str, api: &Api, more: &[(&str, &str)]) -> anyhow::Result<()> {
    network_settles().await;
    let request = api.request(Method::POST, "/session/links").json(&json!({}));
    let link: LoginLink = request.send().await?.error_for_status()?.json().await?;
    let about: slipway_protocol::api::Instance = api.get("/instance").await?;
    let status = tokio::process::Command::new("npx")
        .args(["vitest", "run", "--config", "e2e/vitest.config.ts", &format!("{file}.test.ts")])
        .current_dir(repository().join("frontend"))
        .env("SLIPWAY_URL", api.base())
        .env("SLIPWAY_LOGIN", format!("{}{}", api.base(), link.path))
        .env("SLIPWAY_DESKTOP_URL", about.desktop_url.context("there is a desktop")?)
        .envs(more.iter().copied())
        .status()
        .await
        .context("cannot run npx")?;
    ensure!(status.success(), "the browser cases failed; see above");
    Ok(())
}
