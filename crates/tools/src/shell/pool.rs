//! All shells of a tool host.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use slipway_protocol::id::ConversationId;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::conversation::{Conversation, Job};
use super::environment;
use super::left_running::ProcessTable;
use super::outcome::CommandReport;
use super::outputs::KeptOutputs;
use super::reserve::Reserve;
use super::session::StartError;
use crate::bounds::OutputBounds;
use crate::desktop::Desktop;
use crate::registry::OutputSink;
use crate::workspace::Workspace;

/// Commands of one conversation that may wait for their turn.
const QUEUE: usize = 16;

/// How long a stopped command may take to be gone.
const STOP_LIMIT: Duration = Duration::from_millis(1500);

const INIT_SCRIPT: &str = include_str!("init.bash");

/// What shells are made of.
pub struct ShellOptions {
    /// Where shells start, and as whom they run.
    pub workspace: Arc<Workspace>,
    /// An existing directory for the shells' files and long outputs. It must belong to the host, be
    /// writable by nobody else, and be reachable for the shells' user.
    pub state_directory: PathBuf,
    /// Variables that shells get besides those that every terminal has (see
    /// [`super::environment::inheritable`]); the host's own are not passed on.
    pub environment: Vec<(OsString, OsString)>,
    /// Where graphical programs open their windows; the first one starts it.
    pub desktop: Option<Arc<Desktop>>,
    /// How much of outputs is shown and kept.
    pub bounds: OutputBounds,
}

/// What every conversation's shells share.
pub(super) struct Base {
    pub(super) workspace: Arc<Workspace>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) init: PathBuf,
    pub(super) outputs: KeptOutputs,
    pub(super) bounds: OutputBounds,
    pub(super) reserve: Arc<Reserve>,
    pub(super) tracker: TaskTracker,
}

impl Base {
    /// A directory that the shell's user can look into but not change.
    pub(super) fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.reserve.with(|| std::fs::DirBuilder::new().mode(0o755).create(path))
    }

    pub(super) fn cannot_start(&self, source: io::Error) -> StartError {
        StartError::Spawn { directory: self.workspace.root().to_owned(), source }
    }
}

/// A command to run.
#[derive(Debug, Clone)]
pub struct CommandRequest {
    /// Any text that bash can read from a file.
    pub command: String,
    /// How long the caller waits; then the command goes on as a process.
    pub timeout: Duration,
    /// Whether it goes on as a process from the start.
    pub background: bool,
    /// Whether to begin with a fresh shell that knows nothing of the present one.
    pub new_shell: bool,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no shell.
    #[error(transparent)]
    NoShell(#[from] StartError),
    /// The conversation or the host ended meanwhile.
    #[error("the conversation's shell was closed")]
    Closed,
    /// It was stopped before its turn came.
    #[error("stopped before it began")]
    Stopped,
}

/// One shell for each conversation. Commands of one conversation queue; conversations never wait for each
/// other.
pub struct ShellPool {
    base: Arc<Base>,
    directory: PathBuf,
    conversations: Mutex<HashMap<ConversationId, Handle>>,
    next_directory: AtomicU64,
    end: CancellationToken,
}

#[derive(Clone)]
struct Handle {
    jobs: mpsc::Sender<Job>,
    table: Arc<ProcessTable>,
    end: CancellationToken,
}

impl ShellPool {
    /// Where a pool with this state directory keeps its files, whole outputs of commands among them.
    pub fn directory_in(state_directory: &Path) -> PathBuf {
        state_directory.join("shells")
    }

