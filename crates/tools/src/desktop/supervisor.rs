//! Keeps an X server and a window manager running.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::unistd::Uid;
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::display::{Claim, claim};
use super::{DesktopError, DesktopOptions};
use crate::shell;
use crate::workspace::Workspace;

const SERVER: &str = "Xtigervnc";
const WINDOW_MANAGER: &str = "jwm";
const WINDOW_MANAGER_SETTINGS: &str = include_str!("jwmrc.xml");

/// Size of the desktop until a viewer asks for another.
const GEOMETRY: &str = "1280x800";

/// How often a starting server is asked whether it answers, and for how long.
const PROBE_INTERVAL: Duration = Duration::from_millis(10);
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// How long a server may take to end.
const END_LIMIT: Duration = Duration::from_secs(1);

/// A server that lived shorter than this was not started well.
const SHORT_LIFE: Duration = Duration::from_secs(10);

/// How many short lives there may be until the supervisor gives up, and the pause after the first; it
/// doubles from one to the next.
const MAX_SHORT_LIVES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Where the desktop stands.
#[derive(Debug, Clone)]
pub(super) enum Phase {
    /// It does not answer yet, or not at the moment.
    Starting,
    /// It answers.
    Running,
    /// The supervisor has given up; the next one may be luckier.
    Failed(DesktopError),
}

/// What is to run, where, as whom.
pub(super) struct Plan {
    pub(super) display: u16,
    workspace: Arc<Workspace>,
    environment: Vec<(OsString, OsString)>,
    /// The host's.
    settings: PathBuf,
    /// The desktop user's.
    directory: PathBuf,
}

impl Plan {
    pub(super) fn new(options: DesktopOptions) -> Self {
        let environment = shell::environment(&options.workspace, Some(options.display), &options.environment);
        Self {
            display: options.display,
            workspace: options.workspace,
            environment,
            settings: options.state_directory.join("jwmrc"),
            directory: options.state_directory.join("desktop"),
        }
    }

    /// Where the server speaks RFB.
    pub(super) fn socket(&self) -> PathBuf {
        self.directory.join("rfb.sock")
    }

    /// A connection to the server, made with the permissions of the desktop's user: what the socket's path
    /// leads to is in that user's hands.
    pub(super) async fn connect(&self) -> io::Result<UnixStream> {
        let (workspace, socket) = (Arc::clone(&self.workspace), self.socket());
        let connecting = tokio::task::spawn_blocking(move || {
            workspace.as_owner(|| std::os::unix::net::UnixStream::connect(socket))
        });
        let stream = connecting.await.map_err(io::Error::other)??;
        stream.set_nonblocking(true)?;
        UnixStream::from_std(stream)
    }

    fn log(&self) -> PathBuf {
        self.directory.join("xserver.log")
    }

    fn prepare(&self) -> Result<(), DesktopError> {
        for (program, package) in [(SERVER, "tigervnc-standalone-server"), (WINDOW_MANAGER, "jwm")] {
            if !self.is_installed(program) {
                return Err(DesktopError::Missing { program, package });
            }
        }
        let refused = |what: String| move |source| DesktopError::System { what, source: Arc::new(source) };
        let writing = refused(format!("cannot write {}", self.settings.display()));
        std::fs::write(&self.settings, WINDOW_MANAGER_SETTINGS).map_err(writing)?;
        let creating = refused(format!("cannot create {}", self.directory.display()));
        self.create_directory().map_err(creating)?;
        let freeing = refused(format!("cannot free display :{}", self.display));
        match claim(self.display, &self.socket(), self.workspace.owner()).map_err(freeing)? {
            Claim::Free => Ok(()),
            Claim::Taken(process) => Err(DesktopError::DisplayTaken { display: self.display, process }),
        }
    }

    fn create_directory(&self) -> io::Result<()> {
        match std::fs::DirBuilder::new().mode(0o700).create(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            created => created?,
        }
        match self.workspace.owner().filter(|_| Uid::effective().is_root()) {
            Some(owner) => chown(&self.directory, Some(owner.uid), Some(owner.gid)),
            None => Ok(()),
        }
    }

