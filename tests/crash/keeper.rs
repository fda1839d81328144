//! A program that is started again whenever it dies, as a launcher or an orchestrator does.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use slipway_fail_points::VARIABLE;
use slipway_tests::program;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Wait before a program is started again: one that cannot start must not take the whole machine.
const PAUSE: Duration = Duration::from_millis(20);

/// How a program is started and what it says.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) name: &'static str,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) directory: PathBuf,
    /// Finds in a line of what it writes where it listens; `None` when it listens nowhere.
    pub(crate) address: Option<fn(&str) -> Option<String>>,
}

/// What is known of a program.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Its process, when there is one.
    pub(crate) process: Option<u32>,
    /// Where it listens, once it does.
    pub(crate) address: Option<String>,
    /// How often it died without being killed by [`Keeper::kill`].
    pub(crate) own_deaths: u32,
    /// How often it was started.
    pub(crate) starts: u32,
}

/// A kept program; killed for good when dropped.
pub(crate) struct Keeper {
    known: watch::Sender<Known>,
    kill: mpsc::Sender<()>,
    armed: Arc<Mutex<Option<String>>>,
    task: JoinHandle<()>,
}

impl Keeper {
    /// Starts a program and keeps it; `armed` is the fail point of its first life.
    pub(crate) fn start(recipe: Recipe, armed: Option<String>) -> Self {
        let known = watch::Sender::new(Known::default());
        let armed = Arc::new(Mutex::new(armed));
        let (kill, kills) = mpsc::channel(1);
        let task = tokio::spawn(keep(recipe, known.clone(), kills, Arc::clone(&armed)));
        Self { known, kill, armed, task }
    }

    /// What is known of it now.
    pub(crate) fn known(&self) -> Known {
        self.known.borrow().clone()
    }

    /// Tells whenever something else is known.
    pub(crate) fn watch(&self) -> watch::Receiver<Known> {
        self.known.subscribe()
    }

    /// Arms a fail point of its next life.
    pub(crate) fn arm(&self, point: &str) {
        *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = Some(point.to_owned());
    }

    /// Kills it as `kill -9` does.
    pub(crate) async fn kill(&self) {
        // It is being started again when nobody takes the order.
        self.kill.try_send(()).ok();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep(
    recipe: Recipe,
    known: watch::Sender<Known>,
    mut kills: mpsc::Receiver<()>,
    armed: Arc<Mutex<Option<String>>>,
) {
    loop {
        let point = armed.lock().unwrap_or_else(PoisonError::into_inner).take();
        match live(&recipe, point, &known, &mut kills).await {
            Ok(was_killed) => known.send_modify(|known| {
                known.own_deaths += u32::from(!was_killed);
                (known.process, known.address) = (None, None);
            }),
            Err(error) => crate::report(&format!("{}: {error:#}", recipe.name)),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// One life; whether it ended because it was killed from here.
async fn live(
    recipe: &Recipe,
    point: Option<String>,
    known: &watch::Sender<Known>,
    kills: &mut mpsc::Receiver<()>,
) -> anyhow::Result<bool> {
    let mut command = Command::new(program(recipe.name));
    command.args(&recipe.arguments).envs(recipe.environment.iter().cloned());
    command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(point) = point {
        command.env(VARIABLE, point);
    }
    let mut child =
        command.kill_on_drop(true).spawn().with_context(|| format!("cannot start {}", recipe.name))?;
    known.send_modify(|known| {
        known.process = child.id();
        known.starts += 1;
    });
    let life = known.borrow().starts;
    follow(child.stdout.take(), recipe, known, life);
    follow(child.stderr.take(), recipe, known, life);
    wait(&mut child, kills).await
}

async fn wait(child: &mut Child, kills: &mut mpsc::Receiver<()>) -> anyhow::Result<bool> {
    tokio::select! {
        ended = child.wait() => {
            ended?;
            Ok(false)
        }
        Some(()) = kills.recv() => {
            child.kill().await?;
            Ok(true)
        }
    }
}

/// Keeps what a program writes in a log, and looks in it for the address. What it has started may hold the pipe for
/// longer than it lives, so nobody waits for the pipe's end.
fn follow(
    pipe: Option<impl AsyncRead + Send + Unpin + 'static>,
    recipe: &Recipe,
    known: &watch::Sender<Known>,
    life: u32,
) {
    let Some(pipe) = pipe else { return };
    let (known, find) = (known.clone(), recipe.address);
    let path = recipe.directory.join(format!("{}.log", recipe.name));
    tokio::spawn(async move {
        let mut log = tokio::fs::OpenOptions::new().create(true).append(true).open(path).await.ok();
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(address) = find.and_then(|find| find(&line)) {
                known.send_modify(|known| {
                    if known.starts == life && known.process.is_some() {
                        known.address = Some(address);
                    }
                });
            }
            if let Some(log) = &mut log {
                // Without a log a failure is only harder to explain.
                log.write_all(format!("{line}\n").as_bytes()).await.ok();
            }
        }
    });
}
