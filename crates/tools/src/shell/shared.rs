//! What a shell's reader thread and its users share.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use super::record::Completion;
use super::recording::Recording;
use crate::bounds::OutputBounds;

/// Where a shell stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is not set up yet.
    Starting,
    /// It waits for a command.
    Ready,
    /// A command runs.
    Busy,
    /// The command has ended and all of its output is there.
    Finished(Completion),
    /// The shell itself is gone, and with it the command.
    Dead(Death),
}

/// How a shell died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// It exited with this code.
    Exited(i32),
    /// This signal killed it.
    Killed(i32),
}

/// Output that belongs to no command.
#[derive(Default)]
struct Between {
    recording: Option<Recording>,
    /// Without jobs nobody but the shell itself prints, whose traces are of no interest.
    is_heard: bool,
    /// Where the last command's output goes; long output goes beside it.
    file: PathBuf,
    taken: u32,
    bounds: OutputBounds,
}

impl Between {
    fn append(&mut self, bytes: &[u8]) {
        if self.is_heard {
            let file = || self.file.with_extension(format!("between-{}.log", self.taken));
            self.recording.get_or_insert_with(|| Recording::new(file(), self.bounds)).append(bytes);
        }
    }
}

/// The shared state; every method is short and may be called from any thread.
pub(crate) struct Shared {
    phase: watch::Sender<Phase>,
    /// The last command whose surroundings are noted in the state file.
    kept: watch::Sender<u64>,
    output: Mutex<Output>,
    /// Told whenever output comes.
    pub(super) arrived: Notify,
}

struct Output {
    recording: Recording,
    /// What jobs in the background printed between two commands.
    between: Between,
    /// Whether output after the command's end belongs to the command: nothing else will run in this shell.
    is_last: bool,
    /// Output counts once the mark with this token has been seen.
    expected: Option<String>,
    recorded: bool,
    sequence: u64,
    jobs: Vec<i32>,
    death: Option<Death>,
    closed: bool,
}

impl Shared {
    /// The state of a shell that is starting.
    pub(super) fn new(bounds: OutputBounds) -> Self {
        let output = Output {
            recording: Recording::new(PathBuf::new(), bounds),
            between: Between { bounds, ..Between::default() },
            is_last: false,
            expected: None,
            recorded: false,
            sequence: 0,
            jobs: Vec::new(),
            death: None,
            closed: false,
        };
        Self {
            phase: watch::Sender::new(Phase::Starting),
            kept: watch::Sender::new(0),
            output: Mutex::new(output),
            arrived: Notify::new(),
        }
    }

    /// A receiver that sees every change of the phase from now on.
    pub(super) fn phases(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// The phase now.
    pub(crate) fn phase(&self) -> Phase {
        self.phase.borrow().clone()
    }

    /// Waits until the command has ended, and says how: [`Phase::Finished`] or [`Phase::Dead`].
    pub(crate) async fn ended(&self) -> Phase {
        let mut phases = self.phase.subscribe();
        let ended = phases.wait_for(|phase| matches!(phase, Phase::Finished(_) | Phase::Dead(_))).await;
        // The sender is `self.phase`, so there is always an answer.
        ended.map_or(Phase::Dead(Death::Exited(0)), |phase| phase.clone())
    }

    /// Looks at or changes the recording.
    pub(crate) fn recording<R>(&self, look: impl FnOnce(&mut Recording) -> R) -> R {
        look(&mut self.lock().recording)
    }

    /// Takes what came while no command ran.
    pub(super) fn take_between(&self) -> Option<Recording> {
        let mut output = self.lock();
        let between = &mut output.between;
        let taken = between.recording.take()?;
        between.taken += 1;
        Some(taken)
    }

    /// What came while no command ran and nobody has taken yet.
    pub(super) fn peek_between<R>(&self, look: impl FnOnce(&mut Recording) -> R) -> Option<R> {
        self.lock().between.recording.as_mut().map(look)
    }

    /// From now on all output belongs to the present command: no other will run in this shell.
    pub(super) fn is_last(&self) {
        let mut output = self.lock();
        output.is_last = true;
        output.recorded |= output.expected.is_none();
    }

    /// Notes that the state file is up to date.
    pub(super) fn state_is_kept(&self, sequence: u64) {
        self.kept.send_replace(sequence);
    }

    /// Waits until the state after this command is noted; for ever when the shell dies before.
    pub(super) async fn kept(&self, sequence: u64) {
        let mut kept = self.kept.subscribe();
        // The sender is `self.kept`, so there is always an answer.
        let _ = kept.wait_for(|kept| *kept >= sequence).await;
    }

    /// Processes and process groups that earlier commands left in the background.
    pub(super) fn earlier_jobs(&self) -> Vec<i32> {
        self.lock().jobs.clone()
    }

    /// Prepares for a command: its output begins with the mark that has this token. `false` when the shell
    /// is gone.
    pub(super) fn expect(&self, sequence: u64, token: String, file: PathBuf) -> bool {
        let mut output = self.lock();
        if output.closed {
            return false;
        }
        output.between.file = file.clone();
        output.recording = Recording::new(file, output.between.bounds);
        output.expected = Some(token);
        output.recorded = false;
        output.sequence = sequence;
        output.jobs.clear();
        self.phase.send_replace(Phase::Busy);
        true
    }

    pub(super) fn ready(&self) {
        self.phase.send_if_modified(|phase| {
            let starting = matches!(phase, Phase::Starting);
            if starting {
                *phase = Phase::Ready;
            }
            starting
        });
    }

    /// Whether this is the mark that was expected; from here on output is recorded.
    pub(super) fn begin(&self, token: &str) -> bool {
        let mut output = self.lock();
        let is_expected = output.expected.as_deref() == Some(token);
        if is_expected {
            output.expected = None;
            output.recorded = true;
        }
        is_expected
    }

    /// Whether the shell got as far as the command's text.
    pub(super) fn has_begun(&self) -> bool {
        self.lock().expected.is_none()
    }

    pub(super) fn jobs(&self, sequence: u64, jobs: Vec<i32>) {
        let mut output = self.lock();
        if output.sequence == sequence {
            output.jobs = jobs;
        }
    }

    pub(super) fn output(&self, bytes: &[u8]) {
        let mut output = self.lock();
        if output.recorded {
            output.recording.append(bytes);
            drop(output);
            self.arrived.notify_one();
        } else {
            output.between.append(bytes);
        }
    }

    pub(super) fn finished(&self, completion: Completion) {
        let mut output = self.lock();
        if output.sequence != completion.sequence {
            return;
        }
        output.recorded = output.is_last;
        output.between.is_heard = completion.has_children;
        self.phase.send_replace(Phase::Finished(completion));
    }

    /// Notes how the shell died; it counts as dead once its last output has been read.
    pub(super) fn died(&self, death: Death) {
        self.lock().death = Some(death);
    }

    /// Nothing more will come. How the last command ended stays known if it did end.
    pub(super) fn closed(&self) {
        let mut output = self.lock();
        output.closed = true;
        let death = output.death.unwrap_or(Death::Killed(nix::libc::SIGHUP));
        self.phase.send_if_modified(|phase| {
            let unknown = !matches!(phase, Phase::Finished(_));
            if unknown {
                *phase = Phase::Dead(death);
            }
            unknown
        });
    }

    fn lock(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
