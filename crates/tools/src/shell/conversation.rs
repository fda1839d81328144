//! The shell of one conversation and the commands that queue for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::jobs::ShellHandle;
use super::left_running::ProcessTable;
use super::outcome::{Attempt, CommandReport, Outcome, Shell};
use super::pool::{Base, CommandRequest, RunError};
use super::report::{SIDE_NOTE, show};
use super::session::{Blueprint, Session, StartError};
use super::shared::Phase;
use super::stop;
use super::watch::{Verdict, watch};
use crate::registry::OutputSink;

/// How long a command in the background is watched for an early end, such as a misspelt name.
const BACKGROUND_LOOK: Duration = Duration::from_millis(150);

/// The variable that marks the processes of one conversation. Not the way to find them while their shell lives.
const TAG_VARIABLE: &str = "SLIPWAY_CONVERSATION_TAG";

/// A command that waits for its turn.
pub(super) struct Job {
    pub(super) request: CommandRequest,
    pub(super) live: OutputSink,
    pub(super) cancel: CancellationToken,
    pub(super) reply: oneshot::Sender<Result<CommandReport, RunError>>,
    /// Set when its turn has come.
    pub(super) begun: Arc<AtomicBool>,
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
    /// What jobs in the background printed and the model has not been told.
    earlier: String,
    /// Marks the processes of this conversation, in their environment.
    tag: String,
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
            earlier: String::new(),
            tag: format!("{:032x}", rand::random::<u128>()),
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
        if job.request.new_shell {
            self.discard_shell().await;
        }
        let started = Instant::now();
        let mut attempt = self.attempt(job).await?;
        if matches!(attempt.verdict, Verdict::Died(_)) && !attempt.session.shared.has_begun() {
            // The old shell was dying already, so that the command's text was never reached.
            self.hear(&attempt.session);
            self.state = attempt.session.state_file().or(self.state.take());
            attempt = Attempt { shell: Shell::Replaced, ..self.attempt(job).await? };
        }
        if attempt.verdict == Verdict::Cancelled {
            stop::stop_command(&attempt.session).await;
        }
        self.hear(&attempt.session);
        let earlier = std::mem::take(&mut self.earlier);
        let mut outcome = Outcome::new(&attempt, job, started, &self.cwd, earlier);
        self.settle(attempt.session, &mut outcome, job, started).await;
        Ok(outcome.into_report())
    }

    /// Hands the command to a shell and waits for something to tell.
    async fn attempt(&mut self, job: &Job) -> Result<Attempt, StartError> {
        let (session, shell) = self.begin(&job.request).await?;
        if !job.request.background {
            self.table.set_shell(Some(ShellHandle::of(&session)));
        }
        if let Some(heard) = self.hear(&session) {
            // What finds no room is in the result as well.
            let _ = job.live.offer(heard);
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
                    self.hear(&session);
                    self.state = session.state_file().or(self.state.take());
                    shell = Shell::Replaced;
                }
            }
        }
        if let Some(session) = &self.shell {
            session.state_kept().await;
            self.state = session.state_file().or(self.state.take());
        }
        let mut session = self.start_shell().await?;
        session.begin(&request.command, output).map_err(|source| self.base.cannot_start(source))?;
        Ok((session, shell))
    }

    async fn start_shell(&mut self) -> Result<Session, StartError> {
        self.shells += 1;
        let files = self.directory.join(format!("shell-{}", self.shells));
        self.base.create_directory(&files).map_err(|source| self.base.cannot_start(source))?;
        let mut environment = self.base.environment.clone();
        environment.push((TAG_VARIABLE.into(), (&self.tag).into()));
        Session::start(Blueprint {
            workspace: &self.base.workspace,
            environment: &environment,
            init: &self.base.init,
            files,
            restored_from: self.state.clone(),
            bounds: self.base.bounds,
            reserve: &self.base.reserve,
            tracker: &self.base.tracker,
        })
        .await
    }

    /// Decides what becomes of the shell that carried out a command.
    async fn settle(&mut self, session: Session, outcome: &mut Outcome, job: &Job, started: Instant) {
        if !job.request.background && !matches!(outcome.verdict, Verdict::Finished(_)) {
            // The state before this command, or after it when it ended the shell.
            self.state = session.state_file().or(self.state.take());
        }
        match &outcome.verdict {
            Verdict::Finished(_) | Verdict::Cancelled if !job.request.background => {
                if outcome.data.full_output.is_some() {
                    self.base.outputs.add(&session.shared.recording(|recording| recording.path().to_owned()));
                }
                if let Phase::Finished(completion) = session.shared.phase() {
                    self.cwd.clone_from(&completion.directory);
                    if session.has_lost_its_way(&completion) {
                        session.state_kept().await;
                        self.state = session.state_file().or(self.state.take());
                        self.table.set_shell(None);
                        self.base.tracker.spawn(async move { stop::retire(&session).await });
                        return;
                    }
                    self.table.set_shell(Some(ShellHandle::of(&session)));
                    self.shell = Some(session);
                } else {
                    self.table.set_shell(None);
                }
            }
            Verdict::TimedOut | Verdict::WaitsForInput | Verdict::FullScreen => {
                let told = outcome.told_bytes;
                if !job.request.background {
                    self.table.set_shell(None);
                }
                let (process, attend) = self.table.adopt(session, &job.request.command, started, told);
                let (base, ended) = (Arc::clone(&self.base), Arc::clone(&process));
                self.base.tracker.spawn(async move {
                    attend.await;
                    if let Some(path) = ended.kept_output() {
                        base.outputs.add(&path);
                    }
                });
                outcome.data.process_id = Some(process.id.clone());
            }
            Verdict::Finished(_) | Verdict::Cancelled | Verdict::Died(_) => {
                if !job.request.background {
                    self.table.set_shell(None);
                }
                self.base.tracker.spawn(async move { stop::retire(&session).await });
            }
        }
    }

    fn next_output_file(&mut self) -> PathBuf {
        self.commands += 1;
        self.directory.join(format!("output-{}.log", self.commands))
    }

    /// Notes what jobs in the background have printed, and returns it as it came.
    fn hear(&mut self, session: &Session) -> Option<String> {
        let mut between = session.shared.take_between()?;
        self.earlier.push_str(&show(&mut between, 0, SIDE_NOTE).text);
        Some(between.take_live(true))
    }

    async fn discard_shell(&mut self) {
        self.table.set_shell(None);
        if let Some(session) = self.shell.take() {
            self.hear(&session);
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
        stop::sweep(format!("{TAG_VARIABLE}={}", self.tag), &self.base.workspace).await;
        if let Err(error) = std::fs::remove_dir_all(&self.directory) {
            tracing::warn!(path = %self.directory.display(), %error, "cannot remove a shell's files");
        }
    }
}
