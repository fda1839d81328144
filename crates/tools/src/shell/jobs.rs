//! Commands that were put into the background of a shell, with `&` for example.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::processes::{self, Process};
use super::recording::Kept;
use super::report::{Shown, WHOLE_ANSWER, show};
use super::session::Session;
use super::shared::{Phase, Shared};
use super::stop::{GRACE, INTERVAL};
use crate::workspace::Owner;

/// A shell that may have jobs.
#[derive(Clone)]
pub(crate) struct ShellHandle {
    id: i32,
    shared: Arc<Shared>,
    owner: Option<Owner>,
}

impl ShellHandle {
    /// The handle of a live shell.
    pub(super) fn of(session: &Session) -> Self {
        Self { id: session.id, shared: Arc::clone(&session.shared), owner: session.owner() }
    }

    /// Whether its last command left something behind.
    pub(super) fn has_children(&self) -> bool {
        matches!(self.shared.phase(), Phase::Finished(completion) if completion.has_children)
    }

    /// All programs that it started: job by job, then those of the present command. Blocks for some milliseconds.
    pub(crate) fn programs(&self) -> Vec<ProgramGroup> {
        let processes = processes::of_shell(self.id);
        let mut rest: BTreeSet<i32> = processes.iter().map(|one| one.id).collect();
        let mut groups = Vec::new();
        for job in self.jobs() {
            let family = processes::with_relatives(self.id, &processes, &[job.root.id]);
            let members = rest.intersection(&family).copied().collect();
            rest.retain(|id| !family.contains(id));
            groups.push(ProgramGroup { process_id: Some(job.id), command: job.command, members });
        }
        let of_command =
            |id: i32| ProgramGroup { process_id: None, command: command_line(id), members: vec![id] };
        groups.extend(rest.into_iter().map(of_command));
        groups
    }

    /// Its jobs, oldest first. Blocks for some milliseconds.
    pub(crate) fn jobs(&self) -> Vec<BackgroundJob> {
        let processes = processes::of_shell(self.id);
        let is_busy = matches!(self.shared.phase(), Phase::Busy);
        let earlier = processes::with_relatives(self.id, &processes, &self.shared.earlier_jobs());
        let roots = processes.iter().filter(|one| one.parent == self.id);
        let mut jobs = BTreeMap::new();
        for root in roots.filter(|one| !is_busy || earlier.contains(&one.id)) {
            // The parts of a pipeline are one job.
            let key = if root.group == self.id { root.id } else { root.group };
            jobs.entry(key).or_insert(*root);
        }
        let mut jobs: Vec<Process> = jobs.into_values().collect();
        jobs.sort_by_key(|root| (root.started, root.id));
        jobs.into_iter().map(|root| BackgroundJob::new(self.clone(), root)).collect()
    }
}

/// Programs that belong together, for those who want to know whose something is.
pub(crate) struct ProgramGroup {
    /// The process tool's handle, if there is one.
    pub(crate) process_id: Option<String>,
    /// What runs.
    pub(crate) command: String,
    /// Their process ids.
    pub(crate) members: Vec<i32>,
}

/// A command in the background of a shell.
#[derive(Clone)]
pub(crate) struct BackgroundJob {
    /// The model's handle, for example `j4711`.
    pub(crate) id: String,
    /// What runs, as the system knows it.
    pub(crate) command: String,
    shell: ShellHandle,
    root: Process,
}

impl BackgroundJob {
    fn new(shell: ShellHandle, root: Process) -> Self {
        Self { id: format!("j{}", root.id), command: command_line(root.id), shell, root }
    }

    /// How long it has run.
    pub(crate) fn age(&self) -> Duration {
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
        let uptime = uptime.split(' ').next().and_then(|seconds| seconds.parse::<f64>().ok());
        // The kernel reports times in hundredths of a second, whatever it counts in.
        let started = Duration::from_millis(self.root.started * 10);
        Duration::from_secs_f64(uptime.unwrap_or_default()).saturating_sub(started)
    }

    /// Whether anything of it goes on.
    pub(crate) async fn is_running(&self) -> bool {
        !self.members().await.is_empty()
    }

    /// What the jobs of its shell have printed since that was last told; they share a terminal.
    pub(crate) fn read_new(&self) -> Shown {
        let between = self.shell.shared.take_between();
        between.map(|mut between| show(&mut between, 0, WHOLE_ANSWER)).unwrap_or_default()
    }

    /// What is kept of it that is still to be told, and its length. Marks nothing as told.
    pub(crate) fn kept_output(&self) -> (Kept, u64) {
        self.shell.shared.peek_between(|between| (between.since(0), between.total())).unwrap_or_default()
    }

    /// How much of it is still to be told, in bytes.
    pub(crate) fn unread_bytes(&self) -> u64 {
        self.shell.shared.peek_between(|between| between.total()).unwrap_or_default()
    }

    /// The same, still to be told.
    pub(crate) fn peek_new(&self) -> String {
        let shown = self.shell.shared.peek_between(|between| show(between, 0, WHOLE_ANSWER).text);
        shown.unwrap_or_default()
    }

    /// Sends a signal to all of its processes.
    pub(crate) async fn signal(&self, signal: Signal) {
        let (members, owner) = (self.members().await, self.shell.owner);
        blocking(move || processes::signal(&members, signal, owner)).await;
    }

    /// Ends it with everything that it started, within a second.
    pub(crate) async fn kill(&self) {
        self.signal(Signal::SIGTERM).await;
        self.signal(Signal::SIGCONT).await;
        let deadline = tokio::time::Instant::now() + GRACE;
        while self.is_running().await && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(INTERVAL).await;
        }
        self.signal(Signal::SIGKILL).await;
    }

    async fn members(&self) -> Vec<i32> {
        let (shell, root) = (self.shell.id, self.root);
        let found = blocking(move || {
            let processes = processes::of_shell(shell);
            let family = processes::with_relatives(shell, &processes, &[root.id]);
            processes.iter().map(|one| one.id).filter(|id| family.contains(id)).collect()
        });
        found.await.unwrap_or_default()
    }
}

/// A process's words, joined.
fn command_line(process: i32) -> String {
    let command = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let words = command.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    words.map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Option<R> {
    tokio::task::spawn_blocking(work).await.ok()
}
