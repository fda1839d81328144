//! The shell of one conversation and the commands that queue for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::left_running::ProcessTable;
use super::pool::{Base, CommandRequest, RunError};
use super::report::{CommandData, CommandStatus, show, spoken};
use super::session::{Blueprint, Session, StartError};
use super::shared::{Death, Phase};
use super::stop;
use super::watch::{Verdict, watch};
use crate::registry::OutputSink;

/// How long a command in the background is watched for an early end, such as a misspelt name.
const BACKGROUND_LOOK: Duration = Duration::from_millis(150);

/// How long the first command waits for the desktop to come up.
const DESKTOP_PATIENCE: Duration = Duration::from_secs(1);

/// A command that waits for its turn.
pub(super) struct Job {
    pub(super) request: CommandRequest,
    pub(super) live: OutputSink,
    pub(super) cancel: CancellationToken,
    pub(super) reply: oneshot::Sender<Result<CommandReport, RunError>>,
    /// Set when its turn has come.
    pub(super) begun: Arc<AtomicBool>,
}

/// What is told of a command.
#[derive(Debug, Clone)]
pub struct CommandReport {
    /// For the UI.
    pub data: CommandData,
    /// For the model.
    pub text: String,
    /// Whether the text leaves output out.
    pub truncated: bool,
    /// What became of it.
    pub(crate) verdict: Verdict,
}

/// The state of one conversation; only its own task touches it.
pub(super) struct Conversation {
    base: Arc<Base>,
    directory: PathBuf,
    table: Arc<ProcessTable>,
    shell: Option<Session>,
    /// Where the newest shell keeps what a successor carries on from.
    state: Option<PathBuf>,
    cwd: String,
    shells: u32,
    commands: u32,
    /// Whether a command of this conversation has waited for the desktop already.
    desktop_awaited: bool,
}

impl Conversation {
    pub(super) fn new(base: Arc<Base>, directory: PathBuf, table: Arc<ProcessTable>) -> Self {
        let cwd = base.workspace.root().display().to_string();
        Self {
            base,
            directory,
            table,
            shell: None,
            state: None,
            cwd,
            shells: 0,
            commands: 0,
            desktop_awaited: false,
        }
    }

    /// Carries out jobs one after the other until `end` fires, then ends everything.
    pub(super) async fn serve(mut self, mut jobs: mpsc::Receiver<Job>, end: CancellationToken) {
        loop {
            let job = tokio::select! {
                biased;
                () = end.cancelled() => break,
                job = jobs.recv() => job,
            };
            let Some(job) = job else { break };
            job.begun.store(true, Ordering::Relaxed);
            if job.cancel.is_cancelled() {
                let _ = job.reply.send(Err(RunError::Stopped));
                continue;
            }
            // Ending the conversation ends the command, too.
            let ended = end.clone();
            let cancel = job.cancel.clone();
            let _cancelling = tokio_util::task::AbortOnDropHandle::new(tokio::spawn(async move {
                ended.cancelled().await;
                cancel.cancel();
            }));
            let report = self.run(&job).await;
            // Nobody waits any more: the call was dropped, and the command stopped.
            let _ = job.reply.send(report.map_err(RunError::from));
        }
        self.end().await;
    }

    async fn run(&mut self, job: &Job) -> Result<CommandReport, StartError> {
        self.start_desktop().await;
        if job.request.new_shell {
            self.discard_shell().await;
        }
        let started = Instant::now();
        let mut attempt = self.attempt(job).await?;
        if matches!(attempt.verdict, Verdict::Died(_)) && !attempt.session.shared.has_begun() {
            // The old shell was dying already, so that the command's text was never reached.
            attempt = Attempt { shell: Shell::Replaced, ..self.attempt(job).await? };
        }
        if attempt.verdict == Verdict::Cancelled {
            stop::stop_command(&attempt.session).await;
        }
        let mut outcome = Outcome::new(&attempt, job, started, &self.cwd);
        self.settle(attempt.session, &mut outcome, job, started).await;
        Ok(outcome.into_report())
    }

