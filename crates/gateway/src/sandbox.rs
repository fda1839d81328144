//! The sandbox: the tool host that attaches to the gateway's socket.

use std::sync::Arc;
use std::time::Duration;

use slipway_protocol::WorkspaceId;
use slipway_protocol::api::SandboxStatus;
use slipway_protocol::sandbox::{Confinement, ListeningPort, OpenPort, ToolHostStatus};
use slipway_tools::client::ToolHostClient;
use tokio::sync::watch;

use crate::store::now_ms;

mod attach;
mod orders;
mod settings;
mod socket;

pub use attach::accept_connections;
pub use orders::SandboxOrders;
pub use settings::{egress_policy, present as settings, report as settings_report, save as save_settings};
pub use socket::{SocketError, bind as bind_socket};

/// The attached tool host, if any. Cheap to clone.
#[derive(Clone)]
pub struct SandboxRegistry {
    attachment: Arc<watch::Sender<Attachment>>,
}

/// The state of the one sandbox.
struct Attachment {
    client: Option<ToolHostClient>,
    status: SandboxStatus,
    /// Since when a tool host is attached, or none is, in ms since the epoch.
    since: i64,
    /// What the agent's programs listen on, with whose they are.
    ports: Vec<ListeningPort>,
}

impl Default for SandboxRegistry {
    fn default() -> Self {
        let status = SandboxStatus {
            attached: false,
            confinement: None,
            workspace: String::new(),
            workspaces: None,
            desktop: false,
            person_drives: false,
            ports: Vec::new(),
            warning: None,
        };
        Self {
            attachment: Arc::new(watch::Sender::new(Attachment {
                client: None,
                status,
                since: now_ms(),
                ports: Vec::new(),
            })),
        }
    }
}

impl SandboxRegistry {
    /// The attached tool host; `None` when there is none or its connection is gone.
    pub fn client(&self) -> Option<ToolHostClient> {
        live(&self.attachment.borrow()).cloned()
    }

    /// The attached tool host, asked about a workspace; `None` also when it knows of no further ones. Never another
    /// workspace instead.
    pub fn client_in(&self, workspace: &WorkspaceId) -> Option<ToolHostClient> {
        let attachment = self.attachment.borrow();
        let is_known = workspace.is_default() || attachment.status.workspaces.is_some();
        live(&attachment).filter(|_| is_known).map(|client| client.in_workspace(workspace))
    }

    /// Whether there can be further workspaces.
    pub fn can_have_workspaces(&self) -> bool {
        let attachment = self.attachment.borrow();
        attachment.status.attached && attachment.status.workspaces.is_some()
    }

    /// Absolute path of a workspace as tools see it; empty while that is not known.
    pub fn path_of(&self, workspace: &WorkspaceId) -> String {
        let attachment = self.attachment.borrow();
        match &attachment.status.workspaces {
            _ if workspace.is_default() => attachment.status.workspace.clone(),
            Some(directory) => format!("{directory}/{workspace}"),
            None => String::new(),
        }
    }

    /// Waits at most `limit` for a tool host to be attached.
    pub async fn wait_for_client(&self, limit: Duration) -> Option<ToolHostClient> {
        let mut changes = self.attachment.subscribe();
        let attached = changes.wait_for(|attachment| live(attachment).is_some());
        let attachment = tokio::time::timeout(limit, attached).await.ok()?.ok()?;
        live(&attachment).cloned()
    }

    /// The sandbox as the person should see it.
    pub fn status(&self) -> SandboxStatus {
        self.attachment.borrow().status.clone()
    }

    /// Since when [`SandboxStatus::attached`] is what it is, in ms since the epoch.
    pub fn since(&self) -> i64 {
        self.attachment.borrow().since
    }

    /// What the agent's programs listen on, with the conversations they belong to: for whoever sees to it that each
    /// person is told of their own only.
    pub fn ports(&self) -> Vec<ListeningPort> {
        self.attachment.borrow().ports.clone()
    }

    /// Makes `client` the attached tool host; `false` when another one is alive.
    fn attach(&self, client: &ToolHostClient, host: &ToolHostStatus) -> bool {
        self.attachment.send_if_modified(|attachment| {
            if live(attachment).is_some() {
                return false;
            }
            attachment.client = Some(client.clone());
            attachment.since = now_ms();
            attachment.status = attached_status(host);
            true
        })
    }

    /// Notes what the agent's programs listen on; `false` when that is known.
    fn set_ports(&self, ports: Vec<ListeningPort>) -> bool {
        self.attachment.send_if_modified(|attachment| {
            let changed = attachment.ports != ports;
            attachment.status.ports = ports.iter().map(OpenPort::of_nobody).collect();
            attachment.ports = ports;
            changed
        })
    }

    /// Notes that the attached tool host is gone.
    fn detach(&self) {
        self.attachment.send_modify(|attachment| {
            attachment.client = None;
            attachment.since = now_ms();
            attachment.status.attached = false;
            attachment.status.ports.clear();
            attachment.ports.clear();
        });
    }
}

fn live(attachment: &Attachment) -> Option<&ToolHostClient> {
    attachment.client.as_ref().filter(|client| !client.is_closed())
}

fn attached_status(host: &ToolHostStatus) -> SandboxStatus {
    SandboxStatus {
        attached: true,
        confinement: Some(host.confinement),
        workspace: host.workspace.clone(),
        workspaces: host.workspaces.clone(),
        desktop: host.desktop,
        person_drives: false,
        ports: Vec::new(),
        warning: warning(host.confinement).map(str::to_owned),
    }
}

/// What the person must know about how the tools are fenced in.
fn warning(confinement: Confinement) -> Option<&'static str> {
    match confinement {
        Confinement::Container => None,
        Confinement::Landlock => Some(
            "Not a container: the agent's commands run on this machine as your user. The kernel (Landlock) \
             keeps them from writing outside the workspace, but they can read your files and use the network.",
        ),
        Confinement::None => Some(
            "Not a container: the agent's commands run on this machine as your user, and nothing but file \
             permissions keeps them from your files and the network.",
        ),
    }
}
