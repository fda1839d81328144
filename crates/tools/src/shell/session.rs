//! One live shell.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::termios::{SetArg, tcsetattr};
use nix::unistd::{Gid, Uid, fchown};
use slipway_fail_points::{Point, reach};
use tokio::process::Child;
use tokio_util::task::TaskTracker;

use super::reader::{self, Sources};
use super::record::Completion;
use super::reserve::Reserve;
use super::shared::{Death, Phase, Shared};
use super::terminal;
use crate::bounds::OutputBounds;
use crate::workspace::{Owner, Workspace};

/// How long a new shell may take until it reads commands.
const START_LIMIT: Duration = Duration::from_secs(10);

/// How long a shell may take after a command until its state is noted.
const KEEP_LIMIT: Duration = Duration::from_secs(1);

/// Largest state that is noted in full after each command, in bytes: a variable that holds a whole file would
/// slow down all of them.
const MAX_STATE_BYTES: u64 = 1024 * 1024;

/// How much of a shell its successor takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Directory, umask, variables, functions, aliases and options.
    All,
    /// Directory, umask and exported variables: the rest is too large.
    Exported,
}

impl Extent {
    /// As the shell's own functions call it.
    fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Exported => "exported",
        }
    }

    /// As the model is told.
    pub(super) fn spoken(self) -> &'static str {
        match self {
            Self::All => "the same directory, variables, functions, aliases and options",
            Self::Exported => {
                "the same directory and exported variables (the other variables and functions were too large \
                 to carry over)"
            }
        }
    }
}

/// What a new shell needs.
pub(super) struct Blueprint<'a> {
    /// Where it starts unless a state says otherwise, and as whom.
    pub(super) workspace: &'a Arc<Workspace>,
    /// Its whole environment.
    pub(super) environment: &'a [(OsString, OsString)],
    /// The script that sets it up.
    pub(super) init: &'a Path,
    /// Its own directory, which belongs to the host; exists already.
    pub(super) files: PathBuf,
    /// The state file of the shell that it carries on from.
    pub(super) restored_from: Option<PathBuf>,
    /// How much of outputs is shown and kept.
    pub(super) bounds: OutputBounds,
    /// Room on a full disk.
    pub(super) reserve: &'a Arc<Reserve>,
    /// Owns the task that waits for its end.
    pub(super) tracker: &'a TaskTracker,
}

/// Why a shell is not there.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It could not be started.
    #[error("cannot start bash in {}: {source}", directory.display())]
    Spawn {
        /// Where it was to start.
        directory: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It ended before it was set up.
    #[error("bash ended while it was being set up")]
    Died,
    /// It did not get ready.
    #[error("bash was not ready after {} s", START_LIMIT.as_secs())]
    TimedOut,
}

/// A live shell. Dropping it hangs up its terminal, which ends the shell and what runs in its foreground.
pub(crate) struct Session {
    pub(super) shared: Arc<Shared>,
    /// The shell's process, session and own process group.
    pub(super) id: i32,
    workspace: Arc<Workspace>,
    files: PathBuf,
    reserve: Arc<Reserve>,
    master: Arc<OwnedFd>,
    lines: OwnedFd,
    settings: libc::termios,
    sequence: u64,
    /// What a successor will find in the state file.
    extent: Extent,
    reader: Arc<ReaderLease>,
}

/// While it is held, the reader thread goes on.
struct ReaderLease(Mutex<Option<OwnedFd>>);

impl ReaderLease {
    fn end(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.reader.end();
    }
}

impl Session {
    /// Starts a shell and waits until it reads commands.
    ///
    /// # Errors
    /// When it cannot be started or does not get ready.
    pub(super) async fn start(blueprint: Blueprint<'_>) -> Result<Self, StartError> {
        let session = Self::spawn(&blueprint).map_err(|source| StartError::Spawn {
            directory: blueprint.workspace.root().to_owned(),
            source,
        })?;
        let init = quote_path(blueprint.init);
        let state = quote_path(&session.files.join("state"));
        let restored = blueprint.restored_from.as_deref().map(quote_path).unwrap_or_default();
        let mut phases = session.shared.phases();
        session
            .hand_over(format!(" . {init} {state} {restored}\n").as_bytes())
            .map_err(|_| StartError::Died)?;
        let settled = phases.wait_for(|phase| !matches!(phase, Phase::Starting));
        match tokio::time::timeout(START_LIMIT, settled).await {
            Ok(Ok(phase)) if *phase == Phase::Ready => {}
            Ok(_) => return Err(StartError::Died),
            Err(_) => return Err(StartError::TimedOut),
        }
        Ok(session)
    }

    fn spawn(blueprint: &Blueprint<'_>) -> io::Result<Self> {
        let files = blueprint.files.clone();
        let workspace = Arc::clone(blueprint.workspace);
        let owner = workspace.owner();
        let reserve = Arc::clone(blueprint.reserve);
        for number in 0..2 {
            let state = files.join(format!("state-{number}"));
            reserve.with(|| create_state_file(&state, owner))?;
        }
        let terminal = terminal::open(workspace.root(), owner, blueprint.environment)?;
        let id = terminal.child.id().and_then(|id| i32::try_from(id).ok());
        let id = id.ok_or_else(|| io::Error::other("bash ended at once"))?;
        let shared = Arc::new(Shared::new(blueprint.bounds));
        let (stop, lease) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
        let reader = Arc::new(ReaderLease(Mutex::new(Some(lease))));
        let master = Arc::new(terminal.master);
        let sources = Sources { master: Arc::clone(&master), control: terminal.control, stop };
        reader::start(sources, Arc::clone(&shared))?;
        let death = wait_for_death(terminal.child, Arc::clone(&shared), Arc::clone(&reader));
        blueprint.tracker.spawn(death);
        let settings = terminal.settings;
        let lines = terminal.lines;
        let extent = Extent::All;
        let sequence = 0;
        Ok(Self { shared, id, workspace, files, reserve, master, lines, settings, sequence, extent, reader })
    }

