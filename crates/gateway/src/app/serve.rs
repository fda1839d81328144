//! Starting everything, and stopping it in order.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::data_dir::{self, DataDirError};
use super::listeners::{ListenError, Listeners};
use super::{Addresses, AppParts, AppState, web};
use crate::api::etags;
use crate::auth::{Backoff, EndedSessions, KnownHosts, LoginAttempts, Passwords, Rates, guard};
use crate::backup::{self, BackupError};
use crate::checkpoints::{self, Checkpoints};
use crate::cluster;
use crate::config::{Config, Reach};
use crate::demo::Demo;
use crate::desktop::DesktopControl;
use crate::egress::Egress;
use crate::events::EventLog;
use crate::metrics::Metrics;
use crate::preview::{self, Previews};
use crate::providers::Providers;
use crate::recorded::{RecordedModel, RecordingError};
use crate::retention;
use crate::runs::{self, Runs};
use crate::sandbox::{self, SandboxOrders, SandboxRegistry};
use crate::secrets::{Keys, RotationError, SecretError};
use crate::store::{Backend, Store, StoreError};
use crate::telemetry::{self, Telemetry};
use crate::webhooks::{self, Webhooks};
use crate::workspace::Clones;

/// How long background tasks may take to end.
const STOP_LIMIT: Duration = Duration::from_millis(2500);
/// How long connecting to an engine or provider may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A running gateway. Call [`Gateway::stop`]; merely dropping it leaves its tasks to the runtime.
pub struct Gateway {
    app: AppState,
}

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The sandbox's socket cannot be made.
    #[error(transparent)]
    Socket(#[from] sandbox::SocketError),
    /// Nothing can be kept.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A backup cannot be gone back to.
    #[error("cannot go back to the backup: {0}")]
    Backup(#[from] BackupError),
    /// The secret key cannot be used.
    #[error(transparent)]
    Secrets(#[from] SecretError),
    /// Secrets cannot be encrypted with another key.
    #[error("cannot replace the secret key: {0}")]
    Rotation(#[from] RotationError),
    /// Other machines reach it, and everybody there would get in, or nobody.
    #[error(
        "other machines can reach {listen}, and nobody has a password yet; add an account first: \
         `slipway user add NAME --role admin` while it listens on this machine only, or `slipway-gateway user add \
         NAME --role admin` with the same settings. Or listen on 127.0.0.1 (--listen, --desktop-listen); where only \
         this machine reaches the ports all the same, say so with SLIPWAY_REACH=loopback"
    )]
    AccountsNeeded {
        /// Where it was to listen.
        listen: std::net::SocketAddr,
    },
    /// The demo's model cannot be started.
    #[error("cannot start the demo's model: {0}")]
    Demo(#[source] io::Error),
    /// The recording cannot be played.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The file that names this gateway cannot be used.
    #[error("cannot use gateway.node in the data directory: {0}")]
    Node(#[source] io::Error),
    /// No HTTP client can be made.
    #[error("cannot make an HTTP client: {0}")]
    HttpClient(#[source] reqwest::Error),
}

impl Gateway {
    /// Starts everything that `config` asks for.
    ///
    /// # Errors
    /// When a port is taken or a file cannot be used; nothing is left running then.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        slipway_engine::install_crypto_provider();
        config.withhold_from_log();
        data_dir::must_be_writable(&config.data_dir)?;
        let listeners = Listeners::bind(&config).await?;
        let socket = sandbox::bind_socket(&config.sandbox_socket)?;
        let addresses = listeners.addresses(&config)?;
        let app = open_state(config, addresses).await?;
        let interrupted = runs::recover(&app).await?;
        if interrupted > 0 {
            tracing::warn!(interrupted, "runs were going on when the gateway last ended; they are stopped");
        }
        recover_checkpoints(&app).await;
        spawn_listeners(&app, listeners);
        app.tasks.spawn(checkpoints::keep_small(app.clone()));
        app.tasks.spawn(runs::deleting::keep_clean(app.clone()));
        app.tasks.spawn(runs::approving::keep_time(app.clone()));
        app.tasks.spawn(webhooks::deliver(app.clone()));
        app.tasks.spawn(app.store.clone().keep_log_short(app.shutdown.clone()));
        app.tasks.spawn(app.store.clone().keep_events_few(app.config.retention, app.shutdown.clone()));
        app.tasks.spawn(retention::carry_out(app.clone()));
        app.tasks.spawn(cluster::attend(app.clone()));
        app.tasks.spawn(sandbox::accept_connections(app.clone(), socket));
        Ok(Self { app })
    }

    /// The shared state.
    pub fn app(&self) -> &AppState {
        &self.app
    }

    /// Where the person reaches the UI.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.app.public_port())
    }

    /// Where the person reaches the stand-alone desktop page.
    pub fn desktop_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.app.public_desktop_port())
    }

    /// Stops within three seconds: tells every task, waits for them, closes the database.
    pub async fn stop(self) {
        self.app.shutdown.cancel();
        self.app.tasks.close();
        if tokio::time::timeout(STOP_LIMIT, self.app.tasks.wait()).await.is_err() {
            tracing::warn!(remaining = self.app.tasks.len(), "stopping although some tasks have not ended");
        }
        leave(&self.app.store).await;
        std::fs::remove_file(&self.app.config.sandbox_socket).ok();
    }
}

