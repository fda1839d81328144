//! The gateway as a whole: the state that handlers share, and starting and stopping everything.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use slipway_protocol::ConversationId;
use slipway_protocol::api::SandboxStatus;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

mod data_dir;
mod health;
mod listeners;
mod observe;
mod serve;
mod web;

pub use listeners::{ListenError, Listeners};
pub use serve::{Gateway, StartError};

use crate::auth::{Backoff, EndedSessions, LoginAttempts, Passwords, Rates};
use crate::checkpoints::Checkpoints;
use crate::config::Config;
use crate::desktop::DesktopControl;
use crate::egress::Egress;
use crate::events::EventLog;
use crate::metrics::Metrics;
use crate::preview::Previews;
use crate::providers::Providers;
use crate::runs::Runs;
use crate::sandbox::{SandboxOrders, SandboxRegistry};
use crate::secrets::Secrets;
use crate::store::Store;
use crate::telemetry::Telemetry;
use crate::webhooks::Webhooks;
use crate::workspace::Clones;

/// What every handler and background task can reach. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<AppParts>);

/// The parts of [`AppState`].
pub struct AppParts {
    /// The configuration.
    pub config: Config,
    /// Where this process really listens and whom it calls.
    pub addresses: Addresses,
    /// The database.
    pub store: Store,
    /// The numbered events and who listens to them.
    pub events: EventLog,
    /// Runs that are going on.
    pub runs: Runs,
    /// Recorded states of the workspace.
    pub checkpoints: Checkpoints,
    /// Attached tool hosts.
    pub sandboxes: SandboxRegistry,
    /// What the launcher is asked to do with the sandbox.
    pub sandbox_orders: SandboxOrders,
    /// Who drives the desktop.
    pub desktop: DesktopControl,
    /// Open previews of the agent's servers.
    pub previews: Previews,
    /// The sandbox's way out.
    pub egress: Egress,
    /// Programs elsewhere that are told what happens.
    pub webhooks: Webhooks,
    /// Repositories that are being cloned into the workspace.
    pub clones: Clones,
    /// Encryption of keys at rest.
    pub secrets: Secrets,
    /// Providers that are not rows of the database: the demo and those from the environment.
    pub providers: Providers,
    /// Places for changes through the API. Who compares what it changes with what the client has seen takes them all.
    pub changes: Semaphore,
    /// For calls to engines, never through a proxy; every use sets its own time limit.
    pub http: reqwest::Client,
    /// For calls to model providers, which may have to go through the machine's proxy; never follows
    /// redirects, and every use sets its own time limit.
    pub provider_http: reqwest::Client,
    /// What is counted.
    pub metrics: Metrics,
    /// Takes spans of runs for a collector.
    pub telemetry: Telemetry,
    /// The recent failed logins.
    pub login_attempts: LoginAttempts,
    /// The recent attempts to log in with passwords.
    pub backoff: Backoff,
    /// What computes hashes of passwords.
    pub passwords: Passwords,
    /// What each person has asked for lately.
    pub rates: Rates,
    /// Tells of sessions that have ended.
    pub ended_sessions: EndedSessions,
    /// Rung when somebody has changed how long things are kept.
    pub retention_changed: Notify,
    /// Cancelled when the gateway stops.
    pub shutdown: CancellationToken,
    /// Cancelled, with `shutdown`, when another gateway has taken over from this one.
    pub lost_lease: CancellationToken,
    /// Owner of all background tasks; waited for at the stop.
    pub tasks: TaskTracker,
}

/// Where this process really listens (ports resolved) and whom it calls.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The UI and the API.
    pub ui: SocketAddr,
    /// The stand-alone desktop page.
    pub desktop: SocketAddr,
    /// Base URLs of the engines; at least one.
    pub engines: Vec<Url>,
    /// Base URL of the run-scoped tool endpoints, as engines see it.
    pub tools: Url,
}

impl AppState {
    /// Shares `parts`.
    pub fn new(parts: AppParts) -> Self {
        Self(Arc::new(parts))
    }

    /// The sandbox and its desktop as the person should see them.
    pub fn sandbox_status(&self) -> SandboxStatus {
        SandboxStatus { person_drives: self.desktop.person_drives(), ..self.sandboxes.status() }
    }

    /// Where the person sees a conversation.
    pub fn conversation_url(&self, id: &ConversationId) -> String {
        format!("http://localhost:{}/c/{id}", self.public_port())
    }

    /// Port under which the person reaches the UI.
    pub fn public_port(&self) -> u16 {
        self.config.public_port.unwrap_or(self.addresses.ui.port())
    }

    /// Port under which the person reaches the desktop page.
    pub fn public_desktop_port(&self) -> u16 {
        self.config.public_desktop_port.unwrap_or(self.addresses.desktop.port())
    }
}

impl Deref for AppState {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}
