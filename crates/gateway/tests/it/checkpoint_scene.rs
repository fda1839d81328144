//! A gateway with a real tool host and a workspace, and an engine that the test plays.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::event::RunStatus;
use slipway_protocol::run::RunOutcome;
use slipway_protocol::sandbox::{Channel, Confinement};
use slipway_tools::host::{Credentials, Host, HostOptions, attach};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::core_client::{Follower, Setup};
use crate::core_engine::{EngineRun, LIMIT};
use crate::harness::TestGateway;

/// What is on the disk at each path: mode and content, or a link's target.
pub(crate) type Disk = BTreeMap<PathBuf, (u32, Vec<u8>)>;

/// Everything that takes part. The host ends when it is dropped.
pub(crate) struct Scene {
    pub(crate) setup: Setup,
    pub(crate) folder: TempDir,
    _stop: DropGuard,
    turns: usize,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let setup = Setup::without_host().await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("ws")).unwrap();
        std::fs::create_dir(folder.path().join("further")).unwrap();
        let stop = attach_host(&setup.gateway, &folder.path().join("ws")).await;
        Self { setup, folder, _stop: stop, turns: 0 }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("ws")
    }

    /// Where a further workspace is.
    pub(crate) fn further(&self, id: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("further").join(id)
    }

    /// Writes a file below the workspace.
    pub(crate) fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        put(&self.root(), path, content);
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root().join(path)).unwrap()
    }

    pub(crate) fn disk(&self) -> Disk {
        on_disk(&self.root())
    }

    /// A run of one step, in which `change` happens.
    pub(crate) async fn turn(&mut self, change: impl FnOnce(&Path)) -> String {
        let mut follower = self.setup.follow().await;
        let (mut run, id) = self.begin().await;
        change(&self.root());
        self.end(&mut run).await;
        run.finish(RunOutcome::Completed);
        follower.until_status(RunStatus::Done).await;
        id
    }

    /// Begins a run and a step that may change something: its call has ended when this returns.
    pub(crate) async fn begin(&mut self) -> (EngineRun, String) {
        self.turns += 1;
        self.setup.say(&format!("turn {}", self.turns)).await;
        let mut run = self.setup.engine.run().await;
        let id = run.request.run_id.to_string();
        self.call(&mut run, "true").await;
        (run, id)
    }

    /// A step with a command.
    pub(crate) async fn call(&mut self, run: &mut EngineRun, command: &str) {
        self.turns += 1;
        let (call, invocation) = (format!("call_{}", self.turns), format!("inv_{}", self.turns));
        let step = run.step();
        run.answer(&step, "", &[&call]);
        let arguments = json!({ "command": command });
        let answer = run.call_tool_with("run_terminal_command", &invocation, &call, None, arguments).await;
        assert_eq!(answer.status(), 200);
        let text = answer.text().await.unwrap();
        assert!(text.contains("\"status\":\"ok\""), "{text}");
        run.result(&call, "done");
    }

    /// The model is asked once more, and has nothing to do.
    pub(crate) async fn end(&mut self, run: &mut EngineRun) {
        let step = run.step();
        run.answer(&step, "done", &[]);
    }

    /// The conversation's checkpoints, oldest first.
    pub(crate) async fn checkpoints(&self) -> Vec<Value> {
        let page = self.setup.gateway.get(&self.setup.path("/checkpoints")).await;
        let mut items = page["items"].as_array().unwrap().clone();
        items.reverse();
        items
    }

    /// Id of the newest checkpoint of this kind.
    pub(crate) async fn newest(&self, kind: &str) -> Value {
        let all = self.checkpoints().await;
        all.iter().rfind(|checkpoint| checkpoint["kind"] == kind).expect(kind)["id"].clone()
    }

    pub(crate) async fn changes(&self, query: &str) -> Value {
        self.setup.gateway.get(&self.setup.path(&format!("/changes{query}"))).await
    }

    pub(crate) async fn diff(&self, changes: &Value, path: &str) -> Value {
        let (from, to) = (changes["from"].as_str().unwrap(), changes["to"].as_str().unwrap());
        let query = format!("/changes/file?from={from}&to={to}&path={path}");
        self.setup.gateway.get(&self.setup.path(&query)).await
    }

    pub(crate) async fn restore(&self, wanted: Value) -> (u16, Value) {
        self.setup.gateway.send(Method::POST, &self.setup.path("/restore"), &wanted).await
    }

    /// Restores everything, which must succeed.
    pub(crate) async fn restore_all(&self, checkpoint: &Value) -> Value {
        let (status, receipt) = self.restore(json!({ "checkpoint_id": checkpoint })).await;
        assert_eq!((status, &receipt["failed"]), (200, &json!([])), "{receipt}");
        receipt
    }

    pub(crate) async fn follow(&self) -> Follower {
        self.setup.follow().await
    }
}

pub(crate) fn put(root: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

pub(crate) fn on_disk(root: &Path) -> Disk {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            let content = if metadata.is_dir() {
                open.push(path.clone());
                Vec::new()
            } else if metadata.is_symlink() {
                path.read_link().unwrap().as_os_str().as_bytes().to_vec()
            } else {
                std::fs::read(&path).unwrap()
            };
            found.insert(path.strip_prefix(root).unwrap().to_owned(), (metadata.mode(), content));
        }
    }
    found
}

/// Attaches a real tool host to a workspace, with further ones beside it if there is a place; it ends when what this gives is dropped.
pub(crate) async fn attach_host(gateway: &TestGateway, workspace: &Path) -> DropGuard {
    let further = workspace.with_file_name("further");
    let options = HostOptions {
        workspace: Workspace::open(&workspace.canonicalize().unwrap()).unwrap(),
        confinement: Confinement::None,
        state_directory: gateway.directory.path().to_owned(),
        environment: inheritable(std::env::vars_os()),
        display: None,
        workspace_limit: None,
        command_patience: std::time::Duration::from_secs(120),
        desktop_idle: slipway_tools::desktop::IDLE_LIMIT,
        fetch: None,
        bounds: slipway_tools::bounds::Bounds::default(),
    };
    let host = Host::with_further(options, further.canonicalize().ok()).unwrap();
    let stop = CancellationToken::new();
    let stream = UnixStream::connect(gateway.directory.path().join("sandbox.sock")).await.unwrap();
    let credentials =
        Credentials { sandbox_id: "default".into(), token: "sandbox-token-of-the-test".to_owned() };
    let io = attach(stream, &credentials, Channel::Tools).await.unwrap();
    let stopped = stop.clone();
    tokio::spawn(async move { host.serve(io, &stopped).await.ok() });
    assert!(gateway.app().sandboxes.wait_for_client(LIMIT).await.is_some());
    stop.drop_guard()
}
