//! An instance in containers: starting it, waiting until it works, stopping it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use bollard::errors::Error as DockerError;
use bollard::models::NetworkCreateRequest;
use slipway_protocol::api::{EgressMode, SandboxChoices};

use super::connection::Engine;
use super::container::{self, ContainerError};
use super::control::{self, ControlInput};
use super::error::InstanceError;
use super::found::{containers, control_container, listing_ports, state_filter};
use super::names::Names;
use super::presence::Started;
use super::ready::wait_ready;
use super::sandbox::{self, SandboxInput, ShellUser};
use super::volume;
use super::{INSTANCE_LABEL, STATE_LABEL};
use crate::gateway::Gateway;
use crate::ports;
use crate::state::{InstanceNumber, InstanceState, Ports};
use crate::terminal;

/// How often starting is tried with other ports.
const PORT_ATTEMPTS: usize = 5;

/// What to start.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// Which instance.
    pub(crate) instance: InstanceNumber,
    /// Its directory on the host.
    pub(crate) state: &'a InstanceState,
    /// The directory that the agent works in; `None` for the instance's own.
    pub(crate) workspace: Option<PathBuf>,
    /// Settings and keys for the control container, as `NAME=value`.
    pub(crate) environment: Vec<String>,
    /// Address of the host at which people reach it.
    pub(crate) bind: IpAddr,
    /// What the environment says about the sandbox.
    pub(crate) sandbox: SandboxChoices,
    /// Further labels.
    pub(crate) labels: HashMap<String, String>,
    /// An exported conversation whose answers play the model.
    pub(crate) recording: Option<String>,
}

/// Starts an instance, or keeps what runs when it is as asked for; returns when tools can be called.
pub(crate) async fn up(engine: &Engine, image: &str, request: Request<'_>) -> Result<Started, InstanceError> {
    let saved = request.state.sandbox_choices();
    let started = start(engine, image, &request, &saved).await?;
    // What is saved is in the gateway, which was not there to be asked; it hardly ever differs from last time.
    let now = started.gateway.sandbox_settings().await?.saved;
    if now == saved {
        return Ok(started);
    }
    request.state.save_sandbox_choices(&now)?;
    start(engine, image, &request, &now).await
}

pub(super) fn labels(request: &Request<'_>) -> HashMap<String, String> {
    let mut labels = request.labels.clone();
    labels.insert(INSTANCE_LABEL.to_owned(), request.instance.to_string());
    labels.insert(STATE_LABEL.to_owned(), request.state.root().display().to_string());
    labels
}

/// Where the agent works on the host.
pub(super) struct Places {
    /// The workspace.
    pub(super) workspace: PathBuf,
    /// What further workspaces are in.
    pub(super) further: PathBuf,
}

/// The workspaces, and who the agent is there.
pub(super) fn workspaces(
    engine: &Engine,
    request: &Request<'_>,
) -> Result<(Places, ShellUser), InstanceError> {
    let (workspace, owner) = request.state.workspace(request.workspace.as_deref())?;
    let further = request.state.further_workspaces()?;
    let unprepared = |path: &Path| {
        let path = path.to_owned();
        move |source| InstanceError::Workspace { path, source }
    };
    let user = sandbox::shell_user(engine, &workspace, owner).map_err(unprepared(&workspace))?;
    sandbox::give(&further, user).map_err(unprepared(&further))?;
    Ok((Places { workspace, further }, user))
}

