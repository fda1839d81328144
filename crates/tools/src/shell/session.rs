//! One live shell.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
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
use tokio::process::Child;
use tokio_util::task::TaskTracker;

use super::reader::{self, Sources};
use super::shared::{Death, Phase, Shared};
use super::terminal;
use crate::workspace::{Owner, Workspace};

/// How long a new shell may take until it reads commands.
const START_LIMIT: Duration = Duration::from_secs(10);

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
    master: Arc<OwnedFd>,
    settings: libc::termios,
    sequence: u64,
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
        let state = quote_path(&session.state_file());
        let restored = blueprint.restored_from.as_deref().map(quote_path).unwrap_or_default();
        let mut phases = session.shared.phases();
        session.write(format!(" . {init} {state} {restored}\n").as_bytes()).map_err(|_| StartError::Died)?;
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
        create_state_file(&files.join("state"), owner)?;
        let terminal = terminal::open(workspace.root(), owner, blueprint.environment)?;
        let id = terminal.child.id().and_then(|id| i32::try_from(id).ok());
        let id = id.ok_or_else(|| io::Error::other("bash ended at once"))?;
        let shared = Arc::new(Shared::new());
        let (stop, lease) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
        let reader = Arc::new(ReaderLease(Mutex::new(Some(lease))));
        let master = Arc::new(terminal.master);
        let sources = Sources { master: Arc::clone(&master), control: terminal.control, stop };
        reader::start(sources, Arc::clone(&shared))?;
        let death = wait_for_death(terminal.child, Arc::clone(&shared), Arc::clone(&reader));
        blueprint.tracker.spawn(death);
        let settings = terminal.settings;
        Ok(Self { shared, id, workspace, files, master, settings, sequence: 0, reader })
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
        std::fs::write(&script, format!("{command}\n"))?;
        tcsetattr(self.master.as_fd(), SetArg::TCSANOW, &self.settings.into())?;
        if !self.shared.expect(sequence, token.clone(), output) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let line = format!(
            " {{ __slipway_begin {sequence} {token}; }} 2>/dev/null; . {} 60>&- 61>&-; \
             {{ __slipway_finish \"$?\"; }} 2>/dev/null; exec 2>&60\n",
            quote_path(&script)
        );
        self.write(line.as_bytes())
    }

    /// Where the shell notes what a successor needs to carry on from it.
    pub(super) fn state_file(&self) -> PathBuf {
        self.files.join("state")
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
        let mut rest = bytes;
        while !rest.is_empty() {
            match nix::unistd::write(&*self.master, rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
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
