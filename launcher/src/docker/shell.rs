//! A person's own shell in the sandbox, as the user that the agent is.

use std::io::{IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::process::Stdio;

use bollard::errors::Error as DockerError;
use bollard::exec::{CreateExecOptions, ResizeExecOptions, StartExecOptions, StartExecResults};
use futures::StreamExt as _;
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use tokio::io::AsyncWriteExt as _;
use tokio::signal::unix::{SignalKind, signal};

use super::connection::Engine;
use super::container::part_label;
use super::names::Names;
use crate::cli::PartName;
use crate::state::InstanceNumber;

/// Why there is no shell.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShellError {
    /// Nobody could type into it.
    #[error("a shell needs a terminal; to run one command, use: docker exec slipway-<n>-sandbox COMMAND")]
    NoTerminal,
    /// The sandbox does not run.
    #[error("instance {instance} has no running sandbox; start it with: slipway -n {instance} up")]
    NotRunning {
        /// Which instance.
        instance: InstanceNumber,
    },
    /// Docker refused.
    #[error("Docker could not open a shell: {0}")]
    Docker(#[from] DockerError),
    /// The terminal refused.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] std::io::Error),
}

/// Opens it and returns its exit code when it ends.
pub(crate) async fn open(engine: &Engine, instance: InstanceNumber) -> Result<u8, ShellError> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(ShellError::NoTerminal);
    }
    let name = Names { instance }.container(part_label(PartName::Sandbox));
    let found = engine.docker.inspect_container(&name, None).await.ok();
    let running = found.as_ref().and_then(|found| found.state.as_ref()?.running) == Some(true);
    let Some(found) = found.filter(|_| running) else { return Err(ShellError::NotRunning { instance }) };

    let environment = found.config.and_then(|config| config.env).unwrap_or_default();
    let value = |name: &str| {
        let prefix = format!("{name}=");
        environment.iter().find_map(|entry| entry.strip_prefix(&prefix)).unwrap_or("1000").to_owned()
    };
    let home = if value("SHELL_UID") == "0" { "/root" } else { "/home/agent" };
    let options = CreateExecOptions {
        cmd: Some(vec!["bash".to_owned()]),
        user: Some(format!("{}:{}", value("SHELL_UID"), value("SHELL_GID"))),
        working_dir: Some("/workspace".to_owned()),
        env: Some(vec![
            format!("HOME={home}"),
            format!("TERM={}", std::env::var("TERM").unwrap_or_default()),
        ]),
        tty: Some(true),
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..CreateExecOptions::default()
    };
    let id = engine.docker.create_exec(&name, options).await?.id;
    let start = StartExecOptions { tty: true, ..StartExecOptions::default() };
    let StartExecResults::Attached { output, input } = engine.docker.start_exec(&id, Some(start)).await?
    else {
        return Err(ShellError::NotRunning { instance });
    };
    relay(engine, &id, output, input).await?;
    let ended = engine.docker.inspect_exec(&id).await?;
    Ok(ended.exit_code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// Carries bytes between the terminal and the shell until the shell ends.
async fn relay(
    engine: &Engine,
    id: &str,
    mut output: impl futures::Stream<Item = Result<bollard::container::LogOutput, DockerError>> + Unpin,
    mut input: impl tokio::io::AsyncWrite + Unpin,
) -> Result<(), ShellError> {
    let _raw = RawTerminal::enter()?;
    let mut resized = signal(SignalKind::window_change())?;
    resize(engine, id).await;
    let mut keyboard = tokio::io::stdin();
    let mut keys = [0_u8; 4096];
    loop {
        tokio::select! {
            chunk = output.next() => match chunk {
                Some(chunk) => {
                    let mut out = std::io::stdout().lock();
                    out.write_all(&chunk?.into_bytes())?;
                    out.flush()?;
                }
                None => return Ok(()),
            },
            count = tokio::io::AsyncReadExt::read(&mut keyboard, &mut keys) => {
                let typed = keys.get(..count?).unwrap_or_default();
                input.write_all(typed).await?;
                input.flush().await?;
            }
            _ = resized.recv() => resize(engine, id).await,
        }
    }
}

/// Tells the shell how large the terminal is. A wrong size is no reason to end it.
async fn resize(engine: &Engine, id: &str) {
    let Some((height, width)) = terminal_size().await else { return };
    let _ = engine.docker.resize_exec(id, ResizeExecOptions { height, width }).await;
}

/// Rows and columns, by `stty`: the system call would need unsafe code.
async fn terminal_size() -> Option<(u16, u16)> {
    let output =
        tokio::process::Command::new("stty").arg("size").stdin(Stdio::inherit()).output().await.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (rows, columns) = text.trim().split_once(' ')?;
    Some((rows.parse().ok()?, columns.parse().ok()?))
}

/// The terminal without line editing, until dropped.
struct RawTerminal {
    before: Termios,
}

impl RawTerminal {
    fn enter() -> std::io::Result<Self> {
        let stdin = std::io::stdin();
        let before = tcgetattr(stdin.as_fd())?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(stdin.as_fd(), SetArg::TCSANOW, &raw)?;
        Ok(Self { before })
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin().as_fd(), SetArg::TCSANOW, &self.before);
    }
}
