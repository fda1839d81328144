//! The desktop of the sandbox: an X server that speaks VNC over a unix socket, and a window manager.
//!
//! It is started when somebody needs it, a program that wants a window included, restarted when it crashes,
//! and ended when nobody has needed it for a while, and with the host. No TCP
//! port is opened; whoever may use the desktop is decided by who may reach the host.

mod computer;
mod display;
mod door;
mod look;
mod picture;
mod plan;
mod rfb;
mod screenshot;
mod stream;
mod supervisor;
mod windows;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use self::computer::{Computer, ComputerData};
pub use self::look::{Eyes, LookData};
pub use self::picture::Picture;
pub use self::rfb::RfbError;
pub use self::screenshot::Screenshot;
pub use self::stream::DesktopStream;
pub use self::windows::WindowsError;

use self::plan::Plan;
use self::rfb::RfbClient;
use self::stream::Uses;
use self::supervisor::Phase;
use self::windows::Seen;
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
    /// It is ended after nobody has looked and no window was open for so long.
    pub idle_limit: Duration,
}

/// A usual [`DesktopOptions::idle_limit`].
pub const IDLE_LIMIT: Duration = Duration::from_secs(600);

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
    phase: Arc<watch::Sender<Phase>>,
    is_supervised: AtomicBool,
    uses: Arc<Uses>,
    tracker: TaskTracker,
    end: CancellationToken,
}

impl Desktop {
    /// A desktop that does not run yet.
    pub fn new(options: DesktopOptions) -> Self {
        Self {
            plan: Arc::new(Plan::new(options)),
            phase: Arc::new(watch::Sender::new(Phase::Off)),
            is_supervised: AtomicBool::new(false),
            uses: Arc::default(),
            tracker: TaskTracker::new(),
            end: CancellationToken::new(),
        }
    }

    /// Number of the X display.
    pub fn display(&self) -> u16 {
        self.plan.display
    }

    /// From now on the desktop is started as soon as a program wants to open a window on its display.
    pub fn listen(&self) {
        if self.end.is_cancelled() || self.is_supervised.swap(true, Ordering::Relaxed) {
            return;
        }
        let (plan, phase, uses) = (Arc::clone(&self.plan), Arc::clone(&self.phase), Arc::clone(&self.uses));
        self.tracker.spawn(supervisor::supervise(plan, phase, uses, self.end.child_token()));
    }

    /// Whether it runs at the moment.
    pub fn is_running(&self) -> bool {
        matches!(*self.phase.borrow(), Phase::Running)
    }

    /// Starts the desktop unless it runs, and waits until it answers (5 seconds at most).
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn ensure_started(&self) -> Result<(), DesktopError> {
        if self.end.is_cancelled() {
            return Err(DesktopError::Closed);
        }
        self.listen();
        self.uses.touch();
        let mut phases = self.phase.subscribe();
        self.phase.send_if_modified(|phase| {
            let is_wanted = matches!(phase, Phase::Off | Phase::Failed(_));
            if is_wanted {
                *phase = Phase::Starting;
            }
            is_wanted
        });
        let settled = phases.wait_for(|phase| !matches!(phase, Phase::Starting));
        let settled = tokio::time::timeout(START_LIMIT, settled).await.map_err(|_| DesktopError::TimedOut)?;
        match settled.as_deref() {
            Ok(Phase::Running) => Ok(()),
            Ok(Phase::Failed(error)) => Err(error.clone()),
            Ok(Phase::Off | Phase::Starting) | Err(_) => Err(DesktopError::Closed),
        }
    }

    /// A byte stream that speaks RFB (VNC) with the desktop, which is started when it does not run.
    ///
    /// # Errors
    /// When it cannot be started, or does not answer within 5 seconds.
    pub async fn connect(&self) -> Result<DesktopStream, DesktopError> {
        self.uses.touch();
        self.ensure_started().await?;
        let stream = self.plan.connect().await.map_err(|source| DesktopError::System {
            what: format!("cannot connect to {}", self.plan.socket().display()),
            source: Arc::new(source),
        })?;
        Ok(DesktopStream::new(stream, Arc::clone(&self.uses)))
    }

    /// A picture of the whole desktop, which is started when it does not run.
    ///
    /// # Errors
    /// When it cannot be started, or makes no sense.
    pub async fn picture(&self) -> Result<Picture, RfbError> {
        let stream = self.connect().await.map_err(std::io::Error::other)?;
        let mut client = RfbClient::connect(stream).await?;
        client.fetch().await?;
        let frame = client.into_frame();
        let drawn = tokio::task::spawn_blocking(move || look::draw_all(&frame)).await;
        drawn.ok().flatten().ok_or_else(|| RfbError::Nonsense("it has no pixels".to_owned()))
    }

    /// The windows, and where the pointer is; the desktop must run.
    async fn windows(&self) -> Result<Seen, WindowsError> {
        self.asked(windows::look).await
    }

    /// Brings a window to the front.
    async fn activate(&self, window: u32) -> Result<(), WindowsError> {
        self.asked(move |socket| windows::activate(socket, window)).await
    }

    /// Asks the X server something, as its user.
    async fn asked<R: Send + 'static>(
        &self,
        question: impl FnOnce(&Path) -> Result<R, WindowsError> + Send + 'static,
    ) -> Result<R, WindowsError> {
        let plan = Arc::clone(&self.plan);
        let asking = tokio::task::spawn_blocking(move || plan.as_user(|| question(&plan.x_socket())));
        asking.await.map_err(io::Error::other)?
    }

    /// Ends the desktop and waits until it is gone.
    pub async fn shutdown(&self) {
        self.end.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.end.cancel();
    }
}
