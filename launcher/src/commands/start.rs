//! `slipway up` in containers, and what every start says when it is done.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;
use slipway_protocol::api::SandboxChoices;

use super::{Context, attend, local as local_commands};
use crate::cli::UpArgs;
use crate::docker::{self, Engine, Request, Started};
use crate::gateway::Gateway;
use crate::payload::Payload;
use crate::state::{InstanceNumber, InstanceState, Ports};
use crate::terminal::{self, Progress};
use crate::{browser, environment, local, ports};

/// Starts an instance and says where it is.
pub(super) async fn up(context: &Context, arguments: &UpArgs) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let state = context.state()?;
    if arguments.local {
        return local_commands::up(context, arguments, &state, began).await;
    }
    if local::is_running(&state)? {
        bail!(
            "instance {} runs on this machine without containers; stop it first with: slipway down",
            context.instance
        );
    }
    let engine = docker::connect().await?;
    if let Some(profile) = arguments.profile {
        let choices = SandboxChoices { profile: Some(profile), ..state.sandbox_choices() };
        state.save_sandbox_choices(&choices)?;
    }
    let mut started = in_containers(context, &engine, &state, arguments.workspace.clone()).await?;
    if let Some(profile) = arguments.profile {
        // Asked for by name, it is saved, and wins over what was saved before.
        let saved = started.gateway.sandbox_settings().await?.saved;
        let choices = SandboxChoices { profile: Some(profile), ..saved.clone() };
        if choices != saved {
            started.gateway.save_sandbox_settings(&choices).await?;
            started = in_containers(context, &engine, &state, arguments.workspace.clone()).await?;
        }
    }
    attend::start(context, &state)?;
    let (workspace, _) = state.workspace(arguments.workspace.as_deref())?;
    let summary = Summary { instance: context.instance, ports: started.ports, workspace: &workspace, began };
    summary.print(&started.gateway, arguments.no_browser).await?;
    Ok(ExitCode::SUCCESS)
}

/// Has an instance run in containers, building the image when that is due.
pub(super) async fn in_containers(
    context: &Context,
    engine: &Engine,
    state: &InstanceState,
    workspace: Option<PathBuf>,
) -> anyhow::Result<Started> {
    let _lock = state.lock()?;
    let payload = find_payload()?;
    let image = docker::ensure_image(engine, &payload, &context.labels).await?;
    let progress = Progress::start("starting the containers");
    let all = environment::of_this_process();
    let request = Request {
        instance: context.instance,
        state,
        workspace,
        sandbox: environment::for_sandbox(&all)?,
        bind: environment::bind(&all)?,
        environment: environment::written(environment::for_gateway(all)),
        labels: context.labels.clone(),
        recording: None,
    };
    let started = docker::up(engine, &image, request).await?;
    drop(progress);
    Ok(started)
}

/// The programs and the image's files.
pub(super) fn find_payload() -> anyhow::Result<Payload> {
    Ok(Payload::find(std::env::var_os("SLIPWAY_EXTRA_CA_DIR").map(PathBuf::from))?)
}

/// What a person is told when an instance is ready.
pub(super) struct Summary<'a> {
    /// Which instance.
    pub(super) instance: InstanceNumber,
    /// Where it listens.
    pub(super) ports: Ports,
    /// What the agent works in.
    pub(super) workspace: &'a Path,
    /// When starting began.
    pub(super) began: Instant,
}

impl Summary<'_> {
    /// Prints it and opens a browser.
    pub(super) async fn print(&self, gateway: &Gateway, no_browser: bool) -> anyhow::Result<()> {
        let usual = ports::usual(self.instance);
        for (what, usual, taken) in
            [("UI", usual.ui, self.ports.ui), ("desktop", usual.desktop, self.ports.desktop)]
        {
            if taken != usual {
                terminal::warning(format_args!(
                    "port {usual} is in use by another program, so the {what} is on port {taken}"
                ));
            }
        }
        let url = gateway.login_url(self.ports.ui).await?;
        let flag = if self.instance.get() == 1 { String::new() } else { format!(" -n {}", self.instance) };
        terminal::result(format_args!(
            "Slipway is ready ({:.1} s)\n  \
             open     {url}\n           \
             (works once; for another: slipway{flag} open)\n  \
             desktop  http://localhost:{}\n  \
             files    {}\n  \
             stop     slipway{flag} down",
            self.began.elapsed().as_secs_f64(),
            self.ports.desktop,
            self.workspace.display(),
        ));
        if !no_browser && browser::open(&url) {
            terminal::note("opening it in your browser");
        }
        Ok(())
    }
}
