//! The tool `run_terminal_command`.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::tool::{ToolAccess, ToolOutcome, ToolStatus};

use super::pool::{CommandRequest, RunError, ShellPool};
use super::watch::Verdict;
use crate::ports::{PortNews, Ports};
use crate::registry::{Tool, ToolContext};
use crate::resources::Resources;

const MAX_TIMEOUT: u64 = 3600;

/// Arguments of `run_terminal_command`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RunTerminalCommandArguments {
    /// The command or script, as you would type it.
    command: String,
    /// Seconds to wait for the command to end, 1 to 3600 (usually 120). When they are over it goes on under
    /// a process id.
    #[serde(default)]
    timeout: Option<u64>,
    /// Start the command in a terminal of its own and return at once with a process id.
    #[serde(default)]
    background: bool,
    /// First replace the terminal with a fresh one in the workspace: variables, directory and background
    /// jobs of the present one are gone.
    #[serde(default)]
    new_shell: bool,
}

/// Runs commands in the conversation's shell.
pub struct RunTerminalCommand {
    shells: Arc<ShellPool>,
    resources: Arc<Resources>,
    news: PortNews,
    /// What a command gets when its call names no time.
    patience: Duration,
}

impl RunTerminalCommand {
    /// The tool, on these shells. `patience` is how long it waits when a call names no time.
    pub fn new(
        shells: Arc<ShellPool>,
        resources: Arc<Resources>,
        ports: Arc<Ports>,
        patience: Duration,
    ) -> Self {
        Self { shells, resources, news: PortNews::new(ports), patience }
    }
}

impl Tool for RunTerminalCommand {
    type Arguments = RunTerminalCommandArguments;
    const NAME: &'static str = "run_terminal_command";
    const DESCRIPTION: &'static str = "Run a bash command in a persistent terminal: directory, variables, \
        functions and background jobs stay for the next call. Multi-line scripts and heredocs are fine. The \
        result shows the output (of a long one the beginning, the end and the file that has all of it) and \
        the exit code. A command that asks for input, shows a full screen or exceeds the timeout goes on and \
        comes back with a process id for the `process` tool. Start servers and other programs that do not \
        end by themselves with `background`.";
    const ACCESS: ToolAccess = ToolAccess::Writing;

    async fn run(self: Arc<Self>, arguments: Self::Arguments, context: ToolContext) -> ToolOutcome {
        if arguments.command.contains('\0') {
            return ToolOutcome::error(
                "The command contains a NUL character, which bash cannot read. Write it as an escape, for \
                 example with printf.",
            );
        }
        let request = CommandRequest {
            command: arguments.command,
            timeout: arguments
                .timeout
                .map_or(self.patience, |seconds| Duration::from_secs(seconds.clamp(1, MAX_TIMEOUT))),
            background: arguments.background,
            new_shell: arguments.new_shell,
        };
        let live = context.output.clone();
        let mark = self.resources.mark(&context.conversation_id);
        match self.shells.run(&context.conversation_id, request, live, &context.cancel).await {
            Ok(report) => {
                let exit_code = report.data.exit_code;
                let news = self.news.of(&self.shells, &context.conversation_id).await;
                let id = context.conversation_id;
                let note = move || self.resources.note(&id, Some(mark), exit_code);
                let note = tokio::task::spawn_blocking(note).await;
                let text = report.text + &note.ok().flatten().unwrap_or_default() + &news;
                ToolOutcome {
                    data: serde_json::to_value(&report.data).unwrap_or_default(),
                    truncated: report.truncated,
                    ..ToolOutcome::new(status(&report.verdict, arguments.background), text)
                }
            }
            Err(RunError::Stopped) => {
                ToolOutcome::new(ToolStatus::Stopped, "The command was stopped before it began.")
            }
            Err(error @ (RunError::NoShell(_) | RunError::Closed)) => ToolOutcome::error(format!(
                "The command was not run: {error}. Try again; if that fails too, tell the person."
            )),
        }
    }
}

fn status(verdict: &Verdict, background: bool) -> ToolStatus {
    match verdict {
        Verdict::Cancelled => ToolStatus::Stopped,
        Verdict::TimedOut if !background => ToolStatus::TimedOut,
        Verdict::TimedOut
        | Verdict::Finished(_)
        | Verdict::Died(_)
        | Verdict::WaitsForInput
        | Verdict::FullScreen => ToolStatus::Ok,
    }
}
