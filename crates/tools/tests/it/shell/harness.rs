//! A shell pool of its own for each test.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use slipway_protocol::id::ConversationId;
use slipway_tools::registry::OutputSink;
use slipway_tools::shell::{CommandReport, CommandRequest, ShellOptions, ShellPool};
use slipway_tools::workspace::Workspace;
use tokio_util::sync::CancellationToken;

/// A pool in a temporary directory.
pub(super) struct Shells {
    pub(super) pool: Arc<ShellPool>,
    pub(super) workspace: Arc<Workspace>,
    pub(super) directory: tempfile::TempDir,
    conversation: ConversationId,
}

impl Shells {
    pub(super) fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let root = directory.path().join("workspace");
        std::fs::create_dir(&root).expect("a workspace");
        let workspace = Arc::new(Workspace::open(&root).expect("a workspace"));
        let pool = ShellPool::new(ShellOptions {
            workspace: Arc::clone(&workspace),
            state_directory: directory.path().to_owned(),
            environment: path_variable(),
            desktop: None,
        });
        let pool = Arc::new(pool.expect("a pool"));
        Self { pool, workspace, directory, conversation: ConversationId::from("conv_test") }
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

/// What the command printed: the text without its last line, which is about the command.
pub(super) fn printed(report: &CommandReport) -> &str {
    report.text.rsplit_once('[').map_or("", |(output, _)| output)
}

/// The path of this machine, so that tests find its python and git.
fn path_variable() -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    static PATH: OnceLock<Vec<(std::ffi::OsString, std::ffi::OsString)>> = OnceLock::new();
    PATH.get_or_init(|| slipway_tools::shell::inheritable(std::env::vars_os())).clone()
}
