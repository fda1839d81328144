//! Carrying out what a person asks of the sandbox in the browser: only the launcher talks to Docker, so one
//! stays in the background for as long as its instance runs, and asks the gateway for orders.

use std::fs::{OpenOptions, TryLockError};
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use slipway_protocol::api::SandboxOrder;

use super::Context;
use crate::docker::{self, Engine, Presence, Request};
use crate::state::InstanceState;
use crate::{environment, terminal};

/// How long an instance without a container is taken for one that is being made anew.
const ABSENCE: Duration = Duration::from_secs(15);
/// How long one that does not answer is waited for: it may be stopped, or Docker be restarted.
const OUTAGE: Duration = Duration::from_secs(3600);
/// How often it is looked for meanwhile.
const INTERVAL: Duration = Duration::from_secs(1);

/// Starts a launcher that stays. One that is there already makes it end at once.
pub(super) fn start(context: &Context, state: &InstanceState) -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt as _;
    let log = state.path("attend.log");
    let file = OpenOptions::new().create(true).write(true).truncate(true).open(&log);
    let file = file.with_context(|| format!("cannot write {}", log.display()))?;
    Command::new(std::env::current_exe().context("cannot find the launcher itself")?)
        .args(["-n", &context.instance.to_string(), "attend"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(file)
        .process_group(0)
        .spawn()
        .context("cannot start another launcher")?;
    Ok(())
}

/// Asks for orders and carries them out until the instance is removed, or does not answer for an hour.
pub(super) async fn attend(context: &Context) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    let path = state.path("attend.lock");
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.with_context(|| format!("cannot use {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        // Somebody else does it.
        Err(TryLockError::WouldBlock) => return Ok(ExitCode::SUCCESS),
        Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the instance"),
    }
    let engine = docker::connect().await?;
    let mut seen = tokio::time::Instant::now();
    let mut told = String::new();
    loop {
        match next_order(context, &engine, &state).await {
            Ok(Some(order)) => {
                seen = tokio::time::Instant::now();
                if order == SandboxOrder::Reset
                    && let Err(error) = make_anew(context, &engine, &state).await
                {
                    terminal::error(format_args!("the sandbox could not be made anew: {error:#}"));
                }
                continue;
            }
            Ok(None) if seen.elapsed() >= ABSENCE => return Ok(ExitCode::SUCCESS),
            Err(error) if seen.elapsed() >= OUTAGE => return Err(error),
            Ok(None) => {}
            // The same is said once, not every second.
            Err(error) if format!("{error:#}") == told => {}
            Err(error) => {
                told = format!("{error:#}");
                terminal::note(&told);
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Waits for what is to be done; `None` when the instance is not there.
async fn next_order(
    context: &Context,
    engine: &Engine,
    state: &InstanceState,
) -> anyhow::Result<Option<SandboxOrder>> {
    match docker::presence(engine, context.instance, state).await? {
        Presence::Up(running) => Ok(Some(running.gateway.sandbox_order().await?)),
        Presence::Down => anyhow::bail!("instance {} does not run", context.instance),
        Presence::Gone => Ok(None),
    }
}

/// `slipway reset`.
pub(super) async fn reset(context: &Context) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    let engine = docker::connect().await?;
    make_anew(context, &engine, &state).await?;
    terminal::note(format_args!(
        "the sandbox of instance {} is new; the workspace is as it was",
        context.instance
    ));
    Ok(ExitCode::SUCCESS)
}

async fn make_anew(context: &Context, engine: &Engine, state: &InstanceState) -> anyhow::Result<()> {
    let _lock = state.lock()?;
    let request = Request {
        instance: context.instance,
        state,
        workspace: None,
        environment: Vec::new(),
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        sandbox: environment::for_sandbox(&environment::of_this_process())?,
        labels: context.labels.clone(),
        recording: None,
    };
    Ok(Box::pin(docker::reset(engine, request)).await?)
}