    /// Has the desktop run. Only the first command waits for it: one that cannot start must not slow down
    /// all of them, and programs that need it say so themselves.
    async fn start_desktop(&mut self) {
        let Some(desktop) = &self.base.desktop else { return };
        if self.desktop_awaited {
            desktop.start();
            return;
        }
        self.desktop_awaited = true;
        let _ = tokio::time::timeout(DESKTOP_PATIENCE, desktop.ensure_started()).await;
    }

    /// Hands the command to a shell and waits for something to tell.
    async fn attempt(&mut self, job: &Job) -> Result<Attempt, StartError> {
        let (session, shell) = self.begin(&job.request).await?;
        if !job.request.background {
            self.state = Some(session.state_file());
        }
        let limit = if job.request.background { BACKGROUND_LOOK } else { job.request.timeout };
        let deadline = tokio::time::Instant::now() + limit;
        let verdict = watch(&session, deadline, &job.live, &job.cancel).await;
        Ok(Attempt { session, shell, verdict })
    }

    /// The conversation's own shell, or a fresh one that carries on from it, with the command begun.
    async fn begin(&mut self, request: &CommandRequest) -> Result<(Session, Shell), StartError> {
        let output = self.next_output_file();
        let mut shell = Shell::AsExpected;
        let reusable = if request.background { None } else { self.shell.take() };
        if let Some(mut session) = reusable {
            match session.begin(&request.command, output.clone()) {
                Ok(()) => return Ok((session, shell)),
                Err(error) => {
                    tracing::info!(%error, "a shell is gone");
                    shell = Shell::Replaced;
                }
            }
        }
        let mut session = self.start_shell().await?;
        session.begin(&request.command, output).map_err(|source| self.base.cannot_start(source))?;
        Ok((session, shell))
    }

    async fn start_shell(&mut self) -> Result<Session, StartError> {
        self.shells += 1;
        let files = self.directory.join(format!("shell-{}", self.shells));
        self.base.create_directory(&files).map_err(|source| self.base.cannot_start(source))?;
        Session::start(Blueprint {
            workspace: &self.base.workspace,
            environment: &self.base.environment,
            init: &self.base.init,
            files,
            restored_from: self.state.clone(),
            tracker: &self.base.tracker,
        })
        .await
    }

    /// Decides what becomes of the shell that carried out a command.
    async fn settle(&mut self, session: Session, outcome: &mut Outcome, job: &Job, started: Instant) {
        match &outcome.verdict {
            Verdict::Finished(_) | Verdict::Cancelled if !job.request.background => {
                if let Phase::Finished(completion) = session.shared.phase() {
                    self.cwd.clone_from(&completion.directory);
                    self.shell = Some(session);
                }
            }
            Verdict::TimedOut | Verdict::WaitsForInput | Verdict::FullScreen => {
                let shown = session.shared.recording(|recording| recording.total());
                let (process, attend) = self.table.adopt(session, &job.request.command, started, shown);
                self.base.tracker.spawn(attend);
                outcome.data.process_id = Some(process.id.clone());
            }
            Verdict::Finished(_) | Verdict::Cancelled | Verdict::Died(_) => {
                self.base.tracker.spawn(async move { stop::retire(&session).await });
            }
        }
    }

    fn next_output_file(&mut self) -> PathBuf {
        self.commands += 1;
        self.directory.join(format!("output-{}.log", self.commands))
    }

    async fn discard_shell(&mut self) {
        if let Some(session) = self.shell.take() {
            stop::close(&session).await;
        }
        self.state = None;
        self.cwd = self.base.workspace.root().display().to_string();
    }

    async fn end(mut self) {
        self.discard_shell().await;
        for process in self.table.take_all() {
            stop::close(&process.session).await;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.directory) {
            tracing::warn!(path = %self.directory.display(), %error, "cannot remove a shell's files");
        }
    }
}

/// A command that was handed to a shell, and what came of it.
struct Attempt {
    session: Session,
    shell: Shell,
    verdict: Verdict,
}

/// Which shell a command got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shell {
    /// The one that the model counts on.
    AsExpected,
    /// A fresh one: the other had died meanwhile.
    Replaced,
}

/// What is known of a command when its call is answered.
struct Outcome {
    verdict: Verdict,
    shell: Shell,
    data: CommandData,
    output: String,
    truncated: bool,
    background: bool,
    cwd_before: String,
    waited: Duration,
    duration: Duration,
}

