//! What a desktop is made of: its server and window manager, the files that they need, and as whom they run.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, chown};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::Uid;
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

use super::display::{Claim, claim};
use super::door::Door;
use super::{DesktopError, DesktopOptions, windows};
use crate::shell;
use crate::workspace::Workspace;

const WINDOW_MANAGER: &str = "jwm";
const WINDOW_MANAGER_SETTINGS: &str = include_str!("jwmrc.xml");

/// The X server.
pub(super) const SERVER: &str = "Xtigervnc";

/// Size of the desktop until a viewer asks for another.
const GEOMETRY: &str = "1280x800";

/// How a server is started that takes its connections from a socket which is there already: as systemd does
/// it, with the socket as file descriptor 3. The shell only knows its own process number.
const WITH_SOCKET: &str = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"";

/// How long a server may take to end.
const END_LIMIT: Duration = Duration::from_secs(1);

/// What is to run, where, as whom.
pub(super) struct Plan {
    pub(super) display: u16,
    pub(super) idle_limit: Duration,
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
            idle_limit: options.idle_limit,
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

    /// Where the server speaks X.
    pub(super) fn x_socket(&self) -> PathBuf {
        super::display::socket(self.display)
    }

    /// Works with files as the desktop's user.
    pub(super) fn as_user<R>(&self, work: impl FnOnce() -> R) -> R {
        self.workspace.as_owner(work)
    }

    /// Whether a program has a window; in doubt one has.
    pub(super) async fn has_windows(&self) -> bool {
        let (socket, workspace) = (self.x_socket(), Arc::clone(&self.workspace));
        let looking = tokio::task::spawn_blocking(move || workspace.as_owner(|| windows::look(&socket)));
        !matches!(looking.await, Ok(Ok(seen)) if seen.windows.is_empty())
    }

    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("xserver.log")
    }

    /// Opens the socket for programs.
    pub(super) fn open_door(&self) -> Result<Door, DesktopError> {
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
            Claim::Free => {}
            Claim::Taken(process) => {
                return Err(DesktopError::DisplayTaken { display: self.display, process });
            }
        }
        Door::open(self.x_socket()).map_err(refused(format!("cannot open display :{}", self.display)))
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
        command.current_dir(self.workspace.root()).kill_on_drop(true);
        if let Some(owner) = self.workspace.owner().filter(|_| Uid::effective().is_root()) {
            command.uid(owner.uid).gid(owner.gid);
        }
        shell::detach(&mut command);
        command.spawn()
    }

    pub(super) fn start_server(&self, door: &Door) -> io::Result<Child> {
        // What an earlier server left: it was killed, and had no time to tidy up.
        for left in [super::display::lock(self.display), self.socket()] {
            let _ = std::fs::remove_file(left);
        }
        let log = self.workspace.as_owner(|| File::create(self.log()))?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", WITH_SOCKET, "sh", SERVER]).stdin(door.for_server()?);
        command.arg(format!(":{}", self.display));
        command.args(["-rfbport", "-1", "-rfbunixmode", "0660", "-rfbunixpath"]).arg(self.socket());
        command.args(["-SecurityTypes", "None", "-nolisten", "tcp", "-noreset", "-AlwaysShared"]);
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

    pub(super) fn start_window_manager(&self) -> io::Result<Child> {
        let mut command = Command::new(WINDOW_MANAGER);
        command.arg("-f").arg(&self.settings);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.start(command)
    }

    /// Ends the server. It is not asked to: it would take the socket's file with it, at which the next program
    /// is to knock. What else it leaves is removed before the next start.
    pub(super) async fn end_server(&self, server: &mut Child) {
        let Some(id) = server.id().and_then(|id| i32::try_from(id).ok()) else { return };
        let owner = self.workspace.owner();
        // An error would be a panic in there; the next start deals with the rest.
        let _ = tokio::task::spawn_blocking(move || shell::signal(&[id], Signal::SIGKILL, owner)).await;
        if tokio::time::timeout(END_LIMIT, server.wait()).await.is_err() {
            tracing::warn!(display = self.display, "the X server does not end");
        }
        let _ = std::fs::remove_file(super::display::lock(self.display));
    }

    pub(super) async fn answers(&self) -> bool {
        let Ok(mut stream) = self.connect().await else { return false };
        let mut greeting = [0; 4];
        stream.read_exact(&mut greeting).await.is_ok() && &greeting == b"RFB "
    }
}