    fn is_installed(&self, program: &str) -> bool {
        let path = self.environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value);
        path.is_some_and(|path| std::env::split_paths(path).any(|place| place.join(program).is_file()))
    }

    fn start(&self, mut command: Command) -> io::Result<Child> {
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.workspace.root()).stdin(Stdio::null()).kill_on_drop(true);
        if let Some(owner) = self.workspace.owner().filter(|_| Uid::effective().is_root()) {
            command.uid(owner.uid).gid(owner.gid);
        }
        shell::detach(&mut command);
        command.spawn()
    }

    fn start_server(&self) -> io::Result<Child> {
        let log = self.workspace.as_owner(|| File::create(self.log()))?;
        let mut command = Command::new(SERVER);
        command.arg(format!(":{}", self.display));
        command.args(["-rfbport", "-1", "-rfbunixmode", "0660", "-rfbunixpath"]).arg(self.socket());
        command.args(["-SecurityTypes", "None", "-nolisten", "tcp", "-AlwaysShared"]);
        command.args([
            "-AcceptSetDesktopSize=1",
            "-geometry",
            GEOMETRY,
            "-depth",
            "24",
            "-desktop",
            "Slipway",
        ]);
        command.stdout(log.try_clone()?).stderr(log);
        self.start(command)
    }

    fn start_window_manager(&self) -> io::Result<Child> {
        let mut command = Command::new(WINDOW_MANAGER);
        command.arg("-f").arg(&self.settings).stdout(Stdio::null()).stderr(Stdio::null());
        self.start(command)
    }

    /// Asks the server to end, which makes it remove its lock, and kills it if it does not.
    async fn end_server(&self, server: &mut Child) {
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            let Some(id) = server.id().and_then(|id| i32::try_from(id).ok()) else { return };
            let owner = self.workspace.owner();
            // An error would be a panic in there; the next signal or the next start deals with the rest.
            let _ = tokio::task::spawn_blocking(move || shell::signal(&[id], signal, owner)).await;
            if tokio::time::timeout(END_LIMIT, server.wait()).await.is_ok() {
                return;
            }
        }
        tracing::warn!(display = self.display, "the X server does not end");
    }

    async fn answers(&self) -> bool {
        let Ok(mut stream) = self.connect().await else { return false };
        let mut greeting = [0; 4];
        stream.read_exact(&mut greeting).await.is_ok() && &greeting == b"RFB "
    }
}

/// Starts the desktop and keeps it running until `end` fires or it fails too often.
pub(super) async fn supervise(plan: Arc<Plan>, phase: watch::Sender<Phase>, end: CancellationToken) {
    let mut short_lives = 0;
    let mut pause = FIRST_PAUSE;
    loop {
        let since = Instant::now();
        let failure = live(&plan, &phase, &end).await.err();
        if end.is_cancelled() {
            break;
        }
        if since.elapsed() >= SHORT_LIFE {
            (short_lives, pause) = (0, FIRST_PAUSE);
        }
        short_lives += 1;
        tracing::warn!(display = plan.display, short_lives, error = ?failure, "the desktop ended");
        let final_failure = match failure {
            Some(error @ (DesktopError::Missing { .. } | DesktopError::DisplayTaken { .. })) => Some(error),
            _ if short_lives < MAX_SHORT_LIVES => None,
            Some(error) => Some(error),
            None => Some(DesktopError::Crashed { reason: last_words(&plan.log()), log: plan.log() }),
        };
        if let Some(error) = final_failure {
            phase.send_replace(Phase::Failed(error));
            return;
        }
        phase.send_replace(Phase::Starting);
        tokio::select! {
            () = end.cancelled() => break,
            () = tokio::time::sleep(pause) => pause *= 2,
        }
    }
    phase.send_replace(Phase::Failed(DesktopError::Closed));
}

/// One life of the server, from start to end; `end` ends it.
async fn live(
    plan: &Plan,
    phase: &watch::Sender<Phase>,
    end: &CancellationToken,
) -> Result<(), DesktopError> {
    plan.prepare()?;
    let mut server = plan.start_server().map_err(|source| DesktopError::System {
        what: format!("cannot start {SERVER}"),
        source: Arc::new(source),
    })?;
    let result = tokio::select! {
        _ = server.wait() => return Ok(()),
        () = end.cancelled() => Err(DesktopError::Closed),
        result = run(plan, phase) => result,
    };
    plan.end_server(&mut server).await;
    result
}

/// What goes on while the server lives; ends only if that is of no use.
async fn run(plan: &Plan, phase: &watch::Sender<Phase>) -> Result<(), DesktopError> {
    let answered = tokio::time::timeout(PROBE_LIMIT, wait_until_it_answers(plan)).await;
    answered.map_err(|_| DesktopError::TimedOut)?;
    phase.send_replace(Phase::Running);
    keep_window_manager(plan).await;
    Ok(())
}

async fn wait_until_it_answers(plan: &Plan) {
    while !plan.answers().await {
        tokio::time::sleep(PROBE_INTERVAL).await;
    }
}

/// Windows stay usable without it, so that its failures are no reason to end the server.
async fn keep_window_manager(plan: &Plan) {
    let mut pause = FIRST_PAUSE;
    loop {
        let since = Instant::now();
        match plan.start_window_manager() {
            Ok(mut manager) => {
                let ended = manager.wait().await;
                tracing::warn!(?ended, "the window manager ended");
            }
            Err(error) => tracing::warn!(%error, "cannot start the window manager"),
        }
        pause = if since.elapsed() >= SHORT_LIFE { FIRST_PAUSE } else { pause * 2 };
        tokio::time::sleep(pause.min(SHORT_LIFE)).await;
    }
}

fn last_words(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    line.unwrap_or("it said nothing").chars().take(300).collect()
}
