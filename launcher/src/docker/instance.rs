//! An instance in containers: starting it, waiting until it works, stopping it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use bollard::errors::Error as DockerError;
use bollard::models::{ContainerSummary, NetworkCreateRequest};
use bollard::query_parameters::ListContainersOptionsBuilder;

use super::connection::Engine;
use super::container::{self, ContainerError, part_label};
use super::control::{self, ControlInput};
use super::sandbox::{self, SandboxInput, ShellUser};
use super::volume::{self, VolumeError};
use super::{INSTANCE_LABEL, PART_LABEL, STATE_LABEL, logs};
use crate::cli::PartName;
use crate::gateway::{Gateway, GatewayError};
use crate::ports::{self, NoFreePort};
use crate::state::{InstanceNumber, InstanceState, Ports, StateError};
use crate::terminal;

/// How long both containers may take until tools can be called.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// How often readiness is asked for.
const READY_INTERVAL: Duration = Duration::from_millis(50);
/// How often starting is tried with other ports.
const PORT_ATTEMPTS: usize = 5;

/// Names of an instance's things in Docker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    /// Which instance.
    pub(super) instance: InstanceNumber,
}

impl Names {
    pub(super) fn container(self, part: &str) -> String {
        format!("slipway-{}-{part}", self.instance)
    }

    pub(super) fn network(self) -> String {
        format!("slipway-{}", self.instance)
    }

    pub(super) fn data_volume(self) -> String {
        format!("slipway-{}-data", self.instance)
    }

    pub(super) fn socket_volume(self) -> String {
        format!("slipway-{}-ipc", self.instance)
    }
}

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
    /// Settings for the sandbox container, as `NAME=value`.
    pub(crate) sandbox_environment: Vec<String>,
    /// Further labels.
    pub(crate) labels: HashMap<String, String>,
    /// An exported conversation whose answers play the model.
    pub(crate) recording: Option<String>,
}

/// A running instance.
#[derive(Debug)]
pub(crate) struct Started {
    /// Its API.
    pub(crate) gateway: Gateway,
    /// Its ports on the host.
    pub(crate) ports: Ports,
}

/// Why an instance did not start or stop.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstanceError {
    /// A container is not as it should be.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// A volume is somebody else's, or cannot be made or removed.
    #[error(transparent)]
    Volume(#[from] VolumeError),
    /// No port is left.
    #[error(transparent)]
    Port(#[from] NoFreePort),
    /// The instance's directory cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The gateway gave a wrong answer.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The workspace cannot be prepared.
    #[error("cannot prepare the workspace {}: {source}", path.display())]
    Workspace {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// One of the containers ended at once.
    #[error("the {part} container stopped while starting; its last words:\n{log}")]
    Died {
        /// Which.
        part: &'static str,
        /// What it printed.
        log: String,
    },
    /// They run but do not work.
    #[error("Slipway was not ready after {} seconds: {missing}; the last words of the {part} container:\n{log}",
        READY_LIMIT.as_secs())]
    NotReady {
        /// What was waited for.
        missing: String,
        /// Whose log is shown.
        part: &'static str,
        /// What it printed.
        log: String,
    },
    /// Docker refused something else.
    #[error("Docker could not {action}: {source}")]
    Docker {
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: DockerError,
    },
}

