//! A tool host in this process, called as the gateway calls it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use futures::StreamExt as _;
use serde_json::Value;
use slipway_protocol::checkpoint::Scan;
use slipway_protocol::sandbox::{Channel, Confinement};
use slipway_protocol::tool::{ToolInvocation, ToolOutcome, ToolStatus, ToolStreamItem};
use slipway_protocol::{CallId, ConversationId, InvocationId};
use slipway_tools::client::{ToolHostClient, accept};
use slipway_tools::host::{Credentials, Host, HostOptions, attach};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// A host with a workspace of its own, and a client to it; both end when this is dropped.
pub struct LocalHost {
    runtime: Runtime,
    client: ToolHostClient,
    workspace: PathBuf,
    _state: TempDir,
    _own_workspace: Option<TempDir>,
}

impl LocalHost {
    /// Starts a host.
    ///
    /// # Errors
    /// When there is no room for its files or the two ends do not come together.
    pub fn start() -> anyhow::Result<Self> {
        let workspace = tempfile::tempdir()?;
        Self::start_in(workspace.path()).map(|host| Self { _own_workspace: Some(workspace), ..host })
    }

    /// Starts a host that works in an existing directory.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub fn start_in(workspace: &Path) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let directory = tempfile::tempdir()?;
        let options = HostOptions {
            workspace: Workspace::open(workspace)?,
            confinement: Confinement::None,
            state_directory: directory.path().canonicalize()?,
            environment: inheritable(std::env::vars_os()),
            display: None,
            fetch: None,
            workspace_limit: None,
            command_patience: std::time::Duration::from_secs(120),
            desktop_idle: slipway_tools::desktop::IDLE_LIMIT,
            bounds: slipway_tools::bounds::Bounds::default(),
        };
        let client = runtime.block_on(async {
            let host = Host::new(options)?;
            connect(&host).await
        })?;
        let workspace = workspace.to_owned();
        Ok(Self { runtime, client, workspace, _state: directory, _own_workspace: None })
    }

    /// Where its tools work.
    pub fn workspace(&self) -> PathBuf {
        self.workspace.clone()
    }

    /// Reads the workspace's state.
    ///
    /// # Errors
    /// When that fails.
    pub fn scan(&self) -> anyhow::Result<Scan> {
        Ok(self.runtime.block_on(self.client.scan())?)
    }

    /// Calls a tool and waits for its result.
    ///
    /// # Errors
    /// When the call does not succeed.
    pub fn call(&self, tool: &str, arguments: &Value) -> anyhow::Result<ToolOutcome> {
        let invocation = ToolInvocation {
            invocation_id: InvocationId::generate(),
            call_id: CallId::generate(),
            conversation_id: ConversationId::from("conv_bench"),
            step: 1,
            arguments: arguments.clone(),
        };
        self.runtime.block_on(async {
            let mut items = std::pin::pin!(self.client.invoke(tool, &invocation));
            while let Some(item) = items.next().await {
                match item? {
                    ToolStreamItem::Output { .. } => {}
                    ToolStreamItem::Result(outcome) if outcome.status == ToolStatus::Ok => {
                        return Ok(*outcome);
                    }
                    ToolStreamItem::Result(outcome) => bail!("the call failed: {}", outcome.text),
                    ToolStreamItem::Held => bail!("the call is to be approved first"),
                }
            }
            bail!("the call had no result")
        })
    }
}

async fn connect(host: &Arc<Host>) -> anyhow::Result<ToolHostClient> {
    let (gateway_end, host_end) = UnixStream::pair()?;
    let serving = Arc::clone(host);
    tokio::spawn(async move {
        let credentials = Credentials { sandbox_id: "default".into(), token: "bench".to_owned() };
        let io = attach(host_end, &credentials, Channel::Tools).await.context("attaching")?;
        serving.serve(io, &CancellationToken::new()).await.context("serving")
    });
    let (_, _, io) = accept(gateway_end, |_| Ok(())).await?;
    let (client, connection) = ToolHostClient::connect(io).await?;
    tokio::spawn(connection);
    Ok(client)
}
