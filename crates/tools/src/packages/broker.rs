//! The tool host's side: runs package programs as root, one at a time.

use std::ffi::OsString;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::{UnixListener, UnixStream};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::PROGRAMS;
use super::give_back::give_back;
use super::message::{Answer, Outputs, Request, receive};
use crate::shell::detach;

/// How long a shim may take to say what it wants.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);

/// How long a program may take to end when nobody waits for it any more. In the middle of unpacking, ending
/// it at once would leave the package system in need of repair.
const END_LIMIT: Duration = Duration::from_secs(5);

/// Where Debian keeps what it knows of available packages; empty in a fresh image.
const LISTS: &str = "/var/lib/apt/lists";

/// What a broker is started with.
pub struct BrokerOptions {
    /// Where its socket is made; the directory must be reachable for the agent.
    pub socket: PathBuf,
    /// Where the programs are; `/usr/bin` but in tests.
    pub programs: PathBuf,
    /// Variables that they get besides the usual ones, proxies above all.
    pub environment: Vec<(OsString, OsString)>,
    /// Where what they leave is given to the directories' owners.
    pub workspaces: Vec<PathBuf>,
}

/// Runs package programs for whoever can reach its socket.
pub struct Broker {
    listener: UnixListener,
    options: BrokerOptions,
    /// The package system can only do one thing at a time; whoever comes next waits.
    turn: Semaphore,
}

impl Broker {
    /// A broker that listens; must be called within a runtime.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn listen(options: BrokerOptions) -> io::Result<Arc<Self>> {
        let listener = UnixListener::bind(&options.socket)?;
        std::fs::set_permissions(&options.socket, Permissions::from_mode(0o666))?;
        Ok(Arc::new(Self { listener, options, turn: Semaphore::new(1) }))
    }

    /// Serves until `stop` fires; programs that still run then are ended.
    pub async fn serve(self: Arc<Self>, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.cancelled() => break,
            };
            let Ok((stream, _)) = accepted else {
                // Out of file descriptors, most likely.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (broker, stop) = (Arc::clone(&self), stop.clone());
            tasks.spawn(async move { broker.answer(stream, &stop).await });
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn answer(&self, mut stream: UnixStream, stop: &CancellationToken) {
        let received = stream.async_io(Interest::READABLE, || receive(&stream));
        let Ok(Ok((request, outputs))) = tokio::time::timeout(REQUEST_LIMIT, received).await else { return };
        let gone = async {
            // The shim says nothing more: whatever comes is its end.
            let mut rest = [0; 1];
            let (mut reader, _) = stream.split();
            let _ = reader.read(&mut rest).await;
        };
        let stopped = async {
            tokio::select! {
                () = gone => {}
                () = stop.cancelled() => {}
            }
        };
        let answer = self.run(&request, outputs, stopped).await;
        let text = serde_json::to_vec(&answer).unwrap_or_default();
        // Nobody may be there any more.
        let _ = stream.write_all(&text).await;
    }

    /// Runs what was asked for; when `stopped` comes first, ends it.
    async fn run(&self, request: &Request, outputs: Outputs, stopped: impl Future<Output = ()>) -> Answer {
        if !PROGRAMS.contains(&request.program.as_str()) {
            return Answer::Refused(format!("only {} run as root here", PROGRAMS.join(", ")));
        }
        let mut stopped = std::pin::pin!(stopped);
        let _turn = tokio::select! {
            turn = self.turn.acquire() => turn,
            () = &mut stopped => return Answer::Refused("it was stopped before its turn came".to_owned()),
        };
        tracing::info!(program = request.program, arguments = ?request.arguments, "running as root");
        if needs_lists(request) {
            // Should that fail, the program itself says what it misses.
            let _ = self.step(&update(), &outputs, &mut stopped).await;
        }
        let began = SystemTime::now();
        let answer = match self.step(request, &outputs, &mut stopped).await {
            Ok(status) => Answer::Exited(exit_code(status)),
            Err(error) => Answer::Refused(error.to_string()),
        };
        let workspaces = self.options.workspaces.clone();
        let give = move || workspaces.iter().try_for_each(|workspace| give_back(workspace, began));
        if let Ok(Err(error)) = tokio::task::spawn_blocking(give).await {
            tracing::warn!(%error, "files of package programs in the workspace stay root's");
        }
        answer
    }

    async fn step(
        &self,
        step: &Request,
        outputs: &Outputs,
        stopped: &mut (impl Future<Output = ()> + Unpin),
    ) -> io::Result<ExitStatus> {
        let mut command = Command::new(self.options.programs.join(&step.program));
        if matches!(step.program.as_str(), "apt" | "apt-get") {
            // Nobody can answer: the question would come on a terminal that is not the program's own.
            command.args(["-o", "APT::Get::Assume-Yes=true", "-o", "DPkg::Lock::Timeout=60"]);
        }
        command.args(&step.arguments).current_dir(&step.directory);
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LANG", "C.UTF-8")
            .env("HOME", "/root")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("TERM", "dumb")
            .envs(self.options.environment.iter().filter(|(name, _)| name != "PATH").cloned());
        command.stdin(Stdio::null());
        command.stdout(outputs.stdout.try_clone()?).stderr(outputs.stderr.try_clone()?);
        command.kill_on_drop(true);
        detach(&mut command);
        let mut child = command.spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok());
        tokio::select! {
            status = child.wait() => return status,
            () = stopped => {}
        }
        if let Some(group) = group {
            end(group, Signal::SIGTERM);
            if let Ok(status) = tokio::time::timeout(END_LIMIT, child.wait()).await {
                return status;
            }
            end(group, Signal::SIGKILL);
        }
        child.wait().await
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // Its directory goes with the tool host; a socket that nobody serves must not outlive the broker.
        let _ = std::fs::remove_file(&self.options.socket);
    }
}

/// Whether the request names packages, and none are known yet.
fn needs_lists(request: &Request) -> bool {
    let is_apt = matches!(request.program.as_str(), "apt" | "apt-get");
    let mut words = request.arguments.iter().filter(|argument| !argument.starts_with('-'));
    let wants = match words.next().map(String::as_str) {
        // What is named by its file needs no list.
        Some("install" | "build-dep") => words.any(|package| !package.contains('/')),
        Some("upgrade" | "full-upgrade" | "dist-upgrade" | "search" | "show") => true,
        _ => false,
    };
    is_apt && wants && !any_lists(Path::new(LISTS))
}

fn any_lists(directory: &Path) -> bool {
    let is_list = |name: &std::ffi::OsStr| name.to_string_lossy().contains('_');
    std::fs::read_dir(directory)
        .is_ok_and(|entries| entries.flatten().any(|entry| is_list(&entry.file_name())))
}

fn update() -> Request {
    Request {
        program: "apt-get".to_owned(),
        arguments: vec!["-q".to_owned(), "update".to_owned()],
        directory: PathBuf::from("/"),
    }
}

fn exit_code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}

fn end(group: i32, signal: Signal) {
    // It may have ended in the meantime.
    let _ = killpg(Pid::from_raw(group), signal);
}
