//! The tool host: serves the tools to the gateway on connections that it dials itself.
//!
//! One [`Host`] outlives its connections: shells, snapshots and open files survive a gateway that restarts.
//! Calls do not: a call whose caller is gone is cancelled.

mod address;
mod calls;
mod confine;
mod dial;
mod egress;
mod problem;
mod routes;

use std::sync::Arc;

use slipway_protocol::id::ConversationId;
use slipway_protocol::sandbox::{Confinement, ToolHostStatus};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

pub use self::address::{AddressError, GatewayAddress};
pub use self::confine::confine;
pub use self::dial::{Credentials, DialError, attach, serve_forever};
pub use self::egress::forward_egress;

use self::calls::Calls;
use crate::registry::Registry;
use crate::views::Views;
use crate::workspace::Workspace;

/// What a host is started with.
pub struct HostOptions {
    /// Where tools work.
    pub workspace: Workspace,
    /// How they are fenced in (to be reported, not to be enforced here).
    pub confinement: Confinement,
    /// Whether a desktop may be started.
    pub desktop: bool,
}

/// The tools and the state behind them.
pub struct Host {
    workspace: Arc<Workspace>,
    registry: Arc<Registry>,
    views: Arc<Views>,
    calls: Calls,
    status: ToolHostStatus,
}

impl Host {
    /// A host with all tools.
    pub fn new(options: HostOptions) -> Arc<Self> {
        let workspace = Arc::new(options.workspace);
        let views = Arc::new(Views::default());
        let status = ToolHostStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            workspace: workspace.root().to_string_lossy().into_owned(),
            confinement: options.confinement,
            desktop: options.desktop,
        };
        let registry = crate::search::register(crate::files::register(Registry::new(), &views));
        Arc::new(Self { workspace, registry: Arc::new(registry), views, calls: Calls::default(), status })
    }

    /// Serves HTTP/2 (prior knowledge) on one connection until it ends or `stop` fires.
    ///
    /// # Errors
    /// When the connection breaks or the other side does not speak HTTP/2.
    pub async fn serve<Io>(self: &Arc<Self>, io: Io, stop: &CancellationToken) -> Result<(), hyper::Error>
    where
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        dial::serve_connection(routes::router(Arc::clone(self)), io, stop).await
    }

    /// Stops every call and every shell, and waits until they are gone.
    pub async fn shut_down(&self) {
        self.calls.stop_all().await;
    }

    async fn end_conversation(&self, conversation: &ConversationId) {
        self.views.forget(conversation);
    }
}
