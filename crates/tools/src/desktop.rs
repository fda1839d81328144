//! The desktop of the sandbox: an X server that speaks VNC over a unix socket, and a window manager.
//!
//! It is started when somebody first needs it, restarted when it crashes, and ends with the host. No TCP
//! port is opened; whoever may use the desktop is decided by who may reach the host.

mod display;
mod supervisor;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::supervisor::{Phase, Plan};
use crate::workspace::Workspace;

/// How long a caller waits for the desktop to answer.
const START_LIMIT: Duration = Duration::from_secs(5);

/// What a desktop is made of.
pub struct DesktopOptions {
    /// Whose desktop it is: the workspace's owner's, when the host is root.
    pub workspace: Arc<Workspace>,
    /// An existing directory for the socket, the configuration and the logs. It must belong to the host,
    /// be writable by nobody else, and be reachable for the desktop's user. Its path must be short: a
    /// socket's path has at most 107 bytes.
    pub state_directory: PathBuf,
    /// Variables that programs get besides those that every desktop has.
    pub environment: Vec<(OsString, OsString)>,
    /// Number of the X display.
    pub display: u16,
}

/// Why there is no desktop.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DesktopError {
    /// A program that it needs is not installed.
    #[error("there is no desktop: {program} is not installed; install it with `apt-get install {package}`")]
    Missing {
        /// The program.
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// Somebody else's X server has the display.
    #[error(
        "there is no desktop: display :{display} belongs to process {process}; end it, or choose another display"
    )]
    DisplayTaken {
        /// Number of the display.
        display: u16,
        /// Who has it.
        process: i32,
    },
    /// The system refused something that it needs.
    #[error("there is no desktop: {what}: {source}")]
    System {
        /// What was refused.
        what: String,
        /// Why.
        source: Arc<io::Error>,
    },
    /// It ends as soon as it is started.
    #[error("there is no desktop: the X server ended at once ({reason}); see {}", log.display())]
    Crashed {
        /// Its last words.
        reason: String,
        /// All of its words.
        log: PathBuf,
    },
    /// It does not answer.
    #[error("the desktop did not answer within {} seconds", START_LIMIT.as_secs())]
    TimedOut,
    /// The host ends.
    #[error("the desktop was shut down")]
    Closed,
}

/// Starts the desktop when it is needed and keeps it running.
pub struct Desktop {
    plan: Arc<Plan>,
    supervisor: Mutex<Option<watch::Receiver<Phase>>>,
    tracker: TaskTracker,
    end: CancellationToken,
}

impl Desktop {
    /// A desktop that does not run yet.
    pub fn new(options: DesktopOptions) -> Self {
        Self {
            plan: Arc::new(Plan::new(options)),
            supervisor: Mutex::new(None),
            tracker: TaskTracker::new(),
            end: CancellationToken::new(),
        }
    }

    /// Number of the X display.
    pub fn display(&self) -> u16 {
        self.plan.display
    }

    /// Starts the desktop unless it runs, without waiting for it.
    pub fn start(&self) {
        if let Err(error) = self.supervised() {
            tracing::debug!(%error, "the desktop is not started");
        }
    }

    /// Starts the desktop unless it runs, and waits until it answers (5 seconds at most).
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn ensure_started(&self) -> Result<(), DesktopError> {
        let mut phase = self.supervised()?;
        let settled = phase.wait_for(|phase| !matches!(phase, Phase::Starting));
        let settled = tokio::time::timeout(START_LIMIT, settled).await.map_err(|_| DesktopError::TimedOut)?;
        match settled.as_deref() {
            Ok(Phase::Running) => Ok(()),
            Ok(Phase::Failed(error)) => Err(error.clone()),
            Ok(Phase::Starting) | Err(_) => Err(DesktopError::Closed),
        }
    }

    /// A byte stream that speaks RFB (VNC) with the desktop, which is started when it does not run.
    ///
    /// # Errors
    /// When it cannot be started, or does not answer within 5 seconds.
    pub async fn connect(&self) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + use<>, DesktopError> {
        self.ensure_started().await?;
        self.plan.connect().await.map_err(|source| DesktopError::System {
            what: format!("cannot connect to {}", self.plan.socket().display()),
            source: Arc::new(source),
        })
    }

    /// Ends the desktop and waits until it is gone.
    pub async fn shutdown(&self) {
        self.end.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }

    /// The phases of the present supervisor, or of a new one when there is none or it has given up.
    fn supervised(&self) -> Result<watch::Receiver<Phase>, DesktopError> {
        if self.end.is_cancelled() {
            return Err(DesktopError::Closed);
        }
        let mut supervisor = self.supervisor.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(phase) = supervisor.as_ref().filter(|phase| phase.has_changed().is_ok()) {
            return Ok(phase.clone());
        }
        let (told, phase) = watch::channel(Phase::Starting);
        self.tracker.spawn(supervisor::supervise(Arc::clone(&self.plan), told, self.end.child_token()));
        *supervisor = Some(phase.clone());
        Ok(phase)
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.end.cancel();
    }
}
