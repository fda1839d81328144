//! The tool host: serves the tools to the gateway on connections that it dials itself.
//!
//! One [`Host`] outlives its connections: shells, snapshots and open files survive a gateway that restarts.
//! Calls do not: a call whose caller is gone is cancelled.

mod address;
mod byte_stream;
mod calls;
mod checkpoints;
mod confine;
mod desktop;
mod dial;
mod egress;
mod further;
mod ports;
mod problem;
mod processes;
mod routes;
mod terminals;
mod withhold;
mod workspace;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use slipway_protocol::id::{ConversationId, WorkspaceId};
use slipway_protocol::sandbox::{Confinement, ToolHostStatus};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

pub use self::address::{AddressError, GatewayAddress};
pub use self::confine::confine;
pub use self::dial::{Credentials, DialError, attach, serve_forever};
pub use self::egress::forward_egress;
pub use self::withhold::{WithholdError, withhold};

use self::calls::Calls;
use self::further::Further;
use crate::bounds::Bounds;
use crate::checkpoints::Checkpoints;
use crate::desktop::{Computer, Desktop, DesktopOptions, Eyes, Screenshot};
use crate::fetch::{FetchOptions, WebFetch};
use crate::git::WatchedGit;
use crate::ports::Ports;
use crate::process::ProcessTool;
use crate::registry::Registry;
use crate::resources::Resources;
use crate::shell::{RunTerminalCommand, ShellOptions, ShellPool};
use crate::terminals::{TerminalLimits, TerminalOptions, Terminals};
use crate::views::Views;
use crate::workspace::Workspace;
use crate::workspace_files::{Area, WatchedDirectories};

/// How long shells and the desktop may take to end when the host stops.
const END_LIMIT: Duration = Duration::from_secs(3);

/// What a host is started with.
#[derive(Clone)]
pub struct HostOptions {
    /// Where tools work.
    pub workspace: Workspace,
    /// How they are fenced in (to be reported, not to be enforced here).
    pub confinement: Confinement,
    /// An existing directory for the shells' and the desktop's files. It must belong to the host, be
    /// writable by nobody else, and be reachable for the shells' user.
    pub state_directory: PathBuf,
    /// Variables that shells get; see [`crate::shell::inheritable`].
    pub environment: Vec<(OsString, OsString)>,
    /// Number of the X display of the desktop; `None` when none may be started.
    pub display: Option<u16>,
    /// What pages are fetched with; `None` when none are to be.
    pub fetch: Option<FetchOptions>,
    /// Most bytes that the workspace may take up; `None` for as many as there are.
    pub workspace_limit: Option<u64>,
    /// How long a command is waited for when its call names no time.
    pub command_patience: Duration,
    /// After how long without a viewer and a window the desktop is ended.
    pub desktop_idle: Duration,
    /// How much of outputs and files is shown and kept.
    pub bounds: Bounds,
}

/// The tools and the state behind them.
pub struct Host {
    workspace: Arc<Workspace>,
    registry: Arc<Registry>,
    views: Arc<Views>,
    shells: Arc<ShellPool>,
    terminals: Arc<Terminals>,
    ports: Arc<Ports>,
    desktop: Option<Arc<Desktop>>,
    eyes: Option<Arc<Eyes>>,
    calls: Calls,
    resources: Arc<Resources>,
    watched: Arc<WatchedDirectories>,
    git: Arc<WatchedGit>,
    checkpoints: Arc<Checkpoints>,
    environment: Arc<[(OsString, OsString)]>,
    restart: CancellationToken,
    status: ToolHostStatus,
    /// Hosts of further workspaces, which share the desktop; `None` in those themselves.
    further: Option<Further>,
}

impl Host {
    /// A host with all tools and one workspace.
    ///
    /// # Errors
    /// When the state directory cannot be written to.
    pub fn new(options: HostOptions) -> io::Result<Arc<Self>> {
        Self::with_further(options, None)
    }

    /// A host with all tools that also serves the workspaces in a directory, and makes such.
    ///
    /// # Errors
    /// When the state directory cannot be written to.
    pub fn with_further(options: HostOptions, directory: Option<PathBuf>) -> io::Result<Arc<Self>> {
        let desktop = options.display.map(|display| {
            Arc::new(Desktop::new(DesktopOptions {
                workspace: Arc::new(options.workspace.clone()),
                state_directory: options.state_directory.clone(),
                environment: options.environment.clone(),
                display,
                idle_limit: options.desktop_idle,
            }))
        });
        if let Some(desktop) = &desktop {
            desktop.listen();
        }
        let eyes = desktop.as_ref().map(|desktop| Arc::new(Eyes::new(Arc::clone(desktop))));
        let further = directory.map(|directory| Further::new(directory, options.clone()));
        Self::assemble(options, desktop, eyes, further)
    }

