//! The real programs, started as `slipway up --local` starts them.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use tempfile::TempDir;

use crate::api::Api;
use crate::process::Consumption;

/// Proof of being the launcher, and of being the sandbox; both live no longer than the measurement.
const TOKEN: &str = "bench-token-of-enough-characters";

/// How long the tool host may take to attach.
const ATTACH_LIMIT: Duration = Duration::from_secs(20);

/// Where the programs are.
#[derive(Debug, clap::Args)]
pub(crate) struct Programs {
    /// Directory with slipway-gateway and slipway-toolhost [default: the one that holds this program]
    #[arg(long)]
    programs: Option<PathBuf>,
}

/// A gateway with its engine, a tool host, and a workspace on this machine; ends when dropped.
#[derive(Debug)]
pub(crate) struct Stack {
    /// The gateway's API.
    pub(crate) api: Api,
    /// How long the gateway took until it was ready to serve.
    pub(crate) ready_after: Duration,
    gateway: Program,
    tool_host: Program,
    directory: TempDir,
}

/// A program that is killed when dropped.
#[derive(Debug)]
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[derive(Deserialize)]
struct Announcement {
    url: String,
}

impl Programs {
    /// A program's path.
    fn find(&self, name: &str) -> anyhow::Result<PathBuf> {
        let directory = match &self.programs {
            Some(directory) => directory.clone(),
            None => std::env::current_exe()?.parent().context("this program has no directory")?.to_owned(),
        };
        let path = directory.join(name);
        if !path.is_file() {
            bail!(
                "{} is not there; build it with: cargo build --release -p slipway-gateway -p slipway-tools",
                path.display()
            );
        }
        Ok(path)
    }
}

impl Stack {
    /// Starts the programs and waits until tools can be called. `engine` names an engine to use instead of
    /// the gateway's own.
    ///
    /// # Errors
    /// When a program is not there or does not start.
    pub(crate) async fn start(programs: &Programs, engine: Option<&str>) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("slipway-bench-").tempdir()?;
        let at = |name: &str| directory.path().join(name);
        std::fs::create_dir(at("workspace"))?;
        for token in ["sandbox-token", "launcher-token"] {
            std::fs::write(at(token), TOKEN)?;
        }
        let started = Instant::now();
        let mut command = command(&programs.find("slipway-gateway")?, &at("gateway.log"))?;
        for name in ["SLIPWAY_LISTEN", "SLIPWAY_DESKTOP_LISTEN", "SLIPWAY_TOOLS_LISTEN"] {
            command.env(name, "127.0.0.1:0");
        }
        match engine {
            Some(engine) => command.env("SLIPWAY_ENGINE_URLS", engine),
            None => command.env("SLIPWAY_ENGINE_LISTEN", "127.0.0.1:0"),
        };
        let mut gateway = Program(
            command
                .env("SLIPWAY_DATA_DIR", at("data"))
                .env("SLIPWAY_SANDBOX_SOCKET", at("sandbox.sock"))
                .env("SLIPWAY_SANDBOX_TOKEN_FILE", at("sandbox-token"))
                .env("SLIPWAY_LAUNCHER_TOKEN_FILE", at("launcher-token"))
                .stdout(Stdio::piped())
                .spawn()?,
        );
        let mut line = String::new();
        let output = gateway.0.stdout.take().context("the gateway has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let ready_after = started.elapsed();
        let announced: Announcement = serde_json::from_str(&line).with_context(|| {
            let log = std::fs::read_to_string(at("gateway.log")).unwrap_or_default();
            format!("the gateway did not start: {log}")
        })?;
        let api = Api::new(&announced.url, TOKEN)?;
        let tool_host = Program(
            self::command(&programs.find("slipway-toolhost")?, &at("toolhost.log"))?
                .current_dir(at("workspace"))
                .arg("serve")
                .arg("--gateway")
                .arg(at("sandbox.sock"))
                .arg("--token-file")
                .arg(at("sandbox-token"))
                .arg("--workspace")
                .arg(at("workspace"))
                .arg("--state")
                .arg(directory.path())
                .args(["--sandbox-id", "default", "--confinement", "none", "--no-desktop"])
                .stdout(Stdio::null())
                .spawn()?,
        );
        let stack = Self { api, ready_after, gateway, tool_host, directory };
        let attaching = Instant::now();
        while !stack.api.sandbox_is_attached().await? {
            if attaching.elapsed() > ATTACH_LIMIT {
                bail!("the tool host did not attach");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(stack)
    }

    /// What the agent works in.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.directory.path().join("workspace")
    }

    /// Size of the database with its write-ahead log, in MiB.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) fn database_mib(&self) -> anyhow::Result<f64> {
        let length = |name: &str| std::fs::metadata(self.directory.path().join("data").join(name));
        let bytes = length("slipway.db")?.len() + length("slipway.db-wal").map_or(0, |log| log.len());
        #[expect(clippy::cast_precision_loss, reason = "files are far smaller than 2^52 bytes")]
        Ok(bytes as f64 / f64::from(1 << 20))
    }

    /// What gateway (with its engine) and tool host have consumed.
    ///
    /// # Errors
    /// When one of them has ended.
    pub(crate) fn consumption(&self) -> anyhow::Result<(Consumption, Consumption)> {
        Ok((Consumption::of(self.gateway.0.id())?, Consumption::of(self.tool_host.0.id())?))
    }
}

/// A command with an environment as bare as the launcher makes it, and its log in a file.
fn command(program: &Path, log: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null()).stderr(std::fs::File::create(log)?);
    for name in ["PATH", "HOME", "USER", "RUST_LOG", "SHELL"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    Ok(command)
}