    /// A pool without shells; they start when they are needed.
    ///
    /// # Errors
    /// When the state directory cannot be written to.
    pub fn new(options: ShellOptions) -> io::Result<Self> {
        let directory = Self::directory_in(&options.state_directory);
        if directory.exists() {
            // Left over from an earlier run of the host, whose shells are gone.
            std::fs::remove_dir_all(&directory)?;
        }
        std::fs::DirBuilder::new().mode(0o755).create(&directory)?;
        let display = options.desktop.as_ref().map(|desktop| desktop.display());
        let base = Base {
            environment: environment::build(&options.workspace, display, &options.environment),
            workspace: options.workspace,
            init: directory.join("init.bash"),
            outputs: KeptOutputs::new(options.bounds.disk_bytes),
            bounds: options.bounds,
            reserve: Arc::new(Reserve::new(&directory)),
            tracker: TaskTracker::new(),
        };
        std::fs::write(&base.init, INIT_SCRIPT)?;
        Ok(Self {
            base: Arc::new(base),
            directory,
            conversations: Mutex::default(),
            next_directory: AtomicU64::new(1),
            end: CancellationToken::new(),
        })
    }

    /// Runs a command in the conversation's shell. When `cancel` fires, or the future is dropped, the
    /// command is killed with everything that it started; that takes at most a second.
    ///
    /// # Errors
    /// When there is no shell to run it, or it was stopped before its turn came.
    pub async fn run(
        &self,
        conversation: &ConversationId,
        request: CommandRequest,
        live: OutputSink,
        cancel: &CancellationToken,
    ) -> Result<CommandReport, RunError> {
        let handle = self.handle(conversation)?;
        let cancel = cancel.child_token();
        let _stop_when_dropped = cancel.clone().drop_guard();
        let (reply, answer) = oneshot::channel();
        let begun = Arc::new(AtomicBool::new(false));
        let job = Job { request, live, cancel: cancel.clone(), reply, begun: Arc::clone(&begun) };
        let answered = async {
            handle.jobs.send(job).await.map_err(|_| RunError::Closed)?;
            answer.await.map_err(|_| RunError::Closed)?
        };
        let stopped = async {
            cancel.cancelled().await;
            if begun.load(Ordering::Relaxed) {
                tokio::time::sleep(STOP_LIMIT).await;
            }
        };
        tokio::select! {
            biased;
            answered = answered => answered,
            () = stopped => Err(RunError::Stopped),
        }
    }

    /// The processes that the conversation's commands left running.
    pub fn processes(&self, conversation: &ConversationId) -> Option<Arc<ProcessTable>> {
        self.lock().get(conversation).map(|handle| Arc::clone(&handle.table))
    }

    /// The processes of every conversation.
    pub(crate) fn tables(&self) -> Vec<(ConversationId, Arc<ProcessTable>)> {
        self.lock().iter().map(|(id, handle)| (id.clone(), Arc::clone(&handle.table))).collect()
    }

    /// Ends the conversation's shell and processes and removes their files. Returns when they are being
    /// ended; a later command starts afresh.
    pub fn end_conversation(&self, conversation: &ConversationId) {
        if let Some(handle) = self.lock().remove(conversation) {
            handle.end.cancel();
        }
    }

    /// Ends all shells and processes, and waits until they are gone.
    pub async fn shutdown(&self) {
        self.end.cancel();
        self.lock().clear();
        self.base.tracker.close();
        self.base.tracker.wait().await;
    }

    fn handle(&self, conversation: &ConversationId) -> Result<Handle, RunError> {
        if self.end.is_cancelled() {
            return Err(RunError::Closed);
        }
        let mut conversations = self.lock();
        if let Some(handle) = conversations.get(conversation) {
            return Ok(handle.clone());
        }
        let number = self.next_directory.fetch_add(1, Ordering::Relaxed);
        let directory = self.directory.join(format!("conversation-{number}"));
        self.base.create_directory(&directory).map_err(|source| self.base.cannot_start(source))?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let table = Arc::new(ProcessTable::default());
        let end = self.end.child_token();
        let served = Conversation::new(Arc::clone(&self.base), directory, Arc::clone(&table));
        self.base.tracker.spawn(served.serve(queue, end.clone()));
        let handle = Handle { jobs, table, end };
        conversations.insert(conversation.clone(), handle.clone());
        Ok(handle)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConversationId, Handle>> {
        self.conversations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ShellPool {
    fn drop(&mut self) {
        self.end.cancel();
    }
}