/// Gives up the lease and closes the database.
async fn leave(store: &Store) {
    let limit = Duration::from_millis(400);
    if !matches!(tokio::time::timeout(limit, store.leave()).await, Ok(Ok(()))) {
        tracing::warn!("other gateways take over only when this one's lease expires");
    }
    if tokio::time::timeout(limit, store.close()).await.is_err() {
        tracing::warn!("the database was still in use at the stop");
    }
}

async fn open_state(config: Config, addresses: Addresses) -> Result<AppState, StartError> {
    if config.database().backend() == Backend::Sqlite && backup::apply(&config.data_dir)? {
        tracing::warn!("gone back to a backup; what was there is in before-restore of the data directory");
    }
    let store = Store::open(&config.database()).await?;
    if config.reach == Reach::Network && !store.has_accounts().await? {
        return Err(StartError::AccountsNeeded { listen: config.listen });
    }
    let node = cluster::node(&config.data_dir).map_err(StartError::Node)?;
    let secrets = Keys::open(&config)?.take_over(&store, &node).await?;
    store.join(&node, config.lease).await?;
    let demo = Demo::start().await.map_err(StartError::Demo)?;
    let recorded = match &config.recording {
        Some(path) => Some(RecordedModel::start(path).await?),
        None => None,
    };
    let http = reqwest::Client::builder().no_proxy().connect_timeout(CONNECT_LIMIT);
    let provider_http = reqwest::Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("slipway/", env!("CARGO_PKG_VERSION")));
    let egress = Egress::new(sandbox::egress_policy(&config, &store).await?);
    let webhooks = Webhooks::new(&egress.policy().resolver).map_err(StartError::HttpClient)?;
    let collector = config.collector.clone();
    let (telemetry, spans) = Telemetry::new(collector.as_ref());
    let app = AppState::new(AppParts {
        metrics: Metrics::default(),
        telemetry,
        webhooks,
        changes: Semaphore::new(etags::MOST_CHANGES as usize),
        sandbox_orders: SandboxOrders::default(),
        events: EventLog::new(store.clone()),
        runs: Runs::default(),
        checkpoints: Checkpoints::new(&config.data_dir),
        sandboxes: SandboxRegistry::default(),
        previews: Previews::default(),
        clones: Clones::default(),
        egress,
        desktop: DesktopControl::default(),
        secrets,
        providers: Providers::new(demo, recorded, &config.provider_keys),
        http: http.build().map_err(StartError::HttpClient)?,
        provider_http: provider_http.build().map_err(StartError::HttpClient)?,
        login_attempts: LoginAttempts::default(),
        backoff: Backoff::default(),
        passwords: Passwords::default(),
        rates: Rates::default(),
        ended_sessions: EndedSessions::default(),
        retention_changed: Notify::new(),
        shutdown: CancellationToken::new(),
        lost_lease: CancellationToken::new(),
        tasks: TaskTracker::new(),
        store,
        addresses,
        config,
    });
    if let (Some(collector), Some(spans)) = (collector, spans) {
        app.tasks.spawn(telemetry::send(app.clone(), collector, spans));
    }
    Ok(app)
}

/// Without recorded states the rest works all the same.
async fn recover_checkpoints(app: &AppState) {
    if let Err(error) = checkpoints::finish_sweep(app).await {
        tracing::error!(%error, "objects that nobody needs cannot be deleted");
    }
    if let Err(error) = checkpoints::finish_all(app).await {
        tracing::error!(%error, "restorations that were broken off cannot be finished");
    }
}

fn spawn_listeners(app: &AppState, listeners: Listeners) {
    let previewed = web::ui_router(app.clone()).layer(from_fn_with_state(app.clone(), preview::intercept));
    spawn_server(app, "ui", listeners.ui, previewed);
    spawn_server(app, "desktop", listeners.desktop, web::desktop_router(app.clone()));
    spawn_server(app, "tools", listeners.tools, runs::tool_endpoint::router(app.clone()));
    if let Some(listener) = listeners.engine {
        spawn_server(app, "engine", listener, engine_router(app));
    }
}

/// The engine in this process. It calls whatever address a request names, so pages of other web sites
/// must not reach it; only this gateway and programs on this machine do.
fn engine_router(app: &AppState) -> Router {
    let settings = slipway_engine::Settings::default();
    slipway_engine::router_with(settings, app.shutdown.clone())
        .layer(from_fn(guard::check_origin))
        .layer(from_fn_with_state(KnownHosts::default(), guard::check_host))
}

fn spawn_server(app: &AppState, name: &'static str, listener: TcpListener, router: Router) {
    let stop = app.shutdown.clone();
    // Without this, small events wait for the client's acknowledgement of the one before, up to 40 ms.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays with delayed sending");
        }
    });
    app.tasks.spawn(async move {
        let server = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = server.await {
            tracing::error!(%error, name, "a listener failed");
        }
    });
}
