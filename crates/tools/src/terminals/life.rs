//! One shell from its start to its end.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use slipway_protocol::id::TerminalId;
use slipway_protocol::terminal::{Terminal, TerminalStatus};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use super::state::{About, Shared};
use super::{TerminalError, TerminalLimits, Terminals};
use crate::shell::{self, Size};
use crate::workspace::Workspace;

/// Names a shell in the environment of all that it starts, so that nothing of it outlives it unseen.
const TAG_VARIABLE: &str = "SLIPWAY_TERMINAL_TAG";

/// Most bytes that are read at once.
const CHUNK: usize = 64 * 1024;

/// How long a shell that has ended is waited for until the last of its output has been read, besides the patience with
/// its readers.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A shell of the person's.
pub(super) struct LiveTerminal {
    pub(super) id: TerminalId,
    pub(super) number: u32,
    started_at: i64,
    /// Its process.
    pub(super) shell: Option<i32>,
    pub(super) shared: Shared,
    master: AsyncFd<OwnedFd>,
    /// How it is to end, once somebody wants that.
    wanted_end: Mutex<TerminalStatus>,
    close: CancellationToken,
    ended: CancellationToken,
}

impl LiveTerminal {
    /// Starts a shell; the future that is its life must be run until it ends.
    pub(super) fn start(
        terminals: &Terminals,
        number: u32,
        name: Option<String>,
        size: Size,
    ) -> Result<(Arc<Self>, impl Future<Output = ()> + Send + use<>), TerminalError> {
        let workspace = Arc::clone(&terminals.options.workspace);
        let id = TerminalId::generate();
        let tag = format!("{TAG_VARIABLE}={id}");
        let mut environment = terminals.environment.clone();
        environment.push((TAG_VARIABLE.into(), id.as_str().into()));
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--rcfile"]).arg(&terminals.init).arg("-i");
        let owner = workspace.owner();
        let (child, master) = shell::open_interactive(command, workspace.root(), owner, &environment, size)?;
        let limits = terminals.options.limits;
        let about = About { name, size, status: TerminalStatus::Running, exit_code: None };
        let terminal = Arc::new(Self {
            id,
            number,
            started_at: now_ms(),
            shell: child.id().and_then(|id| i32::try_from(id).ok()),
            shared: Shared::new(about, limits.kept_bytes),
            master,
            wanted_end: Mutex::new(TerminalStatus::Closed),
            close: terminals.end.child_token(),
            ended: CancellationToken::new(),
        });
        let life = Life { terminal: Arc::clone(&terminal), workspace, child, limits, tag };
        Ok((terminal, life.run()))
    }

    /// The shell as the person is told of it.
    pub(super) fn told(&self) -> Terminal {
        self.tell_of(self.shared.about())
    }

    pub(super) fn tell_of(&self, about: About) -> Terminal {
        Terminal {
            id: self.id.clone(),
            number: self.number,
            name: about.name,
            columns: about.size.columns,
            rows: about.size.rows,
            started_at: self.started_at,
            status: about.status,
            exit_code: about.exit_code,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.shared.about().status == TerminalStatus::Running
    }

    pub(super) fn rename(&self, name: Option<String>) {
        self.shared.change(|about| about.name = name);
    }

    /// Changes the size, if it may be that.
    pub(super) fn resize(&self, columns: u16, rows: u16) {
        let Ok(size) = super::size(columns, rows) else { return };
        if self.shared.about().size != size && shell::resize(self.master.get_ref(), size).is_ok() {
            self.shared.change(|about| about.size = size);
        }
    }

    /// Types into the terminal; waits while nothing reads it.
    pub(super) async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        self.shared.touch();
        while !bytes.is_empty() {
            let written = self
                .master
                .async_io(Interest::WRITABLE, |master| Ok(nix::unistd::write(master, bytes)?))
                .await?;
            bytes = bytes.get(written..).unwrap_or_default();
        }
        Ok(())
    }

