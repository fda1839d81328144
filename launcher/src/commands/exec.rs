//! `slipway exec`: in the instance's containers, or on this machine for this task alone.

use std::process::ExitCode;

use anyhow::bail;

use super::{Context, local as local_commands, start};
use crate::cli::ExecArgs;
use crate::exec::{self, ExecError, NamedModel};
use crate::gateway::Gateway;
use crate::state::{InstanceState, Ports};
use crate::{docker, local, terminal};

/// Exit code for a wrong command line.
const USAGE: u8 = 2;
/// Any free port.
const ANY: Ports = Ports { ui: 0, desktop: 0 };

/// Has one task done.
pub(super) async fn exec(context: &Context, arguments: &ExecArgs) -> anyhow::Result<ExitCode> {
    let model = match exec::check(arguments, |name| std::env::var(name).ok()) {
        Ok(model) => model,
        Err(error) => return Ok(usage(&error)),
    };
    if arguments.workspace.as_ref().is_some_and(|workspace| !workspace.is_dir()) {
        terminal::error("the workspace that --workspace names is not a directory");
        return Ok(ExitCode::from(USAGE));
    }
    if arguments.local {
        return on_this_machine(context, arguments, model).await;
    }
    let state = context.state()?;
    if local::is_running(&state)? {
        if arguments.workspace.is_some() {
            bail!("the instance runs already, with its own workspace; leave --workspace out or use --local");
        }
        let Some((gateway, _)) = super::running(context.instance, &state).await? else {
            bail!("instance {} is just starting or stopping; try again", context.instance);
        };
        return follow(&gateway, arguments, model).await;
    }
    let engine = docker::connect().await?;
    // What runs is used as it is: starting it anew for another environment would end its runs.
    if let Some(running) = docker::running(&engine, context.instance, &state).await? {
        refuse_other_workspace(context, &state, arguments)?;
        return follow(&running.gateway, arguments, model).await;
    }
    let started = start::in_containers(context, &engine, &state, arguments.workspace.clone()).await?;
    follow(&started.gateway, arguments, model).await
}

/// A running instance keeps its workspace.
fn refuse_other_workspace(
    context: &Context,
    state: &InstanceState,
    arguments: &ExecArgs,
) -> anyhow::Result<()> {
    let Some(wanted) = &arguments.workspace else { return Ok(()) };
    let (present, _) = state.workspace(None)?;
    if wanted.canonicalize()? != present.canonicalize()? {
        bail!(
            "instance {} runs with the workspace {}; use another instance (-n), or stop this one first with: \
             slipway -n {} down",
            context.instance,
            present.display(),
            context.instance
        );
    }
    Ok(())
}

/// With a gateway and a tool host of its own, and nothing left of them afterwards.
async fn on_this_machine(
    context: &Context,
    arguments: &ExecArgs,
    model: NamedModel,
) -> anyhow::Result<ExitCode> {
    let directory = tempfile::Builder::new().prefix("slipway-").tempdir()?;
    let state = InstanceState::at(directory.path())?;
    let workspace = match &arguments.workspace {
        Some(workspace) => workspace.clone(),
        None => std::env::current_dir()?,
    };
    let instance = tokio::select! {
        instance = local_commands::start(context, &state, Some(workspace), ANY) => instance?,
        _ = tokio::signal::ctrl_c() => return Ok(exec::Outcome::Stopped.into()),
    };
    let outcome = follow(&instance.gateway, arguments, model).await;
    instance.stop().await;
    outcome
}

async fn follow(gateway: &Gateway, arguments: &ExecArgs, model: NamedModel) -> anyhow::Result<ExitCode> {
    match exec::run(gateway, arguments, model).await {
        Ok(outcome) => Ok(outcome.into()),
        Err(error) if error.is_usage() => Ok(usage(&error)),
        Err(error) => Err(error.into()),
    }
}

fn usage(error: &ExecError) -> ExitCode {
    terminal::error(error);
    ExitCode::from(USAGE)
}
