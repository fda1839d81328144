//! Commands that go on after their call has been answered.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::input_wait::Doing;
use super::jobs::{ProgramGroup, ShellHandle};
use super::recording::Kept;
use super::report::{Shown, WHOLE_ANSWER, show};
use super::session::Session;
use super::shared::{Death, Phase};
use super::{stop, watch};

/// Most processes of a conversation that are kept; the oldest that have ended make room.
const MAX_KEPT: usize = 64;

/// A command that goes on in a shell of its own.
pub struct LeftRunning {
    /// The model's handle, for example `p3`.
    pub id: String,
    /// What runs.
    pub command: String,
    pub(crate) session: Session,
    started: Instant,
    /// How much of the output the model has been shown.
    shown: Mutex<u64>,
    ended_after: Mutex<Option<Duration>>,
    was_killed: AtomicBool,
}

/// What a process that goes on is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    /// Something of its own.
    Working,
    /// It goes on when somebody types something.
    WaitsForInput,
    /// It shows a full screen.
    ShowsFullScreen,
}

/// Where a process stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessState {
    /// It goes on.
    Running,
    /// It ended by itself with this code.
    Exited(i32),
    /// It was killed on request.
    Killed,
}

impl LeftRunning {
    /// Where it stands.
    pub(crate) fn state(&self) -> ProcessState {
        let ended = match self.session.shared.phase() {
            Phase::Finished(completion) => ProcessState::Exited(completion.exit_code),
            Phase::Dead(Death::Exited(code)) => ProcessState::Exited(code),
            Phase::Dead(Death::Killed(signal)) => ProcessState::Exited(128 + signal),
            Phase::Starting | Phase::Ready | Phase::Busy => return ProcessState::Running,
        };
        if self.was_killed.load(Ordering::Relaxed) { ProcessState::Killed } else { ended }
    }

    /// How long it has run, or ran.
    pub(crate) fn age(&self) -> Duration {
        let ended = *lock(&self.ended_after);
        ended.unwrap_or_else(|| self.started.elapsed())
    }

    /// Bytes that it has printed so far.
    pub(crate) fn total_bytes(&self) -> u64 {
        self.session.shared.recording(|recording| recording.total())
    }

    /// The output that the model has not been shown yet, and from now on has.
    pub(crate) fn read_new(&self) -> Shown {
        let mut position = lock(&self.shown);
        self.session.shared.recording(|recording| {
            let shown = show(recording, *position, WHOLE_ANSWER);
            *position = recording.total();
            shown
        })
    }

    /// What is new, without marking it as shown.
    pub(crate) fn peek_new(&self) -> String {
        let position = *lock(&self.shown);
        self.session.shared.recording(|recording| show(recording, position, WHOLE_ANSWER).text)
    }

    /// What is kept of its output from byte `from` on, and where to go on. Marks nothing as shown. A character that is
    /// not whole yet waits as long as it runs.
    pub(crate) fn kept_output_since(&self, from: u64) -> (Kept, u64) {
        let is_running = self.state() == ProcessState::Running;
        self.session.shared.recording(|recording| {
            let mut kept = recording.since(from);
            let cut = if is_running { kept.cut_open_character() } else { 0 };
            (kept, recording.total() - cut)
        })
    }

    /// What a full-screen program shows, if one is active.
    pub(crate) fn screen(&self) -> Option<String> {
        self.session.shared.recording(|recording| recording.screen.contents())
    }

    /// Types into its terminal.
    ///
    /// # Errors
    /// When it does not take all of it.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.session.write(bytes)
    }

    /// How long it has printed nothing.
    pub(crate) fn silent_for(&self) -> Duration {
        self.session.shared.recording(|recording| recording.last_output().elapsed())
    }

    /// Output since the last call, for the person's live view.
    pub(crate) fn take_live(&self) -> String {
        self.session.shared.recording(|recording| recording.take_live(true))
    }

    /// Whether somebody should type something now.
    pub(crate) async fn activity(&self) -> Activity {
        if self.state() != ProcessState::Running {
            return Activity::Working;
        }
        let (full_screen, unfinished) = self
            .session
            .shared
            .recording(|recording| (recording.screen.is_full_screen(), recording.line_is_unfinished()));
        if full_screen {
            return Activity::ShowsFullScreen;
        }
        match watch::doing(&self.session).await {
            Doing::ReadsTerminal => Activity::WaitsForInput,
            Doing::MayWaitForInput if unfinished => Activity::WaitsForInput,
            Doing::MayWaitForInput | Doing::Working => Activity::Working,
        }
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&self) {
        self.session.shared.ended().await;
    }

    /// Ends it with everything that it started, within a second.
    pub(crate) async fn kill(&self) {
        if self.state() == ProcessState::Running {
            self.was_killed.store(true, Ordering::Relaxed);
            stop::stop_command(&self.session).await;
            // When the command ended, not all that it started had.
            stop::retire(&self.session).await;
        }
    }

    /// Sends it a signal: all of its processes, or the shell itself when that is what works.
    pub(crate) async fn signal(&self, signal: Signal) {
        if self.state() == ProcessState::Running {
            stop::signal_command_or_shell(&self.session, signal).await;
        }
    }

    /// The file with its output, if that is long enough for one.
    pub(super) fn kept_output(&self) -> Option<PathBuf> {
        let path = self.session.shared.recording(|recording| recording.path().to_owned());
        path.exists().then_some(path)
    }

    /// Notes when it ends, and then ends its shell unless jobs of earlier commands still need it.
    async fn attend(self: Arc<Self>) {
        self.session.shared.ended().await;
        *lock(&self.ended_after) = Some(self.started.elapsed());
        stop::retire(&self.session).await;
    }
}

