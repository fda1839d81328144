//! The sandbox: tool hosts that attach to the gateway's socket.

use std::sync::Arc;

use slipway_protocol::api::SandboxStatus;
use tokio::sync::watch;

/// The attached tool host, if any. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SandboxRegistry {
    status: Arc<watch::Sender<SandboxStatus>>,
}

impl Default for SandboxRegistry {
    fn default() -> Self {
        Self { status: Arc::new(watch::Sender::new(detached())) }
    }
}

impl SandboxRegistry {
    /// The sandbox as the person should see it.
    pub fn status(&self) -> SandboxStatus {
        self.status.borrow().clone()
    }

    /// The attached tool host; `None` while none is attached. Runs follow [`Self::watch`] until one is.
    pub fn client(&self) -> Option<slipway_tools::client::ToolHostClient> {
        None
    }

    /// Follows the status.
    pub fn watch(&self) -> watch::Receiver<SandboxStatus> {
        self.status.subscribe()
    }
}

fn detached() -> SandboxStatus {
    SandboxStatus {
        attached: false,
        confinement: None,
        workspace: String::new(),
        desktop: false,
        warning: None,
    }
}
