//! A program of Slipway's that runs on this machine, with its log in a file.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{ChildStdout, Command};

/// How long a program may take to end by itself.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// Lines of a log that go into an error message.
const EXCERPT_LINES: usize = 15;

/// Why a program is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChildError {
    /// It could not be started.
    #[error("cannot start {program}: {source}")]
    Spawn {
        /// Which.
        program: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// It ended although nobody asked it to.
    #[error("{program} ended ({status}); the end of its log {}:\n{excerpt}", log.display())]
    Ended {
        /// Which.
        program: &'static str,
        /// How.
        status: String,
        /// Its exit code, when no signal ended it.
        code: Option<i32>,
        /// Where its log is.
        log: PathBuf,
        /// The end of it.
        excerpt: String,
    },
    /// It did not say that it is ready.
    #[error("{program} was not ready after {seconds} seconds; its log is {}", log.display())]
    Silent {
        /// Which.
        program: &'static str,
        /// How long was waited.
        seconds: u64,
        /// Where to look.
        log: PathBuf,
    },
}

/// A running program, killed when dropped. It has a process group of its own, so that Ctrl-C in the
/// terminal reaches only the launcher, which then ends things in order.
#[derive(Debug)]
pub(super) struct Child {
    program: &'static str,
    process: tokio::process::Child,
    stdout: Option<BufReader<ChildStdout>>,
    log: PathBuf,
}

impl Child {
    /// Starts it. Its standard error is appended to `log`.
    pub(super) fn spawn(
        program: &'static str,
        command: &mut Command,
        log: &Path,
    ) -> Result<Self, ChildError> {
        let failed = |source| ChildError::Spawn { program, source };
        let file = OpenOptions::new().create(true).append(true).open(log).map_err(failed)?;
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let stdout = process.stdout.take().map(BufReader::new);
        Ok(Self { program, process, stdout, log: log.to_owned() })
    }

    /// The first line of its standard output, which must come within `limit`.
    pub(super) async fn first_line(&mut self, limit: Duration) -> Result<String, ChildError> {
        let mut line = String::new();
        let read = async {
            match &mut self.stdout {
                Some(stdout) => stdout.read_line(&mut line).await.unwrap_or(0),
                None => 0,
            }
        };
        match tokio::time::timeout(limit, read).await {
            Ok(0) => Err(self.ended().await),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(_) => Err(ChildError::Silent {
                program: self.program,
                seconds: limit.as_secs(),
                log: self.log.clone(),
            }),
        }
    }

    /// Waits until it ends. Cancel-safe.
    pub(super) async fn ended(&mut self) -> ChildError {
        let (status, code) = match self.process.wait().await {
            Ok(status) => (status.to_string(), status.code()),
            Err(error) => (error.to_string(), None),
        };
        let (program, log) = (self.program, self.log.clone());
        ChildError::Ended { program, status, code, excerpt: excerpt(&log), log }
    }

    /// Asks it to end, and kills it when it does not.
    pub(super) async fn stop(&mut self) {
        let group = self.process.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        let Some(group) = group else { return };
        let _ = killpg(group, Signal::SIGTERM);
        if tokio::time::timeout(STOP_LIMIT, self.process.wait()).await.is_err() {
            let _ = killpg(group, Signal::SIGKILL);
            let _ = self.process.wait().await;
        }
    }
}

fn excerpt(log: &Path) -> String {
    let text =
        std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(EXCERPT_LINES);
    lines.iter().skip(from).map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}