    /// Lets the shell carry out a command, whose whole output goes to the file `output` if it is long.
    ///
    /// # Errors
    /// When the command cannot be handed to the shell.
    pub(super) fn begin(&mut self, command: &str, output: PathBuf) -> io::Result<()> {
        self.sequence += 1;
        let sequence = self.sequence;
        let token = format!("{:032x}", rand::random::<u128>());
        let script = self.files.join("command");
        let text = format!("{command}\n");
        self.reserve.with(|| rewrite(&script, text.as_bytes()))?;
        tcsetattr(self.master.as_fd(), SetArg::TCSANOW, &self.settings.into())?;
        let large =
            |state: PathBuf| std::fs::metadata(state).is_ok_and(|state| state.len() > MAX_STATE_BYTES);
        if (0..2).map(|number| self.state_path(number)).any(large) {
            self.extent = Extent::Exported;
        }
        let extent = self.extent.word();
        if !self.shared.expect(sequence, token.clone(), output) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let line = format!(
            " \\exec 2>&60; {{ __slipway_begin {sequence} {token} {extent}; }} 2>/dev/null; . {} 0<&60 60>&- 61>&-; \
             {{ __slipway_finish \"$?\"; }} 2>/dev/null; \\exec 2>/dev/null\n",
            quote_path(&script)
        );
        self.hand_over(line.as_bytes())?;
        reach(Point::CommandHandedOver);
        Ok(())
    }

    /// Gives the shell itself a line to carry out.
    fn hand_over(&self, line: &[u8]) -> io::Result<()> {
        write_all(&self.lines, line)
    }

    /// Waits until the state file holds what the last command left, or the shell is gone.
    pub(super) async fn state_kept(&self) {
        let kept = self.shared.kept(self.sequence);
        if tokio::time::timeout(KEEP_LIMIT, kept).await.is_err() {
            tracing::info!(shell = self.id, "a shell has not noted its state yet");
        }
    }

    /// How much of the shell a successor takes over.
    pub(super) fn extent(&self) -> Extent {
        self.extent
    }

    /// What a successor needs to carry on from this shell; `None` when the shell could not note it.
    pub(super) fn state_file(&self) -> Option<PathBuf> {
        // A command may never have begun because the shell died while it noted the state after the one before.
        let mut candidates = (self.sequence.saturating_sub(2)..=self.sequence).rev();
        let complete = |sequence: &u64| {
            let end = format!("\n# kept {sequence}\n");
            std::fs::read(self.state_path(*sequence)).is_ok_and(|state| state.ends_with(end.as_bytes()))
        };
        candidates.find(complete).map(|sequence| self.state_path(sequence))
    }

    /// Whether bash may be broken now: after an unfinished substitution bash 5.2 takes its own input for ended,
    /// or its memory is corrupt.
    pub(super) fn has_lost_its_way(&self, completion: &Completion) -> bool {
        completion.exit_code == 2
            && self.shared.recording(|recording| recording.ends_in(b"while looking for matching `)'"))
    }

    /// Where the shell notes its state after this command: the one before is still whole then.
    fn state_path(&self, sequence: u64) -> PathBuf {
        self.files.join(format!("state-{}", sequence % 2))
    }

    /// The user whose processes these are, if not the host's own.
    pub(super) fn owner(&self) -> Option<Owner> {
        self.workspace.owner()
    }

    /// Types into the terminal.
    ///
    /// # Errors
    /// When the terminal is gone, or does not take all of it because nothing reads it.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        write_all(&self.master, bytes)
    }

    /// The process group in the terminal's foreground.
    pub(super) fn foreground(&self) -> Option<i32> {
        nix::unistd::tcgetpgrp(self.master.as_fd()).ok().map(nix::unistd::Pid::as_raw)
    }

    /// Runs blocking work on the processes of this shell, with the permissions of their user.
    pub(super) async fn inspect<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Option<R> {
        let workspace = Arc::clone(&self.workspace);
        tokio::task::spawn_blocking(move || workspace.as_owner(work)).await.ok()
    }
}

async fn wait_for_death(mut child: Child, shared: Arc<Shared>, reader: Arc<ReaderLease>) {
    let death = match child.wait().await {
        Ok(status) => status.code().map(Death::Exited).or(status.signal().map(Death::Killed)),
        Err(error) => {
            tracing::warn!(%error, "cannot wait for a shell");
            None
        }
    };
    shared.died(death.unwrap_or(Death::Exited(0)));
    reader.end();
}

fn write_all(to: &OwnedFd, bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match nix::unistd::write(to, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Writes a file over the one that is there, whose place on a full disk nobody else gets meanwhile.
fn rewrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}

/// An empty file that the shell may write but, its directory being the host's, not replace.
fn create_state_file(path: &Path, owner: Option<Owner>) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    if let Some(owner) = owner.filter(|_| Uid::effective().is_root()) {
        fchown(&file, Some(Uid::from_raw(owner.uid)), Some(Gid::from_raw(owner.gid)))?;
    }
    Ok(())
}

/// A path as one word of bash.
fn quote_path(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}