impl Outcome {
    fn new(attempt: &Attempt, job: &Job, started: Instant, cwd: &str) -> Self {
        let Attempt { session, shell, verdict } = attempt;
        let duration = started.elapsed();
        let (shown, screen, total_bytes) = session
            .shared
            .recording(|recording| (show(recording, 0), recording.screen.contents(), recording.total()));
        let (status, exit_code) = match (verdict, session.shared.phase()) {
            (Verdict::Finished(completion), _) => (CommandStatus::Exited, Some(completion.exit_code)),
            (Verdict::Died(death), _) => (CommandStatus::Exited, Some(exit_code(*death))),
            (Verdict::Cancelled, Phase::Finished(completion)) => {
                (CommandStatus::Killed, Some(completion.exit_code))
            }
            (Verdict::Cancelled, _) => (CommandStatus::Killed, None),
            (Verdict::TimedOut, _) => (CommandStatus::Running, None),
            (Verdict::WaitsForInput | Verdict::FullScreen, _) => (CommandStatus::WaitingForInput, None),
        };
        let after = match session.shared.phase() {
            Phase::Finished(completion) if !job.request.background => completion.directory,
            _ => cwd.to_owned(),
        };
        let data = CommandData {
            command: job.request.command.clone(),
            cwd: after,
            exit_code,
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            status,
            process_id: None,
            total_bytes,
            full_output: shown.full_output,
        };
        let output = match (verdict, screen) {
            (Verdict::FullScreen, Some(screen)) => format!("{}{screen}\n", shown.text),
            _ => shown.text,
        };
        let cwd_before = cwd.to_owned();
        Self {
            verdict: verdict.clone(),
            shell: *shell,
            data,
            output,
            truncated: shown.truncated,
            background: job.request.background,
            cwd_before,
            waited: job.request.timeout,
            duration,
        }
    }

    fn into_report(self) -> CommandReport {
        let replaced = match self.shell {
            Shell::AsExpected => "",
            Shell::Replaced => {
                "; the shell had died before this command and was replaced: directory and exported variables \
                 are as before, all else is gone"
            }
        };
        let text = format!("{}[{}{replaced}]", self.output, self.summary());
        CommandReport { data: self.data, text, truncated: self.truncated, verdict: self.verdict }
    }

    fn summary(&self) -> String {
        let process = self.data.process_id.as_deref().unwrap_or_default();
        let lasted = spoken(self.duration);
        match &self.verdict {
            Verdict::Finished(completion) => {
                let code = completion.exit_code;
                let moved = match self.data.cwd == self.cwd_before {
                    true => String::new(),
                    false => format!(", directory now {}", self.data.cwd),
                };
                format!("exit code {code}, {lasted}{moved}")
            }
            Verdict::Died(Death::Exited(code)) => format!(
                "the command ended the shell itself with exit code {code}, {lasted}; the next command gets a \
                 fresh shell with the same directory and exported variables"
            ),
            Verdict::Died(Death::Killed(signal)) => format!(
                "the shell itself was killed by signal {signal}, {lasted}; the next command gets a fresh \
                 shell with the directory and exported variables from before this command"
            ),
            Verdict::TimedOut if self.background => format!(
                "started in the background as process {process}: use the process tool with this id to read \
                 its output, wait for it, type into it or kill it"
            ),
            Verdict::TimedOut => format!(
                "still running after {}: it goes on as process {process}; use the process tool with this id \
                 to wait for it, read its output, type into it or kill it. The next command gets a fresh \
                 shell with the same directory and exported variables",
                spoken(self.waited)
            ),
            Verdict::WaitsForInput => format!(
                "waiting for input, {lasted}: it goes on as process {process}; use the process tool with this \
                 id to write what it asks for, or to kill it"
            ),
            Verdict::FullScreen => format!(
                "a full-screen program, {lasted}: above is what it shows; it goes on as process {process}; \
                 use the process tool with this id to send it keys, or to kill it"
            ),
            Verdict::Cancelled => format!("stopped after {lasted}, with everything that it had started"),
        }
    }
}

fn exit_code(death: Death) -> i32 {
    match death {
        Death::Exited(code) => code,
        Death::Killed(signal) => 128 + signal,
    }
}
