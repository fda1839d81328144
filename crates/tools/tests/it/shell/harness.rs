//! A shell pool of its own for each test.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use slipway_protocol::id::{ConversationId, InvocationId};
use slipway_protocol::sandbox::Confinement;
use slipway_protocol::tool::ToolOutcome;
use slipway_tools::ports::Ports;
use slipway_tools::process::ProcessTool;
use slipway_tools::registry::{OutputSink, Registry, ToolContext};
use slipway_tools::resources::Resources;
use slipway_tools::shell::{CommandReport, CommandRequest, ShellOptions, ShellPool};
use slipway_tools::workspace::{Owner, Workspace};
use tokio_util::sync::CancellationToken;

/// A pool in a temporary directory.
pub(super) struct Shells {
    pub(super) pool: Arc<ShellPool>,
    pub(super) workspace: Arc<Workspace>,
    pub(super) directory: tempfile::TempDir,
    processes: Registry,
    conversation: ConversationId,
}

impl Shells {
    /// Shells of the user who runs the tests.
    pub(super) fn start() -> Self {
        Self::start_as(None)
    }

    /// Shells of another user, which only root can start.
    pub(super) fn start_as(owner: Option<Owner>) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let root = directory.path().join("workspace");
        std::fs::create_dir(&root).expect("a workspace");
        let mut workspace = Workspace::open(&root).expect("a workspace");
        if let Some(owner) = owner {
            std::os::unix::fs::chown(&root, Some(owner.uid), Some(owner.gid)).expect("root may do so");
            let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(directory.path(), open).expect("own directory");
            workspace = workspace.with_owner(owner);
        }
        let workspace = Arc::new(workspace);
        let pool = ShellPool::new(ShellOptions {
            workspace: Arc::clone(&workspace),
            state_directory: directory.path().to_owned(),
            environment: slipway_tools::shell::inheritable(std::env::vars_os()),
            desktop: None,
            bounds: slipway_tools::bounds::OutputBounds::default(),
        });
        let pool = Arc::new(pool.expect("a pool"));
        let resources = Resources::new(Arc::clone(&workspace), Confinement::None, None);
        let ports = Arc::new(Ports::new(Arc::clone(&pool), Arc::clone(&workspace)));
        let processes = Registry::new().with(ProcessTool::new(Arc::clone(&pool), ports, resources));
        Self { pool, workspace, directory, processes, conversation: ConversationId::from("conv_test") }
    }

    /// Runs a command with the default settings.
    pub(super) async fn run(&self, command: &str) -> CommandReport {
        self.request(request(command)).await
    }

    pub(super) async fn request(&self, request: CommandRequest) -> CommandReport {
        let cancel = CancellationToken::new();
        let report = self.pool.run(&self.conversation, request, OutputSink::discard(), &cancel).await;
        report.expect("the command is run")
    }

    /// Runs a command and checks its exit code and all of its output.
    pub(super) async fn check(&self, command: &str, exit_code: i32, output: &str) {
        let report = self.run(command).await;
        assert_eq!(printed(&report), output, "{command}\n{report:#?}");
        assert_eq!(report.data.exit_code, Some(exit_code), "{command}\n{report:#?}");
    }

    /// Calls the process tool.
    pub(super) async fn process(&self, action: &str, id: &str) -> ToolOutcome {
        self.call_process(json!({ "action": action, "process_id": id })).await
    }

    /// Types a text (with Enter, unless it is empty) and keys.
    pub(super) async fn write(&self, id: &str, input: &str, keys: &[&str]) -> ToolOutcome {
        self.call_process(json!({ "action": "write", "process_id": id, "input": input, "keys": keys })).await
    }

    async fn call_process(&self, arguments: serde_json::Value) -> ToolOutcome {
        let context = ToolContext {
            workspace: Arc::clone(&self.workspace),
            conversation_id: self.conversation.clone(),
            invocation_id: InvocationId::generate(),
            step: 1,
            output: OutputSink::discard(),
            cancel: CancellationToken::new(),
        };
        self.processes.dispatch("process", arguments, context).await
    }

    pub(super) fn conversation(&self) -> &ConversationId {
        &self.conversation
    }
}

/// A command that is waited for.
pub(super) fn request(command: &str) -> CommandRequest {
    CommandRequest {
        command: command.to_owned(),
        timeout: Duration::from_secs(30),
        background: false,
        new_shell: false,
    }
}

/// A command in a shell that knows nothing of the present one.
pub(super) fn fresh(command: &str) -> CommandRequest {
    CommandRequest { new_shell: true, ..request(command) }
}

/// What the command printed: the text without its last line, which is about the command.
pub(super) fn printed(report: &CommandReport) -> &str {
    report.text.rsplit_once('[').map_or("", |(output, _)| output)
}