    /// Begins to end the shell.
    pub(super) fn ask_to_end(&self, how: TerminalStatus) {
        *self.wanted_end.lock().unwrap_or_else(PoisonError::into_inner) = how;
        self.close.cancel();
    }

    /// Ends the shell, and waits until it is gone.
    pub(super) async fn end(&self, how: TerminalStatus) {
        self.ask_to_end(how);
        self.ended.cancelled().await;
    }

    /// Reads the terminal until it hangs up. Waits when a reader is far behind.
    async fn read(&self, limits: TerminalLimits) {
        let mut changes = self.shared.changes();
        let mut buffer = vec![0; CHUNK];
        loop {
            let room = self.shared.room(limits.kept_bytes).min(CHUNK);
            if room == 0 {
                if tokio::time::timeout(limits.patience, changes.changed()).await.is_err() {
                    tracing::info!(terminal = %self.id, "a reader of a terminal that does not read is sent away");
                    self.shared.dismiss_slowest();
                }
                continue;
            }
            let into = buffer.get_mut(..room).unwrap_or_default();
            let read =
                self.master.async_io(Interest::READABLE, |master| Ok(nix::unistd::read(master, into)?));
            match read.await {
                Ok(count @ 1..) => self.shared.append(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.raw_os_error() == Some(Errno::EINTR as i32) => {}
                Ok(0) | Err(_) => return,
            }
        }
    }

    /// Waits until nobody has used the shell for so long.
    async fn unused(&self, limit: Duration) {
        let mut changes = self.shared.changes();
        loop {
            match self.shared.unused_since() {
                Some(since) if since.elapsed() >= limit => return,
                Some(since) => {
                    tokio::time::sleep_until((since + limit).into()).await;
                }
                // The sender is in `shared`, so there is always an answer.
                None => drop(changes.changed().await),
            }
        }
    }
}

/// What runs as long as a shell does.
struct Life {
    terminal: Arc<LiveTerminal>,
    workspace: Arc<Workspace>,
    child: Child,
    limits: TerminalLimits,
    tag: String,
}

impl Life {
    async fn run(mut self) {
        let terminal = Arc::clone(&self.terminal);
        let shell = terminal.shell;
        let owner = self.workspace.owner();
        let mut reading = std::pin::pin!(terminal.read(self.limits));
        let mut is_read = false;
        let ended = loop {
            tokio::select! {
                status = self.child.wait() => break Some(status),
                () = terminal.close.cancelled() => break None,
                () = terminal.unused(self.limits.idle) => terminal.ask_to_end(TerminalStatus::Idle),
                () = &mut reading, if !is_read => is_read = true,
            }
        };
        if let Some(shell) = shell {
            // Programs that end may still print, and would wait if nobody read.
            let ending = async {
                match ended {
                    Some(_) => shell::end_started(shell, owner).await,
                    None => shell::end_shell(shell, owner).await,
                }
                shell::sweep(self.tag, &self.workspace).await;
            };
            let mut ending = std::pin::pin!(ending);
            loop {
                tokio::select! {
                    () = &mut ending => break,
                    () = &mut reading, if !is_read => is_read = true,
                }
            }
        }
        if !is_read {
            let _ = tokio::time::timeout(self.limits.patience + LAST_WORDS, &mut reading).await;
        }
        let (status, exit_code) = match ended {
            Some(status) => (TerminalStatus::Exited, status.ok().and_then(exit_code)),
            None => {
                let _ = self.child.wait().await;
                (*terminal.wanted_end.lock().unwrap_or_else(PoisonError::into_inner), None)
            }
        };
        terminal.shared.change(|about| {
            about.status = status;
            about.exit_code = exit_code;
        });
        terminal.ended.cancel();
    }
}

/// The code as shells tell it.
fn exit_code(status: ExitStatus) -> Option<i32> {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal))
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
