//! A real host and a real client on the two ends of a socket pair.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use serde_json::Value;
use slipway_protocol::id::{CallId, ConversationId, InvocationId};
use slipway_protocol::problem::Problem;
use slipway_protocol::sandbox::{Channel, Confinement};
use slipway_protocol::tool::{ToolInvocation, ToolOutcome, ToolStreamItem};
use slipway_protocol::view::{KnownFile, RefreshViews, RenderedFile, ViewChange};
use slipway_tools::client::{ToolHostClient, accept};
use slipway_tools::fetch::FetchOptions;
use slipway_tools::host::{Credentials, Host, HostOptions, attach};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

pub(crate) const TOKEN: &str = "right";

/// A workspace with a host and a client to it. Everything ends when it is dropped.
pub(crate) struct Scene {
    _folder: tempfile::TempDir,
    pub(crate) base: PathBuf,
    pub(crate) root: PathBuf,
    pub(crate) host: Arc<Host>,
    pub(crate) client: ToolHostClient,
    _link: Link,
}

/// Both sides' tasks of one connection, which end when it is dropped.
pub(crate) struct Link(#[expect(dead_code, reason = "held for its drop")] tokio::task::JoinSet<()>);

pub(crate) fn credentials(token: &str) -> Credentials {
    Credentials { sandbox_id: "default".into(), token: token.to_owned() }
}

/// Connects `host` to a new client.
pub(crate) async fn connect(host: &Arc<Host>) -> (ToolHostClient, Link) {
    let (gateway_end, host_end) = UnixStream::pair().expect("a socket pair");
    let mut tasks = tokio::task::JoinSet::new();
    let host = Arc::clone(host);
    tasks.spawn(async move {
        let io = attach(host_end, &credentials(TOKEN), Channel::Tools).await.expect("accepted");
        let _ = host.serve(io, &CancellationToken::new()).await;
    });
    let (_, _, io) = accept(gateway_end, |hello| match hello.token == TOKEN {
        true => Ok(()),
        false => Err(Problem::new(401, "wrong_token", "the token is wrong")),
    })
    .await
    .expect("accepted");
    let (client, connection) = ToolHostClient::connect(io).await.expect("HTTP/2");
    tasks.spawn(async move {
        let _ = connection.await;
    });
    (client, Link(tasks))
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::with(|root| Workspace::open(root).expect("it exists")).await
    }

    pub(crate) async fn with(workspace: impl FnOnce(&Path) -> Workspace) -> Self {
        let folder = tempfile::tempdir().expect("a scratch directory");
        let base = folder.path().canonicalize().expect("it exists");
        let root = base.join("ws");
        std::fs::create_dir(&root).expect("scratch");
        let workspace = workspace(&root);
        let host = Host::new(HostOptions {
            workspace,
            confinement: Confinement::None,
            state_directory: base.clone(),
            environment: inheritable(std::env::vars_os()),
            display: None,
            fetch: Some(FetchOptions {
                // Nobody listens there: what is not on this machine's loopback cannot be fetched.
                proxy: (Ipv4Addr::LOCALHOST, 1).into(),
                converter: env!("CARGO_BIN_EXE_slipway-toolhost").into(),
            }),
            workspace_limit: None,
            command_patience: std::time::Duration::from_secs(120),
            desktop_idle: slipway_tools::desktop::IDLE_LIMIT,
            bounds: slipway_tools::bounds::Bounds::default(),
        })
        .expect("a writable directory");
        let (client, link) = connect(&host).await;
        Self { _folder: folder, base, root, host, client, _link: link }
    }

    /// Writes a file below the workspace, directories included.
    pub(crate) fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("scratch");
        std::fs::write(path, content).expect("scratch");
    }

    pub(crate) fn read(&self, path: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.root.join(path)).expect("a text file")
    }

    /// Calls a tool and waits for its result.
    pub(crate) async fn call(&self, name: &str, arguments: Value) -> ToolOutcome {
        call(&self.client, name, arguments).await
    }

    /// Reads a file and gives the model its view, as an engine does before the next step.
    pub(crate) async fn show(&self, path: &str) {
        let read = self.call("read_file", serde_json::json!({ "file": path })).await;
        self.refresh(read.view_changes.iter().map(opened).collect()).await;
    }

    /// The views that are due when these files are open, in the host's order.
    pub(crate) async fn refresh(&self, files: Vec<KnownFile>) -> Vec<RenderedFile> {
        let request = RefreshViews { conversation_id: conversation(), files, only_look: false };
        self.client.refresh_views(&request).await.expect("an answer").views
    }
}

pub(crate) fn conversation() -> ConversationId {
    ConversationId::from("conv_1")
}

pub(crate) fn invocation(arguments: Value) -> ToolInvocation {
    ToolInvocation {
        invocation_id: InvocationId::generate(),
        call_id: CallId::from("call_1"),
        conversation_id: conversation(),
        step: 1,
        arguments,
    }
}

pub(crate) async fn call(client: &ToolHostClient, name: &str, arguments: Value) -> ToolOutcome {
    let items = client.invoke(name, &invocation(arguments));
    let mut items = std::pin::pin!(items);
    loop {
        match items.next().await.expect("a result").expect("no failure") {
            ToolStreamItem::Output { .. } => {}
            ToolStreamItem::Result(outcome) => return *outcome,
            ToolStreamItem::Held => panic!("a tool host holds nothing"),
        }
    }
}

/// An open file without a view yet, as the engine would know it after these changes.
pub(crate) fn opened(change: &ViewChange) -> KnownFile {
    let ViewChange::Open { path, ranges } = change else { panic!("{change:?} opens nothing") };
    KnownFile { path: path.clone(), content_hash: None, ranges: ranges.clone(), ranges_changed: true }
}

/// The same file after the model was shown this view.
pub(crate) fn shown(view: &RenderedFile) -> KnownFile {
    KnownFile {
        path: view.path.clone(),
        content_hash: Some(view.content_hash.clone()),
        ranges: Vec::new(),
        ranges_changed: false,
    }
}
