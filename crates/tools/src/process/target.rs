//! What the process tool can be pointed at.

use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::shell::{Activity, BackgroundJob, Kept, LeftRunning, ProcessState, ProcessTable, Shown};

/// Something that goes on after its call.
pub(super) enum Target {
    /// A command in a terminal of its own.
    Command(Arc<LeftRunning>),
    /// A job in the background of a shell.
    Job(BackgroundJob),
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Running,
    /// It ended by itself with this code.
    Exited(i32),
    /// It was killed on request.
    Killed,
    /// It has ended; how is known to its shell alone.
    Gone,
}

impl Target {
    /// All of a conversation.
    pub(super) async fn all(table: Arc<ProcessTable>) -> Vec<Self> {
        let mut targets: Vec<Self> = table.all().into_iter().map(Self::Command).collect();
        let shells = table.shells();
        let jobs = tokio::task::spawn_blocking(move || {
            shells.iter().flat_map(crate::shell::ShellHandle::jobs).collect::<Vec<_>>()
        });
        targets.extend(jobs.await.unwrap_or_default().into_iter().map(Self::Job));
        targets
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Self::Command(process) => &process.id,
            Self::Job(job) => &job.id,
        }
    }

    pub(super) fn command(&self) -> &str {
        match self {
            Self::Command(process) => &process.command,
            Self::Job(job) => &job.command,
        }
    }

    pub(super) async fn state(&self) -> State {
        match self {
            Self::Command(process) => match process.state() {
                ProcessState::Running => State::Running,
                ProcessState::Exited(code) => State::Exited(code),
                ProcessState::Killed => State::Killed,
            },
            Self::Job(job) if job.is_running().await => State::Running,
            Self::Job(_) => State::Gone,
        }
    }

    pub(super) fn age(&self) -> Duration {
        match self {
            Self::Command(process) => process.age(),
            Self::Job(job) => job.age(),
        }
    }

    /// Bytes that it has printed; of a job those that are still to be told, as it shares its terminal.
    pub(super) fn total_bytes(&self) -> u64 {
        match self {
            Self::Command(process) => process.total_bytes(),
            Self::Job(job) => job.unread_bytes(),
        }
    }

    pub(super) fn read_new(&self) -> Shown {
        match self {
            Self::Command(process) => process.read_new(),
            Self::Job(job) => job.read_new(),
        }
    }

    pub(super) fn peek_new(&self) -> String {
        match self {
            Self::Command(process) => process.peek_new(),
            Self::Job(job) => job.peek_new(),
        }
    }

    /// What is kept of its output from byte `from` on, cut between characters: where that begins, it, and where to go on.
    /// Of a job, all that its shell's terminal has shown and the model was not told yet.
    pub(super) fn kept_output(&self, from: u64) -> (u64, Kept, u64) {
        match self {
            Self::Command(process) => {
                let (kept, next) = process.kept_output_since(from);
                (from.min(next), kept, next)
            }
            Self::Job(job) => {
                let (kept, next) = job.kept_output();
                (0, kept, next)
            }
        }
    }

    pub(super) fn screen(&self) -> Option<String> {
        match self {
            Self::Command(process) => process.screen(),
            Self::Job(_) => None,
        }
    }

    pub(super) fn take_live(&self) -> String {
        match self {
            Self::Command(process) => process.take_live(),
            Self::Job(_) => String::new(),
        }
    }

    pub(super) fn silent_for(&self) -> Duration {
        match self {
            Self::Command(process) => process.silent_for(),
            // It is never waited on by somebody who types.
            Self::Job(_) => Duration::ZERO,
        }
    }

    pub(super) async fn activity(&self) -> Activity {
        match self {
            Self::Command(process) => process.activity().await,
            Self::Job(_) => Activity::Working,
        }
    }

    /// Waits until it has ended, if that can be heard of.
    pub(super) async fn ended(&self) {
        match self {
            Self::Command(process) => process.ended().await,
            Self::Job(_) => std::future::pending().await,
        }
    }

    pub(super) async fn signal(&self, signal: Signal) {
        match self {
            Self::Command(process) => process.signal(signal).await,
            Self::Job(job) => job.signal(signal).await,
        }
    }

    pub(super) async fn kill(&self) {
        match self {
            Self::Command(process) => process.kill().await,
            Self::Job(job) => job.kill().await,
        }
    }
}
