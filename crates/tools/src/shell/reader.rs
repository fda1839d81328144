//! The thread that reads a shell's terminal and its private pipe.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::mark::{MarkScanner, Piece};
use super::record::{Completion, Record, RecordReader};
use super::shared::Shared;

/// How long the end mark of a command may lag behind its record. Longer means that it will never come: the
/// command hung up the terminal, or something else reads it.
const MARK_PATIENCE: Duration = Duration::from_secs(1);

/// How long the terminal must be silent, and for how long at most it is read, after the shell has died.
const FAREWELL_QUIET: Duration = Duration::from_millis(15);
const FAREWELL_LIMIT: Duration = Duration::from_millis(250);

/// How many times the terminal is read until the other sources are looked at.
const BURST: usize = 64;

/// What the thread reads from.
pub(super) struct Sources {
    /// The terminal.
    pub(super) master: Arc<OwnedFd>,
    /// The shell's records.
    pub(super) control: OwnedFd,
    /// Hangs up when the shell is dead or given up.
    pub(super) stop: OwnedFd,
}

/// Starts the thread. It ends soon after the other end of `stop` is closed, having told `shared` of
/// everything that the shell had printed by then.
///
/// # Errors
/// When no thread can be started.
pub(super) fn start(sources: Sources, shared: Arc<Shared>) -> io::Result<()> {
    let name = "shell-terminal".to_owned();
    std::thread::Builder::new().name(name).spawn(move || Reader::new(sources, shared).run())?;
    Ok(())
}

struct Reader {
    sources: Sources,
    shared: Arc<Shared>,
    scanner: MarkScanner,
    records: RecordReader,
    /// The record of a command whose end mark has not come yet.
    ending: Option<Ending>,
    buffer: Vec<u8>,
}

struct Ending {
    completion: Completion,
    token: String,
    since: Instant,
}

/// What a look at the terminal brought.
enum Reading {
    Some,
    Nothing,
    HungUp,
}

/// Which sources have something.
struct Ready {
    terminal: bool,
    control: bool,
    stopped: bool,
}

impl Reader {
    fn new(sources: Sources, shared: Arc<Shared>) -> Self {
        Self {
            sources,
            shared,
            scanner: MarkScanner::default(),
            records: RecordReader::default(),
            ending: None,
            buffer: vec![0; 64 * 1024],
        }
    }

    fn run(mut self) {
        loop {
            let ready = match self.wait(self.ending.as_ref().map(|_| MARK_PATIENCE)) {
                Ok(ready) => ready,
                Err(error) => {
                    tracing::warn!(%error, "cannot wait for a shell's terminal");
                    break;
                }
            };
            // Records first: a mark on the terminal is genuine only if its record is already here.
            if ready.control {
                self.read_control();
            }
            if ready.terminal && !self.read_burst() {
                // Hung up for good; only the end of the shell can follow.
                std::thread::sleep(FAREWELL_QUIET);
            }
            if self.ending.as_ref().is_some_and(|ending| ending.since.elapsed() >= MARK_PATIENCE) {
                self.finish();
            }
            if ready.stopped {
                break;
            }
        }
        self.say_farewell();
    }

    fn wait(&self, limit: Option<Duration>) -> io::Result<Ready> {
        let timeout = limit
            .map_or(PollTimeout::NONE, |limit| PollTimeout::try_from(limit).unwrap_or(PollTimeout::ZERO));
        let mut polled = [
            PollFd::new(self.sources.master.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.sources.control.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.sources.stop.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut polled, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [terminal, control, stopped] =
            polled.map(|source| source.revents().is_some_and(|events| !events.is_empty()));
        Ok(Ready { terminal, control, stopped })
    }

    /// Reads much of what the terminal has, which hands out a page at a time; `false` when it has hung up.
    fn read_burst(&mut self) -> bool {
        for _ in 0..BURST {
            match self.read_terminal() {
                Reading::Some => {}
                Reading::Nothing => return true,
                Reading::HungUp => return false,
            }
        }
        true
    }

    fn read_terminal(&mut self) -> Reading {
        let count = match nix::unistd::read(&*self.sources.master, &mut self.buffer) {
            Ok(count @ 1..) => count,
            Err(Errno::EAGAIN | Errno::EINTR) => return Reading::Nothing,
            Ok(0) | Err(_) => return Reading::HungUp,
        };
        let buffer = std::mem::take(&mut self.buffer);
        let mut scanner = std::mem::take(&mut self.scanner);
        scanner.feed(buffer.get(..count).unwrap_or_default(), |piece| self.take(&piece));
        self.scanner = scanner;
        self.buffer = buffer;
        Reading::Some
    }

    fn take(&mut self, piece: &Piece<'_>) {
        match piece {
            Piece::Output(bytes) => self.shared.output(bytes),
            Piece::Begin(token) => {
                if !self.shared.begin(token) {
                    self.shared.output(format!("\x1b]133;C;{token}\x07").as_bytes());
                }
            }
            Piece::Finish(token) => {
                self.read_control();
                if self.ending.as_ref().is_some_and(|ending| ending.token == *token) {
                    self.finish();
                } else {
                    self.shared.output(format!("\x1b]133;D;{token}\x07").as_bytes());
                }
            }
        }
    }

    fn read_control(&mut self) {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = nix::unistd::read(&self.sources.control, &mut bytes) {
            for record in self.records.feed(bytes.get(..count).unwrap_or_default()) {
                match record {
                    Record::Ready => self.shared.ready(),
                    Record::Begin { sequence, jobs } => self.shared.jobs(sequence, jobs),
                    Record::Kept { sequence } => self.shared.state_is_kept(sequence),
                    Record::Finish { completion, token } => {
                        self.ending = Some(Ending { completion, token, since: Instant::now() });
                    }
                }
            }
        }
    }

    fn finish(&mut self) {
        if let Some(ending) = self.ending.take() {
            self.shared.finished(ending.completion);
        }
    }

    /// Takes what the shell printed before it died. Its background jobs may go on printing: hence a limit.
    fn say_farewell(mut self) {
        let since = Instant::now();
        while since.elapsed() < FAREWELL_LIMIT {
            let mut polled = [PollFd::new(self.sources.master.as_fd(), PollFlags::POLLIN)];
            let quiet = PollTimeout::try_from(FAREWELL_QUIET).unwrap_or(PollTimeout::ZERO);
            if poll(&mut polled, quiet) == Ok(0) || !self.read_burst() {
                break;
            }
        }
        self.read_control();
        self.finish();
        let mut scanner = std::mem::take(&mut self.scanner);
        scanner.flush(|piece| self.take(&piece));
        self.shared.closed();
    }
}
