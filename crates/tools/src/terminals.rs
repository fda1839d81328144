//! The person's own shells: bash on pseudo-terminals beside the agent's, as the same user, with the same environment and
//! as few powers. The agent's tools know nothing of them.
//!
//! A shell needs nobody who looks at it. What it prints last is kept in a ring, from which each reader is sent what it
//! has not had, by offsets, so that nothing is lost or doubled when a connection breaks. A reader that reads holds the
//! shell up when it falls behind by a whole ring; one that does not is sent away after a while.
//!
//! `ring` keeps output, `state` is what a shell and its readers share, `life` reads the terminal and ends the shell,
//! `reader` serves one reader, `frame` are the messages on the wire.

mod frame;
mod life;
mod programs;
mod reader;
mod ring;
mod state;

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use slipway_protocol::id::{ConversationId, TerminalId};
use slipway_protocol::terminal::{OpenTerminal, Terminal, TerminalList, TerminalStatus};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use self::frame::{MAX_MESSAGE_BYTES, Message, MessageCodec, messages};

use self::life::LiveTerminal;
use crate::shell;
use crate::workspace::Workspace;

/// Sizes that a terminal may have.
const COLUMNS: std::ops::RangeInclusive<u16> = 2..=1000;
const ROWS: std::ops::RangeInclusive<u16> = 1..=500;

/// Longest name, in characters.
const MAX_NAME: usize = 60;

const INIT_SCRIPT: &str = include_str!("terminals/terminal.bash");

/// Bounds of the person's shells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalLimits {
    /// Most shells of one conversation, ended ones included.
    pub per_conversation: usize,
    /// Most shells of the workspace that run.
    pub running: usize,
    /// Bytes of output that are kept of each.
    pub kept_bytes: usize,
    /// How long a reader may hold the shell up without reading.
    pub patience: Duration,
    /// After how long without a reader, input and output a shell is ended.
    pub idle: Duration,
}

impl Default for TerminalLimits {
    fn default() -> Self {
        Self {
            per_conversation: 8,
            running: 32,
            kept_bytes: 512 * 1024,
            patience: Duration::from_secs(10),
            idle: Duration::from_secs(12 * 60 * 60),
        }
    }
}

/// What the shells are made of.
pub struct TerminalOptions {
    /// Where shells start, and as whom they run.
    pub workspace: Arc<Workspace>,
    /// An existing directory that belongs to the host, is writable by nobody else, and can be reached by the shells' user.
    pub state_directory: PathBuf,
    /// Variables that shells get besides those that every terminal has (see [`crate::shell::inheritable`]).
    pub environment: Vec<(OsString, OsString)>,
    /// Number of the X display on which graphical programs open their windows, if there is one.
    pub display: Option<u16>,
    /// Their bounds.
    pub limits: TerminalLimits,
}

/// Why something was not done with a shell.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// There is no shell of this id.
    #[error("no shell has the id {0}: it was closed, or it ended when the sandbox was started anew")]
    Missing(TerminalId),
    /// There are as many as there may be.
    #[error("{0} shells are open, which is the most that there can be")]
    TooMany(usize),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The shell could not be started.
    #[error("bash cannot be started: {0}")]
    Start(#[from] io::Error),
}

/// The person's shells in one workspace.
pub struct Terminals {
    options: TerminalOptions,
    environment: Vec<(OsString, OsString)>,
    init: PathBuf,
    open: Mutex<HashMap<ConversationId, Vec<Arc<LiveTerminal>>>>,
    tracker: TaskTracker,
    end: CancellationToken,
}

impl Terminals {
    /// No shells yet.
    ///
    /// # Errors
    /// When the state directory cannot be written to.
    pub fn new(options: TerminalOptions) -> io::Result<Self> {
        let directory = options.state_directory.join("terminals");
        std::fs::DirBuilder::new().recursive(true).mode(0o755).create(&directory)?;
        let init = directory.join("terminal.bash");
        std::fs::write(&init, INIT_SCRIPT)?;
        Ok(Self {
            environment: shell::environment(&options.workspace, options.display, &options.environment),
            options,
            init,
            open: Mutex::default(),
            tracker: TaskTracker::new(),
            end: CancellationToken::new(),
        })
    }

    /// The shells of a conversation, the oldest first.
    pub fn list(&self, conversation: &ConversationId) -> TerminalList {
        let open = self.lock();
        let items = open.get(conversation).into_iter().flatten().map(|terminal| terminal.told()).collect();
        let limit = u32::try_from(self.options.limits.per_conversation).unwrap_or(u32::MAX);
        TerminalList { items, limit }
    }

