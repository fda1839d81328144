//! An instance of Slipway, started and stopped through the launcher as a person would.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::api::Api;

/// How an instance runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In two containers.
    Containers,
    /// As host processes.
    Local,
}

/// A running instance; stopped when dropped.
#[derive(Debug)]
pub struct Instance {
    number: u32,
    mode: Mode,
    state: TempDir,
    /// The launcher of a local instance, which runs as long as the instance does.
    local: Option<Child>,
    /// What the launcher finds in its environment besides the tests' own.
    environment: Vec<(String, String)>,
    /// The workspace on the host.
    pub workspace: PathBuf,
}

impl Instance {
    /// Starts instance `number` with an empty workspace and waits until it is ready.
    ///
    /// # Errors
    /// The launcher failed; its output is in the error.
    pub fn start(number: u32, mode: Mode) -> anyhow::Result<Self> {
        Self::start_with(number, mode, Vec::new(), None)
    }

    /// The same with more in the launcher's environment, and with a workspace of the user `owner`.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub fn start_with(
        number: u32,
        mode: Mode,
        environment: Vec<(String, String)>,
        owner: Option<u32>,
    ) -> anyhow::Result<Self> {
        let state = TempDir::new()?;
        let workspace = state.path().join("workspace");
        std::fs::create_dir(&workspace)?;
        if owner.is_some() {
            std::os::unix::fs::chown(&workspace, owner, owner)?;
        }
        let mut instance = Self { number, mode, state, local: None, environment, workspace };
        if mode == Mode::Containers {
            remove_leftovers(number)?;
        }
        instance.launch()?;
        Ok(instance)
    }

    /// Adds to what the launcher finds in its environment from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Stops it through the launcher; what it keeps stays.
    ///
    /// # Errors
    /// The launcher failed; its output is in the error.
    pub fn stop(&self) -> anyhow::Result<()> {
        succeed(self.launcher().arg("down")).map(drop)
    }

    /// Starts it once more after it was stopped through the launcher.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        if let Some(mut ended) = self.local.take() {
            ended.wait()?;
        }
        self.launch()
    }

    fn launch(&mut self) -> anyhow::Result<()> {
        let mut up = self.launcher();
        up.args(["up", "--no-browser", "--workspace"]).arg(&self.workspace);
        match self.mode {
            Mode::Containers => succeed(&mut up).map(drop),
            Mode::Local => {
                let mut child = up.arg("--local").stdout(Stdio::piped()).spawn()?;
                let output = child.stdout.take().context("the launcher's output")?;
                self.local = Some(child);
                let mut lines = BufReader::new(output).lines();
                let ready = lines.any(|line| line.is_ok_and(|line| line.contains("http://")));
                ensure!(ready, "the launcher ended before the instance was ready");
                Ok(())
            }
        }
    }

    /// Removes the instance's containers and volumes. What fails to go is removed by `./test`, by label.
    fn remove(&self) {
        let _ = self.launcher().args(["down", "--volumes"]).output();
    }

    /// A launcher command for this instance, with its own state directory.
    pub fn launcher(&self) -> Command {
        let mut command = Command::new(program("slipway"));
        command.env("XDG_DATA_HOME", self.state.path()).envs(self.environment.iter().cloned());
        command.args(["-n", &self.number.to_string()]);
        command
    }

    /// A client of the API.
    ///
    /// # Errors
    /// The instance's state cannot be read.
    pub fn api(&self) -> anyhow::Result<Api> {
        self.api_at("127.0.0.1")
    }

    /// The same at another address of this machine.
    ///
    /// # Errors
    /// As for [`Self::api`].
    pub fn api_at(&self, host: &str) -> anyhow::Result<Api> {
        let directory = self.state.path().join("slipway").join(self.number.to_string());
        let read = |name: &str| {
            let path = directory.join(name);
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let ports: serde_json::Value = serde_json::from_str(&read("ports.json")?)?;
        let port =
            ports.get("ui").and_then(serde_json::Value::as_u64).context("ports.json names no UI port")?;
        Api::new(format!("http://{host}:{port}"), read("launcher-token")?.trim())
    }

    /// Name of the sandbox container.
    pub fn sandbox(&self) -> String {
        format!("slipway-{}-sandbox", self.number)
    }

    /// Name of the control container.
    pub fn control(&self) -> String {
        format!("slipway-{}-control", self.number)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(mut local) = self.local.take() {
            let _ = local.kill();
            let _ = local.wait();
        }
        self.remove();
    }
}

/// Removes what a killed test left of instance `number`; a person's own instance of that number stays.
fn remove_leftovers(number: u32) -> anyhow::Result<()> {
    let filters =
        ["--filter", "label=slipway.test-run", "--filter", &format!("label=slipway.instance={number}")];
    let kinds: [(&[&str], &[&str]); 2] =
        [(&["ps", "-aq"], &["rm", "-f"]), (&["volume", "ls", "-q"], &["volume", "rm"])];
    for (list, remove) in kinds {
        let found = docker(&[list, &filters[..]].concat())?;
        let names: Vec<&str> = found.split_whitespace().collect();
        if !names.is_empty() {
            docker(&[remove, &names[..]].concat())?;
        }
    }
    Ok(())
}

/// Runs a Docker command and returns its standard output.
///
/// # Errors
/// It failed; its output is in the error.
pub fn docker(arguments: &[&str]) -> anyhow::Result<String> {
    let output = succeed(Command::new("docker").args(arguments))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn succeed(command: &mut Command) -> anyhow::Result<Output> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} ended with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output)
}

/// A program that the workspace builds, from the directory in which this test was built.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap_or_default();
    let profile = test.ancestors().nth(2).unwrap_or(Path::new("."));
    profile.join(name)
}

/// The repository's root.
pub fn repository() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}
