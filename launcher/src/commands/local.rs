//! `slipway up --local`: in the foreground until Ctrl-C or `slipway down`, or detached from the terminal.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use super::Context;
use super::start::{Summary, find_payload};
use crate::cli::UpArgs;
use crate::local::{self, LocalInstance, LocalRequest, PidLock};
use crate::state::{InstanceState, Ports};
use crate::terminal::{self, Progress};
use crate::{environment, ports};

/// How long a detached launcher may take to have its instance ready.
const DETACHED_LIMIT: Duration = Duration::from_secs(90);

/// Starts an instance on this machine, or says where the one that runs is.
pub(super) async fn up(
    context: &Context,
    arguments: &UpArgs,
    state: &InstanceState,
    began: Instant,
) -> anyhow::Result<ExitCode> {
    if local::is_running(state)? {
        terminal::note(format_args!("instance {} runs already", context.instance));
        summarise(context, arguments, state, began).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.detach {
        detached(context, arguments, state).await?;
        summarise(context, arguments, state, began).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let _owner = PidLock::take(state)?;
    let ports = ports::choose(context.instance, ports::is_taken)?;
    let mut instance = start(context, state, arguments.workspace.clone(), ports).await?;
    state.save_ports(instance.ports)?;
    let summary =
        Summary { instance: context.instance, ports: instance.ports, workspace: &instance.workspace, began };
    summary.print(&instance.gateway, arguments.no_browser || arguments.detached).await?;
    if !arguments.detached {
        terminal::note("running until Ctrl-C");
    }

    let mut terminate = signal(SignalKind::terminate())?;
    let failure = tokio::select! {
        error = instance.ended() => Some(error),
        _ = tokio::signal::ctrl_c() => None,
        _ = terminate.recv() => None,
    };
    instance.stop().await;
    match failure {
        Some(error) => Err(error.into()),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Starts both programs and warns that this is no container. Port 0 means any.
pub(super) async fn start(
    context: &Context,
    state: &InstanceState,
    workspace: Option<PathBuf>,
    ports: Ports,
) -> anyhow::Result<LocalInstance> {
    let progress = Progress::start("starting on this machine");
    let programs = programs()?;
    let environment = environment::of_this_process();
    let request = LocalRequest {
        instance: context.instance,
        state,
        programs: &programs,
        workspace,
        ports,
        environment: &environment,
        recording: None,
    };
    let instance = LocalInstance::start(request).await?;
    drop(progress);
    terminal::warning(match &instance.warning {
        Some(text) => text.as_str(),
        None => "this is not a container: what the agent runs, runs on this machine as you",
    });
    Ok(instance)
}

async fn summarise(
    context: &Context,
    arguments: &UpArgs,
    state: &InstanceState,
    began: Instant,
) -> anyhow::Result<()> {
    let Some((gateway, ports)) = super::running(context.instance, state).await? else {
        bail!("instance {} is just starting or stopping; try again", context.instance);
    };
    let workspace = gateway.instance().await?.sandbox.workspace;
    let workspace = PathBuf::from(workspace);
    let summary = Summary { instance: context.instance, ports, workspace: &workspace, began };
    summary.print(&gateway, arguments.no_browser).await
}

/// Starts another launcher that owns the instance, and waits until that says that it is ready.
async fn detached(context: &Context, arguments: &UpArgs, state: &InstanceState) -> anyhow::Result<()> {
    let log = state.path("launcher.log");
    let file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .open(&log)
        .with_context(|| format!("cannot write {}", log.display()))?;
    let mut command = Command::new(std::env::current_exe().context("cannot find the launcher itself")?);
    command.args(["-n", &context.instance.to_string(), "up", "--local", "--detached"]);
    if let Some(workspace) = &arguments.workspace {
        command.arg("--workspace").arg(workspace);
    }
    let mut owner = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(file)
        .process_group(0)
        .spawn()
        .context("cannot start another launcher")?;
    let stdout = owner.stdout.take().context("a piped standard output")?;
    // Its summary is printed once the instance is ready; any line means that.
    let mut lines = BufReader::new(stdout).lines();
    let first = tokio::time::timeout(DETACHED_LIMIT, lines.next_line()).await;
    let said = std::fs::read_to_string(&log).unwrap_or_default();
    if matches!(first, Ok(Ok(Some(_)))) {
        terminal::note(said.trim_end());
        return Ok(());
    }
    bail!("starting in the background failed; {} says:\n{said}", log.display())
}

/// The directory with the programs to run.
pub(super) fn programs() -> anyhow::Result<PathBuf> {
    Ok(find_payload()?.program_directory(&cache_directory()?)?)
}

/// Where embedded programs are unpacked.
fn cache_directory() -> anyhow::Result<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    Ok(base.context("neither XDG_CACHE_HOME nor HOME is set")?.join("slipway"))
}