    /// Starts a shell. When there are as many as there may be, the oldest that has ended makes room. Must be called
    /// within a runtime.
    ///
    /// # Errors
    /// [`TerminalError::TooMany`], [`TerminalError::Invalid`] and [`TerminalError::Start`].
    pub fn open(
        &self,
        conversation: &ConversationId,
        wanted: &OpenTerminal,
    ) -> Result<Terminal, TerminalError> {
        let size = size(wanted.columns, wanted.rows)?;
        let name = wanted.name.as_deref().map(name).transpose()?.flatten();
        let limits = self.options.limits;
        let mut open = self.lock();
        if self.end.is_cancelled() {
            return Err(io::Error::other("the sandbox is ending").into());
        }
        let running = open.values().flatten().filter(|terminal| terminal.is_running()).count();
        if running >= limits.running {
            return Err(TerminalError::TooMany(running));
        }
        let own = open.entry(conversation.clone()).or_default();
        if own.len() >= limits.per_conversation {
            let ended = own.iter().position(|terminal| !terminal.is_running());
            own.remove(ended.ok_or(TerminalError::TooMany(own.len()))?);
        }
        let number = own.iter().map(|terminal| terminal.number).max().unwrap_or_default() + 1;
        let (terminal, life) = LiveTerminal::start(self, number, name, size)?;
        self.tracker.spawn(life);
        own.push(Arc::clone(&terminal));
        Ok(terminal.told())
    }

    /// Gives a shell another name; without one it goes by its number.
    ///
    /// # Errors
    /// [`TerminalError::Missing`] and [`TerminalError::Invalid`].
    pub fn rename(
        &self,
        conversation: &ConversationId,
        id: &TerminalId,
        wanted: &str,
    ) -> Result<Terminal, TerminalError> {
        let terminal = self.find(conversation, id)?;
        terminal.rename(name(wanted)?);
        Ok(terminal.told())
    }

    /// Ends a shell with everything that it started, and forgets it. Takes at most a second.
    ///
    /// # Errors
    /// [`TerminalError::Missing`].
    pub async fn close(&self, conversation: &ConversationId, id: &TerminalId) -> Result<(), TerminalError> {
        let terminal = self.find(conversation, id)?;
        if let Some(own) = self.lock().get_mut(conversation) {
            own.retain(|other| other.id != *id);
        }
        terminal.end(TerminalStatus::Closed).await;
        Ok(())
    }

    /// Serves one reader of a shell on a byte stream of [`messages`], beginning at the output's byte `from`, or with all
    /// that is kept. The future ends when the shell has ended and all was sent, or the reader is gone.
    ///
    /// # Errors
    /// [`TerminalError::Missing`].
    pub fn attend<Io>(
        &self,
        conversation: &ConversationId,
        id: &TerminalId,
        from: Option<u64>,
        io: Io,
    ) -> Result<impl Future<Output = ()> + Send + use<Io>, TerminalError>
    where
        Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Ok(reader::serve(self.find(conversation, id)?, from, io))
    }

    /// Begins to end the shells of a conversation.
    pub fn end_conversation(&self, conversation: &ConversationId) {
        for terminal in self.lock().remove(conversation).unwrap_or_default() {
            terminal.ask_to_end(TerminalStatus::Closed);
        }
    }

    /// Ends all shells, and waits until they are gone.
    pub async fn shutdown(&self) {
        self.end.cancel();
        self.lock().clear();
        self.tracker.close();
        self.tracker.wait().await;
    }

    fn find(
        &self,
        conversation: &ConversationId,
        id: &TerminalId,
    ) -> Result<Arc<LiveTerminal>, TerminalError> {
        let open = self.lock();
        let found = open.get(conversation).into_iter().flatten().find(|terminal| terminal.id == *id);
        found.cloned().ok_or_else(|| TerminalError::Missing(id.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConversationId, Vec<Arc<LiveTerminal>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Terminals {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// A terminal's size, if it may be that.
fn size(columns: u16, rows: u16) -> Result<shell::Size, TerminalError> {
    if COLUMNS.contains(&columns) && ROWS.contains(&rows) {
        return Ok(shell::Size { columns, rows });
    }
    let (columns_from, columns_to, rows_from, rows_to) =
        (COLUMNS.start(), COLUMNS.end(), ROWS.start(), ROWS.end());
    Err(TerminalError::Invalid(format!(
        "a terminal has {columns_from} to {columns_to} columns and {rows_from} to {rows_to} rows, not {columns} and {rows}"
    )))
}

/// A name as it is kept; none when there is nothing in it.
fn name(wanted: &str) -> Result<Option<String>, TerminalError> {
    let name = wanted.trim();
    if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(TerminalError::Invalid(format!(
            "a name has at most {MAX_NAME} characters, all of which can be seen"
        )));
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}
