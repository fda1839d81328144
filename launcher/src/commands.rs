//! One function for each command of the command line.

mod answer;
mod attend;
mod backup;
mod diagnostics;
mod exec;
mod export;
mod go_on;
mod local;
mod replay;
mod rotate_key;
mod start;
mod user;

use std::collections::HashMap;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::cli::{Cli, Command, DownArgs, LogsArgs, UpArgs};
use crate::docker::{self, ConnectError};
use crate::gateway::Gateway;
use crate::local as processes;
use crate::state::{InstanceNumber, InstanceState, Ports};
use crate::{browser, doctor, terminal};

/// Does what the command line asks for.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let context = Context { instance: cli.instance, labels: labels(&cli.labels)? };
    match cli.command.unwrap_or_else(|| Command::Up(UpArgs::default())) {
        Command::Up(arguments) => start::up(&context, &arguments).await,
        Command::Down(arguments) => down(&context, &arguments).await,
        Command::Ps => ps().await,
        Command::Logs(arguments) => logs(&context, &arguments).await,
        Command::Open => open(&context).await,
        Command::Shell => shell(&context).await,
        Command::Reset => attend::reset(&context).await,
        Command::Attend => attend::attend(&context).await,
        Command::User(command) => user::user(&context, &command).await,
        Command::Doctor => doctor::run(context.instance).await,
        Command::RotateKey => rotate_key::rotate_key(&context).await,
        Command::Diagnostics(arguments) => diagnostics::diagnostics(&context, &arguments).await,
        Command::Exec(arguments) => exec::exec(&context, &arguments).await,
        Command::Answer(arguments) => answer::answer(&context, &arguments).await,
        Command::Continue(arguments) => go_on::go_on(&context, &arguments).await,
        Command::Backup(arguments) => backup::backup(&context, &arguments).await,
        Command::Restore(arguments) => backup::restore(&context, &arguments).await,
        Command::Export(arguments) => export::export(&context, &arguments).await,
        Command::Replay(arguments) => Ok(replay::replay(&context, &arguments).await),
    }
}

/// What every command depends on.
struct Context {
    instance: InstanceNumber,
    labels: HashMap<String, String>,
}

impl Context {
    fn state(&self) -> anyhow::Result<InstanceState> {
        Ok(InstanceState::open(self.instance)?)
    }
}

fn labels(pairs: &[String]) -> anyhow::Result<HashMap<String, String>> {
    let pairs = pairs.iter().filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').with_context(|| format!("the label {pair} has no ="))?;
        Ok((name.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

/// The API and the ports of the instance if it runs, in containers or on this machine.
async fn running(
    instance: InstanceNumber,
    state: &InstanceState,
) -> anyhow::Result<Option<(Gateway, Ports)>> {
    if processes::is_running(state)? {
        let Some(ports) = state.ports() else { return Ok(None) };
        return Ok(Some((Gateway::new(ports.ui, &state.launcher_token()?)?, ports)));
    }
    let engine = docker::connect().await?;
    let started = docker::running(&engine, instance, state).await?;
    Ok(started.map(|started| (started.gateway, started.ports)))
}

async fn down(context: &Context, arguments: &DownArgs) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    let _lock = state.lock()?;
    let was_local = processes::stop(&state).await?;
    let was_docker = match docker::connect().await {
        Ok(engine) => docker::down(&engine, context.instance, &state, arguments.volumes).await?,
        // Without Docker there is nothing in Docker.
        Err(ConnectError::NotInstalled | ConnectError::Stopped { .. }) => false,
        Err(error) if !was_local => return Err(error.into()),
        Err(_) => false,
    };
    if arguments.volumes {
        remove_local_data(&state)?;
        state.forget_workspace()?;
    }
    terminal::note(match (was_local || was_docker, arguments.volumes) {
        (true, false) => format!("instance {} stopped; conversations and files stay", context.instance),
        (true, true) => format!("instance {} stopped, conversations deleted", context.instance),
        (false, _) => format!("instance {} was not running", context.instance),
    });
    Ok(ExitCode::SUCCESS)
}

/// Deletes what a local gateway has stored.
fn remove_local_data(state: &InstanceState) -> anyhow::Result<()> {
    let data = state.path("data");
    match std::fs::remove_dir_all(&data) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot delete {}", data.display())),
    }
}

async fn ps() -> anyhow::Result<ExitCode> {
    let local = InstanceState::all()?;
    let mut rows = Vec::new();
    for (number, state) in &local {
        if processes::is_running(state)? {
            let address = state.ports().map(|ports| format!("http://localhost:{}", ports.ui));
            rows.push([
                number.to_string(),
                "local".to_owned(),
                "running".to_owned(),
                address.unwrap_or_default(),
            ]);
        }
    }
    match docker::connect().await {
        Ok(engine) => {
            for found in docker::list(&engine).await? {
                rows.push([found.instance, found.part, found.status, found.address.unwrap_or_default()]);
            }
        }
        Err(error) if rows.is_empty() => return Err(error.into()),
        Err(_) => {}
    }
    if rows.is_empty() {
        terminal::note("nothing runs; start with: slipway up");
        return Ok(ExitCode::SUCCESS);
    }
    terminal::result(format_args!("{:<9} {:<8} {:<24} ADDRESS", "INSTANCE", "PART", "STATE"));
    for [instance, part, status, address] in rows {
        terminal::result(
            format_args!("{instance:<9} {part:<8} {status:<24} {address}").to_string().trim_end(),
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn logs(context: &Context, arguments: &LogsArgs) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    if processes::is_running(&state)? {
        return processes::show_logs(&state, arguments).await;
    }
    let engine = docker::connect().await?;
    tokio::select! {
        any = docker::show_logs(&engine, context.instance, arguments) => {
            if !any {
                bail!("instance {} has no containers; start it with: slipway up", context.instance);
            }
        }
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn open(context: &Context) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    let Some((gateway, ports)) = running(context.instance, &state).await? else {
        bail!("instance {} does not run; start it with: slipway up", context.instance);
    };
    let url = gateway.login_url(ports.ui).await?;
    terminal::result(&url);
    if !browser::open(&url) {
        terminal::note("there is no browser here; open the address yourself (it works once)");
    }
    Ok(ExitCode::SUCCESS)
}

async fn shell(context: &Context) -> anyhow::Result<ExitCode> {
    let engine = docker::connect().await?;
    Ok(ExitCode::from(docker::open_shell(&engine, context.instance).await?))
}