/// Starts an instance, or keeps what runs when it is as asked for; returns when tools can be called.
pub(crate) async fn up(engine: &Engine, image: &str, request: Request<'_>) -> Result<Started, InstanceError> {
    let names = Names { instance: request.instance };
    let (workspace, owner) = request.state.workspace(request.workspace.as_deref())?;
    let user = sandbox::shell_user(engine, &workspace, owner)
        .map_err(|source| InstanceError::Workspace { path: workspace.clone(), source })?;
    if user == ShellUser::PowerlessRoot && !engine.is_rootless() {
        terminal::note(format_args!(
            "note: {} belongs to root, so the agent works as the sandbox's root, without any capability; \
             it cannot install system packages",
            workspace.display()
        ));
    }
    let mut labels = request.labels.clone();
    labels.insert(INSTANCE_LABEL.to_owned(), request.instance.to_string());
    labels.insert(STATE_LABEL.to_owned(), request.state.root().display().to_string());
    prepare(engine, names, &labels).await?;

    let launcher_token = request.state.launcher_token()?;
    let sandbox_token = request.state.sandbox_token()?;
    let sandbox_spec = sandbox::spec(SandboxInput {
        names: &names,
        image,
        labels: &labels,
        workspace,
        user,
        machine: &engine.info,
        environment: &request.sandbox_environment,
        token: sandbox_token.clone(),
    });
    let control = async {
        start_control(engine, names, &request, |ports| {
            control::spec(ControlInput {
                names: &names,
                image,
                labels: &labels,
                machine: &engine.info,
                ports,
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

/// The instance's API, when its containers run.
pub(crate) async fn running(
    engine: &Engine,
    instance: InstanceNumber,
    state: &InstanceState,
) -> Result<Option<Started>, InstanceError> {
    let Some(ports) = own_ports(engine, Names { instance }, state).await? else { return Ok(None) };
    Ok(Some(Started { gateway: Gateway::new(ports.ui, &state.launcher_token()?)?, ports }))
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
    }
    if with_volumes {
        for name in [names.data_volume(), names.socket_volume()] {
            volume::remove(engine, name, &state.root().display().to_string()).await?;
        }
    }
    Ok(!found.is_empty())
}

/// All containers that have all these labels, running or not.
pub(super) async fn containers(
    engine: &Engine,
    labels: &[String],
) -> Result<Vec<ContainerSummary>, InstanceError> {
    let filters = HashMap::from([("label".to_owned(), labels.to_vec())]);
    let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    engine
        .docker
        .list_containers(Some(options))
        .await
        .map_err(|source| InstanceError::Docker { action: "list containers", source })
}

fn state_filter(state: &InstanceState) -> String {
    format!("{STATE_LABEL}={}", state.root().display())
}

/// Creates the network and the volumes. Existing ones stay as they are.
async fn prepare(
    engine: &Engine,
    names: Names,
    labels: &HashMap<String, String>,
) -> Result<(), InstanceError> {
    let docker = |action| move |source| InstanceError::Docker { action, source };
    for name in [names.data_volume(), names.socket_volume()] {
        volume::ensure(engine, name, labels).await?;
    }
    match engine.docker.inspect_network(&names.network(), None).await {
        Ok(_) => return Ok(()),
        Err(DockerError::DockerResponseServerError { status_code: 404, .. }) => {}
        Err(source) => return Err(docker("inspect a network")(source)),
    }
    // A network of its own: on Docker's default one, other containers could reach the gateway.
    let request = NetworkCreateRequest {
        name: names.network(),
        labels: Some(labels.clone()),
        ..NetworkCreateRequest::default()
    };
    engine.docker.create_network(request).await.map_err(docker("create a network"))?;
    Ok(())
}

/// Starts the control container on free ports; the ones that it has are kept.
async fn start_control(
    engine: &Engine,
    names: Names,
    request: &Request<'_>,
    spec: impl Fn(Ports) -> container::ContainerSpec,
) -> Result<Ports, InstanceError> {
    let own = own_ports(engine, names, request.state).await?;
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

/// The host ports of the instance's control container, when it runs.
async fn own_ports(
    engine: &Engine,
    names: Names,
    state: &InstanceState,
) -> Result<Option<Ports>, InstanceError> {
    let labels = [
        format!("{INSTANCE_LABEL}={}", names.instance),
        format!("{PART_LABEL}={}", part_label(PartName::Control)),
        state_filter(state),
    ];
    let found = containers(engine, &labels).await?;
    Ok(found.first().and_then(listing_ports))
}

/// The host ports of a running control container.
pub(super) fn listing_ports(found: &ContainerSummary) -> Option<Ports> {
    let public = |inside| {
        found
            .ports
            .iter()
            .flatten()
            .find(|port| port.private_port == inside)
            .and_then(|port| port.public_port)
    };
    Some(Ports { ui: public(3000)?, desktop: public(6080)? })
}

/// Waits until the gateway answers and the tool host is attached.
async fn wait_ready(engine: &Engine, names: Names, gateway: &Gateway) -> Result<(), InstanceError> {
    let deadline = tokio::time::Instant::now() + READY_LIMIT;
    loop {
        let (missing, part) = match gateway.instance().await {
            Ok(instance) if instance.sandbox.attached => return Ok(()),
            Ok(_) => ("the tool host has not attached".to_owned(), PartName::Sandbox),
            Err(GatewayError::Unreachable { .. }) => {
                ("the gateway does not answer".to_owned(), PartName::Control)
            }
            Err(error) => return Err(error.into()),
        };
        for part in [PartName::Control, PartName::Sandbox] {
            let name = names.container(part_label(part));
            let state = engine.docker.inspect_container(&name, None).await;
            let state = state.ok().and_then(|found| found.state);
            if state.is_some_and(|state| state.running == Some(false) && state.restarting != Some(true)) {
                let log = logs::tail(engine, &name).await;
                return Err(InstanceError::Died { part: part_label(part), log });
            }
        }
        if tokio::time::Instant::now() > deadline {
            let part = part_label(part);
            let log = logs::tail(engine, &names.container(part)).await;
            return Err(InstanceError::NotReady { missing, part, log });
        }
        tokio::time::sleep(READY_INTERVAL).await;
    }
}
