//! Slipway without containers: gateway and tool host as processes of this machine, owned by a launcher
//! that stays until they are to stop.

mod child;
mod display;
mod logs;
mod pid;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use slipway_protocol::api::{SandboxChoices, SettingError};
use slipway_protocol::sandbox::RESTART_CODE;
use tokio::process::Command;

use crate::gateway::{Gateway, GatewayError};
use crate::state::{InstanceNumber, InstanceState, Ports, StateError};
use crate::{environment, program};
use child::{Child, ChildError};
use display::free_display;

pub(crate) use logs::show as show_logs;
pub(crate) use pid::{PidLock, is_running, stop};

/// How long the gateway may take to listen, and the tool host to attach.
const READY_LIMIT: Duration = Duration::from_secs(30);
/// How often attachment is asked for.
const READY_INTERVAL: Duration = Duration::from_millis(20);

/// Why there is no local instance.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LocalError {
    /// A program did not start or ended too early.
    #[error(transparent)]
    Child(#[from] ChildError),
    /// The instance's directory cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The gateway gave a wrong answer.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// A setting of the environment makes no sense.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The gateway's first line is not what was agreed.
    #[error("the gateway announced itself in an unexpected way: {line}")]
    Announcement {
        /// What it printed.
        line: String,
    },
    /// The tool host runs but does not attach.
    #[error("the tool host did not attach within {} seconds; its log is {}", READY_LIMIT.as_secs(), log.display())]
    NotAttached {
        /// Where to look.
        log: PathBuf,
    },
}

/// What to start.
#[derive(Debug)]
pub(crate) struct LocalRequest<'a> {
    /// Which instance.
    pub(crate) instance: InstanceNumber,
    /// Its directory.
    pub(crate) state: &'a InstanceState,
    /// Where the programs are.
    pub(crate) programs: &'a Path,
    /// The directory that the agent works in; `None` for the instance's own.
    pub(crate) workspace: Option<PathBuf>,
    /// Ports to listen on; 0 for any.
    pub(crate) ports: Ports,
    /// The environment of this process.
    pub(crate) environment: &'a BTreeMap<String, String>,
    /// An exported conversation whose answers play the model.
    pub(crate) recording: Option<&'a Path>,
}

/// A gateway and a tool host, killed when dropped.
#[derive(Debug)]
pub(crate) struct LocalInstance {
    /// Its API.
    pub(crate) gateway: Gateway,
    /// The ports that it listens on.
    pub(crate) ports: Ports,
    /// What the agent works in.
    pub(crate) workspace: PathBuf,
    /// What the person must know about its confinement.
    pub(crate) warning: Option<String>,
    gateway_process: Child,
    tool_host_process: Child,
    tool_host: ToolHost,
}

/// How to start the tool host, also once more.
#[derive(Debug)]
struct ToolHost {
    program: PathBuf,
    state: InstanceState,
    workspace: PathBuf,
    /// What further workspaces are in.
    further: PathBuf,
    environment: BTreeMap<String, String>,
    /// What the environment says about the sandbox.
    chosen: SandboxChoices,
}

/// What the gateway prints when it listens.
#[derive(Deserialize)]
struct Announcement {
    url: String,
    #[serde(default)]
    desktop_url: Option<String>,
}

impl LocalInstance {
    /// Starts both programs; returns when tools can be called.
    pub(crate) async fn start(request: LocalRequest<'_>) -> Result<Self, LocalError> {
        let state = request.state;
        let (workspace, _) = state.workspace(request.workspace.as_deref())?;
        let launcher_token = state.launcher_token()?;
        // Written by asking for it; the programs read the file.
        state.sandbox_token()?;

        let mut gateway_process =
            Child::spawn("slipway-gateway", &mut gateway_command(&request), &state.path("gateway.log"))?;
        let line = gateway_process.first_line(READY_LIMIT).await?;
        let announced: Announcement =
            serde_json::from_str(&line).map_err(|_| LocalError::Announcement { line: line.clone() })?;
        let ports = Ports {
            ui: port_of(&announced.url).ok_or(LocalError::Announcement { line })?,
            desktop: announced.desktop_url.as_deref().and_then(port_of).unwrap_or_default(),
        };
        let tool_host = ToolHost {
            program: request.programs.join("slipway-toolhost"),
            state: state.clone(),
            workspace: workspace.clone(),
            further: state.further_workspaces()?,
            environment: environment::for_local_tool_host(request.environment),
            chosen: environment::for_sandbox(request.environment)?,
        };
        let gateway = Gateway::new(ports.ui, &launcher_token)?;
        let tool_host_process = tool_host.spawn(gateway.sandbox_settings().await?.saved)?;
        let mut instance =
            Self { gateway, ports, workspace, warning: None, gateway_process, tool_host_process, tool_host };
        let attached = tokio::time::timeout(READY_LIMIT, instance.wait_attached()).await;
        let log = state.path("toolhost.log");
        instance.warning = attached.map_err(|_| LocalError::NotAttached { log })??;
        Ok(instance)
    }