/// The processes of one conversation.
#[derive(Default)]
pub struct ProcessTable {
    processes: Mutex<Vec<Arc<LeftRunning>>>,
    /// The shell that the next command gets.
    shell: Mutex<Option<ShellHandle>>,
    last_number: AtomicU32,
}

impl ProcessTable {
    /// Takes over a shell with the command that runs in it; `shown` bytes of its output are known to the
    /// model. The returned future must be run until it ends.
    pub(crate) fn adopt(
        &self,
        session: Session,
        command: &str,
        started: Instant,
        shown: u64,
    ) -> (Arc<LeftRunning>, impl Future<Output = ()> + Send + use<>) {
        let number = self.last_number.fetch_add(1, Ordering::Relaxed) + 1;
        let process = Arc::new(LeftRunning {
            id: format!("p{number}"),
            command: command.to_owned(),
            session,
            started,
            shown: Mutex::new(shown),
            ended_after: Mutex::new(None),
            was_killed: AtomicBool::new(false),
        });
        process.session.shared.is_last();
        let mut processes = lock(&self.processes);
        if processes.len() >= MAX_KEPT
            && let Some(oldest) = processes.iter().position(|old| old.state() != ProcessState::Running)
        {
            processes.remove(oldest);
        }
        processes.push(Arc::clone(&process));
        (Arc::clone(&process), process.attend())
    }

    /// All of them, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<LeftRunning>> {
        lock(&self.processes).clone()
    }

    /// Notes which shell the next command gets, for the jobs in its background.
    pub(super) fn set_shell(&self, shell: Option<ShellHandle>) {
        *lock(&self.shell) = shell;
    }

    /// Whether anything goes on beside the shell's present command.
    pub(crate) fn has_programs(&self) -> bool {
        self.all().iter().any(|process| process.state() == ProcessState::Running)
            || lock(&self.shell).as_ref().is_some_and(ShellHandle::has_children)
    }

    /// All programs of the conversation. Blocks for some milliseconds.
    pub(crate) fn programs(&self) -> Vec<ProgramGroup> {
        let mut groups = Vec::new();
        for process in self.all() {
            let handle = ShellHandle::of(&process.session);
            groups.extend(handle.programs().into_iter().map(|group| match group.process_id {
                Some(_) => group,
                None => ProgramGroup {
                    process_id: Some(process.id.clone()),
                    command: process.command.clone(),
                    ..group
                },
            }));
        }
        let own = lock(&self.shell).clone();
        groups.extend(own.iter().flat_map(ShellHandle::programs));
        groups
    }

    /// The shells of processes that go on: a command that ends in `exec` is carried out by what was its shell.
    pub(crate) fn replaced_shells(&self) -> Vec<ProgramGroup> {
        let running = self.all().into_iter().filter(|process| process.state() == ProcessState::Running);
        let group = |process: Arc<LeftRunning>| ProgramGroup {
            process_id: Some(process.id.clone()),
            command: process.command.clone(),
            members: vec![process.session.id],
        };
        running.map(group).collect()
    }

    /// All shells of the conversation that may have jobs in the background.
    pub(crate) fn shells(&self) -> Vec<ShellHandle> {
        let left = self.all();
        let left = left.iter().map(|process| ShellHandle::of(&process.session));
        left.chain(lock(&self.shell).clone()).collect()
    }

    /// Forgets all of them.
    pub(crate) fn take_all(&self) -> Vec<Arc<LeftRunning>> {
        std::mem::take(&mut *lock(&self.processes))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