    /// A host of one workspace, with the desktop that all share.
    fn assemble(
        options: HostOptions,
        desktop: Option<Arc<Desktop>>,
        eyes: Option<Arc<Eyes>>,
        further: Option<Further>,
    ) -> io::Result<Arc<Self>> {
        let outputs = ShellPool::directory_in(&options.state_directory);
        let workspace = Arc::new(options.workspace.with_readable(&outputs)?);
        let views = Arc::new(Views::new(options.bounds.view));
        let status = ToolHostStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            workspace: workspace.root().to_string_lossy().into_owned(),
            workspaces: further.as_ref().map(|further| further.directory().to_string_lossy().into_owned()),
            confinement: options.confinement,
            desktop: options.display.is_some(),
        };
        let environment: Arc<[_]> = options.environment.clone().into();
        let terminals = Arc::new(Terminals::new(TerminalOptions {
            workspace: Arc::clone(&workspace),
            state_directory: options.state_directory.clone(),
            environment: options.environment.clone(),
            display: options.display,
            limits: TerminalLimits::default(),
        })?);
        let shells = Arc::new(ShellPool::new(ShellOptions {
            workspace: Arc::clone(&workspace),
            state_directory: options.state_directory,
            environment: options.environment,
            desktop: desktop.clone(),
            bounds: options.bounds.output,
        })?);
        workspace.as_owner(|| Area::Staging.clear(&workspace));
        let resources = Resources::new(Arc::clone(&workspace), options.confinement, options.workspace_limit);
        let ports = Arc::new(
            Ports::new(Arc::clone(&shells), Arc::clone(&workspace)).with_terminals(Arc::clone(&terminals)),
        );
        let command = RunTerminalCommand::new(
            Arc::clone(&shells),
            Arc::clone(&resources),
            Arc::clone(&ports),
            options.command_patience,
        );
        let registry = Registry::new().with_bounds(options.bounds.output);
        let registry = crate::search::register(crate::files::register(registry, &views, &resources))
            .with(command)
            .with(ProcessTool::new(Arc::clone(&shells), Arc::clone(&ports), Arc::clone(&resources)));
        let registry = match options.fetch {
            Some(fetch) => registry.with(WebFetch::new(fetch)),
            None => registry,
        };
        let registry = match &eyes {
            Some(eyes) => {
                registry.with(Screenshot::new(Arc::clone(eyes))).with(Computer::new(Arc::clone(eyes)))
            }
            None => registry,
        };
        let registry = Arc::new(registry);
        let checkpoints = Arc::new(Checkpoints::new(Arc::clone(&workspace)));
        Ok(Arc::new(Self {
            workspace,
            registry,
            views,
            shells,
            terminals,
            ports,
            desktop,
            eyes,
            calls: Calls::default(),
            resources,
            watched: Arc::default(),
            git: Arc::default(),
            checkpoints,
            environment,
            restart: CancellationToken::new(),
            status,
            further,
        }))
    }

    /// Serves HTTP/2 (prior knowledge) on one connection until it ends or `stop` fires.
    ///
    /// # Errors
    /// When the connection breaks or the other side does not speak HTTP/2.
    pub async fn serve<Io>(self: &Arc<Self>, io: Io, stop: &CancellationToken) -> Result<(), hyper::Error>
    where
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        dial::serve_connection(further::router(Arc::clone(self)), io, stop).await
    }

    /// Keeps the workspace within its bound, if it has one, until `stop` fires.
    pub async fn watch_workspace(self: Arc<Self>, stop: CancellationToken) {
        Arc::clone(&self.resources).watch(stop).await;
    }

    /// Waits until the gateway asks for the host to be started again.
    pub async fn restart_requested(&self) {
        self.restart.cancelled().await;
    }

    /// Stops every call, every shell and the desktop, and waits, for a limited time, until they are gone.
    pub async fn shut_down(&self) {
        let further = self.further.as_ref().map(Further::hosts).unwrap_or_default();
        let ends = further.iter().map(|(_, host)| host.end_own());
        tokio::join!(self.end_own(), futures::future::join_all(ends));
        let ending = async {
            if let Some(desktop) = &self.desktop {
                desktop.shutdown().await;
            }
        };
        if tokio::time::timeout(END_LIMIT, ending).await.is_err() {
            tracing::warn!("the desktop did not end in time");
        }
    }

    /// Stops what goes on in this workspace, and waits, for a limited time, until it is gone.
    async fn end_own(&self) {
        self.calls.stop_all().await;
        let ending = async { tokio::join!(self.shells.shutdown(), self.terminals.shutdown()) };
        if tokio::time::timeout(END_LIMIT, ending).await.is_err() {
            tracing::warn!("some processes did not end in time");
        }
    }

    /// This workspace and those further ones that were used since the host began.
    fn all(self: &Arc<Self>) -> Vec<(WorkspaceId, Arc<Self>)> {
        let mut all = vec![(WorkspaceId::default(), Arc::clone(self))];
        all.extend(self.further.as_ref().map(Further::hosts).unwrap_or_default());
        all
    }

    fn end_conversation(&self, conversation: &ConversationId) {
        self.views.forget(conversation);
        self.shells.end_conversation(conversation);
        self.terminals.end_conversation(conversation);
        self.resources.forget(conversation);
        if let Some(eyes) = &self.eyes {
            eyes.forget(conversation);
        }
    }
}