async fn start(
    engine: &Engine,
    image: &str,
    request: &Request<'_>,
    saved: &SandboxChoices,
) -> Result<Started, InstanceError> {
    let names = Names { instance: request.instance };
    let settings = saved.clone().over(request.sandbox.clone()).resolve();
    let (places, user) = workspaces(engine, request)?;
    if user == ShellUser::PowerlessRoot && !engine.is_rootless() {
        terminal::note(format_args!(
            "note: {} belongs to root, so the agent works as the sandbox's root, without any capability; \
             it cannot install system packages",
            places.workspace.display()
        ));
    }
    let labels = labels(request);
    prepare(engine, names, &labels, settings.egress).await?;

    let launcher_token = request.state.launcher_token()?;
    let sandbox_token = request.state.sandbox_token()?;
    let sandbox_spec = sandbox::spec(SandboxInput {
        names: &names,
        image,
        labels: &labels,
        workspace: places.workspace,
        further: places.further,
        user,
        machine: &engine.info,
        settings: &settings,
        token: sandbox_token.clone(),
    });
    let control = async {
        start_control(engine, names, request, |ports| {
            control::spec(ControlInput {
                names: &names,
                image,
                labels: &labels,
                machine: &engine.info,
                ports,
                bind: request.bind,
                environment: &request.environment,
                launcher_token: launcher_token.clone(),
                sandbox_token: sandbox_token.clone(),
                recording: request.recording.clone(),
            })
        })
        .await
    };
    let sandbox = async { Ok(container::reconcile(engine, sandbox_spec).await?) };
    let (ports, ()) = futures::future::try_join(Box::pin(control), Box::pin(sandbox)).await?;
    request.state.save_ports(ports)?;
    let gateway = Gateway::new(ports.ui, &launcher_token)?;
    wait_ready(engine, names, &gateway).await?;
    Ok(Started { gateway, ports })
}

/// Stops an instance and removes its containers, and on demand its volumes. Answers whether there was one.
pub(crate) async fn down(
    engine: &Engine,
    instance: InstanceNumber,
    state: &InstanceState,
    with_volumes: bool,
) -> Result<bool, InstanceError> {
    let names = Names { instance };
    let found = containers(engine, &[format!("{INSTANCE_LABEL}={instance}"), state_filter(state)]).await?;
    let removals =
        found.iter().filter_map(|found| found.id.as_deref()).map(|id| container::remove(engine, id));
    futures::future::try_join_all(removals).await?;
    if !found.is_empty() {
        // Somebody else's network of that name has containers and stays.
        let _ = engine.docker.remove_network(&names.network()).await;
        let _ = engine.docker.remove_network(&names.direct_network()).await;
    }
    if with_volumes {
        for name in [names.data_volume(), names.socket_volume()] {
            volume::remove(engine, name, &state.root().display().to_string()).await?;
        }
    }
    Ok(!found.is_empty())
}

/// Creates the network and the volumes. Existing ones stay as they are.
pub(super) async fn prepare(
    engine: &Engine,
    names: Names,
    labels: &HashMap<String, String>,
    egress: EgressMode,
) -> Result<(), InstanceError> {
    let docker = |action| move |source| InstanceError::Docker { action, source };
    for name in [names.data_volume(), names.socket_volume()] {
        volume::ensure(engine, name, labels).await?;
    }
    // Networks of their own: on Docker's default one, other containers could reach the gateway, and on one
    // network with it, the sandbox could.
    let direct = (egress == EgressMode::Direct).then(|| names.direct_network());
    for name in [names.network()].into_iter().chain(direct) {
        match engine.docker.inspect_network(&name, None).await {
            Ok(_) => continue,
            Err(DockerError::DockerResponseServerError { status_code: 404, .. }) => {}
            Err(source) => return Err(docker("inspect a network")(source)),
        }
        let labels = Some(labels.clone());
        let request = NetworkCreateRequest { name, labels, ..NetworkCreateRequest::default() };
        engine.docker.create_network(request).await.map_err(docker("create a network"))?;
    }
    Ok(())
}

/// Starts the control container on free ports; the ones that it has are kept.
async fn start_control(
    engine: &Engine,
    names: Names,
    request: &Request<'_>,
    spec: impl Fn(Ports) -> container::ContainerSpec,
) -> Result<Ports, InstanceError> {
    let own = control_container(engine, names, request.state).await?.as_ref().and_then(listing_ports);
    let mut refused = Vec::new();
    loop {
        let ports = match own {
            Some(ports) if refused.is_empty() => ports,
            _ => ports::choose(names.instance, |port| refused.contains(&port) || ports::is_taken(port))?,
        };
        match container::reconcile(engine, spec(ports)).await {
            Ok(()) => return Ok(ports),
            Err(ContainerError::PortTaken { .. }) if refused.len() < 2 * PORT_ATTEMPTS => {
                refused.extend([ports.ui, ports.desktop]);
            }
            Err(error) => return Err(error.into()),
        }
    }
}