    /// Waits until one of the programs ends by itself, and says which. A tool host that wants to be started
    /// again is.
    pub(crate) async fn ended(&mut self) -> ChildError {
        loop {
            let error = tokio::select! {
                error = self.gateway_process.ended() => return error,
                error = self.tool_host_process.ended() => error,
            };
            match &error {
                ChildError::Ended { code: Some(code), .. } if *code == i32::from(RESTART_CODE) => {}
                _ => return error,
            }
            let Ok(report) = self.gateway.sandbox_settings().await else {
                // It is about to end, or does not answer for a moment.
                tokio::time::sleep(READY_INTERVAL).await;
                continue;
            };
            match self.tool_host.spawn(report.saved) {
                Ok(process) => self.tool_host_process = process,
                Err(error) => return error,
            }
        }
    }

    /// Ends both programs, the tool host first so that no tool outlives it.
    pub(crate) async fn stop(mut self) {
        self.tool_host_process.stop().await;
        self.gateway_process.stop().await;
    }

    async fn wait_attached(&mut self) -> Result<Option<String>, LocalError> {
        loop {
            let about = self.gateway.instance().await?;
            if about.sandbox.attached {
                return Ok(about.sandbox.warning);
            }
            tokio::select! {
                error = self.ended() => return Err(error.into()),
                () = tokio::time::sleep(READY_INTERVAL) => {}
            }
        }
    }
}

fn port_of(url: &str) -> Option<u16> {
    url::Url::parse(url).ok()?.port_or_known_default()
}

/// A command for a program that ends when this process does, even when this is killed; only where the
/// system has `setpriv` (Linux), elsewhere it has to be stopped.
fn dying_with_launcher(path: &Path) -> Command {
    let Some(setpriv) = program::find("setpriv") else { return Command::new(path) };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "TERM"]).arg(path);
    command
}

fn gateway_command(request: &LocalRequest<'_>) -> Command {
    let state = request.state;
    let mut command = dying_with_launcher(&request.programs.join("slipway-gateway"));
    command
        .env_clear()
        .envs(environment::for_local_gateway(request.environment))
        .env("SLIPWAY_LISTEN", format!("127.0.0.1:{}", request.ports.ui))
        .env("SLIPWAY_DESKTOP_LISTEN", format!("127.0.0.1:{}", request.ports.desktop))
        // Nobody but the gateway itself needs to know these.
        .env("SLIPWAY_ENGINE_LISTEN", "127.0.0.1:0")
        .env("SLIPWAY_TOOLS_LISTEN", "127.0.0.1:0")
        .env("SLIPWAY_DATA_DIR", state.path("data"))
        .env("SLIPWAY_SANDBOX_SOCKET", state.path("sandbox.sock"))
        .env("SLIPWAY_SANDBOX_TOKEN_FILE", state.path("sandbox-token"))
        .env("SLIPWAY_LAUNCHER_TOKEN_FILE", state.path("launcher-token"))
        .env("SLIPWAY_INSTANCE", request.instance.to_string());
    if let Some(recording) = request.recording {
        command.env("SLIPWAY_RECORDING", recording);
    }
    command
}

impl ToolHost {
    /// Starts it, with what is saved in the instance over what the environment says. What nobody has chosen is not
    /// set: a workspace on the person's own disk has no bound by itself.
    fn spawn(&self, saved: SandboxChoices) -> Result<Child, ChildError> {
        let choices = saved.over(self.chosen.clone());
        Child::spawn("slipway-toolhost", &mut self.command(&choices), &self.state.path("toolhost.log"))
    }

    fn command(&self, choices: &SandboxChoices) -> Command {
        let Self { state, workspace, further, .. } = self;
        let mut command = dying_with_launcher(&self.program);
        command
            .env_clear()
            .envs(&self.environment)
            .envs(environment::tool_host_choices(choices))
            .current_dir(workspace)
            .arg("serve")
            .arg("--gateway")
            .arg(state.path("sandbox.sock"))
            .arg("--token-file")
            .arg(state.path("sandbox-token"))
            .arg("--workspace")
            .arg(workspace)
            .arg("--workspaces")
            .arg(further)
            .args(["--sandbox-id", "default", "--confinement", "landlock", "--display"])
            .arg(free_display(Path::new("/tmp")).to_string())
            // The person's own home is closed to writing; caches of pip, npm and others go here.
            .arg("--home")
            .arg(state.path("home"));
        command
    }
}
