//! Keeps an X server and a window manager running while somebody needs them.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::DesktopError;
use super::door::Door;
use super::plan::{Plan, SERVER};
use super::stream::Uses;

/// How often a starting server is asked whether it answers, and for how long.
const PROBE_INTERVAL: Duration = Duration::from_millis(10);
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// How often a running desktop is examined for being of no use.
const IDLE_LOOKS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(30));

/// A server that lived shorter than this was not started well.
const SHORT_LIFE: Duration = Duration::from_secs(10);

/// How many short lives there may be until the supervisor gives up, and the pause after the first; it
/// doubles from one to the next.
const MAX_SHORT_LIVES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Where the desktop stands.
#[derive(Debug, Clone)]
pub(super) enum Phase {
    /// Nobody needs it.
    Off,
    /// It does not answer yet, or not at the moment.
    Starting,
    /// It answers.
    Running,
    /// It could not be started; whoever needs it next has it tried again.
    Failed(DesktopError),
}

/// Starts the desktop whenever it is needed, and ends it when it is of no use, until `end` fires.
pub(super) async fn supervise(
    plan: Arc<Plan>,
    phase: Arc<watch::Sender<Phase>>,
    uses: Arc<Uses>,
    end: CancellationToken,
) {
    let mut house = House { plan: &plan, phase: &phase, uses: &uses, door: plan.open_door().ok() };
    while let Some(()) = end.run_until_cancelled(house.needed()).await {
        phase.send_replace(Phase::Starting);
        let lived = house.lives(&end).await;
        if end.is_cancelled() {
            break;
        }
        phase.send_replace(match lived {
            Ok(()) => Phase::Off,
            Err(error) => Phase::Failed(error),
        });
    }
    phase.send_replace(Phase::Failed(DesktopError::Closed));
}

/// What a server lived for.
enum Life {
    /// It ended by itself.
    Ended,
    /// Nobody needed it any more.
    Idle,
}

/// A display and the door to it.
struct House<'a> {
    plan: &'a Plan,
    phase: &'a watch::Sender<Phase>,
    uses: &'a Uses,
    /// Where programs knock; `None` when there could be no desktop for them.
    door: Option<Door>,
}

impl House<'_> {
    /// Waits until a program or somebody else needs the desktop.
    async fn needed(&mut self) {
        if self.door.as_ref().is_none_or(|door| !door.is_there()) {
            self.door = None;
            self.door = self.plan.open_door().inspect_err(|error| tracing::debug!(%error)).ok();
        }
        let mut phases = self.phase.subscribe();
        let asked = phases.wait_for(|phase| matches!(phase, Phase::Starting));
        match &self.door {
            Some(door) => tokio::select! {
                // Fails only when the sender is gone, which is borrowed here.
                _ = asked => {}
                () = door.knock() => {}
            },
            None => drop(asked.await),
        }
    }

    /// Keeps the server running until it is of no use any more.
    ///
    /// # Errors
    /// It fails too often, or cannot be started at all. Programs that wait for it are sent away.
    async fn lives(&mut self, end: &CancellationToken) -> Result<(), DesktopError> {
        let mut short_lives = 0;
        let mut pause = FIRST_PAUSE;
        loop {
            let since = Instant::now();
            let failure = match self.live(end).await {
                Ok(Life::Idle) => return Ok(()),
                Ok(Life::Ended) => None,
                Err(error) => Some(error),
            };
            if end.is_cancelled() {
                return Err(DesktopError::Closed);
            }
            if since.elapsed() >= SHORT_LIFE {
                (short_lives, pause) = (0, FIRST_PAUSE);
            }
            short_lives += 1;
            tracing::warn!(display = self.plan.display, short_lives, error = ?failure, "the desktop ended");
            if let Some(error) = self.final_failure(failure, short_lives) {
                if let Some(door) = &self.door {
                    door.turn_away();
                }
                return Err(error);
            }
            self.phase.send_replace(Phase::Starting);
            tokio::select! {
                () = end.cancelled() => return Err(DesktopError::Closed),
                () = tokio::time::sleep(pause) => pause *= 2,
            }
        }
    }

    /// The failure that another attempt would not mend.
    fn final_failure(&self, failure: Option<DesktopError>, short_lives: u32) -> Option<DesktopError> {
        match failure {
            Some(error @ (DesktopError::Missing { .. } | DesktopError::DisplayTaken { .. })) => Some(error),
            _ if short_lives < MAX_SHORT_LIVES => None,
            Some(error) => Some(error),
            None => {
                let log = self.plan.log();
                Some(DesktopError::Crashed { reason: last_words(&log), log })
            }
        }
    }

    /// One life of the server, from start to end; `end` ends it.
    async fn live(&mut self, end: &CancellationToken) -> Result<Life, DesktopError> {
        if self.door.as_ref().is_none_or(|door| !door.is_there()) {
            self.door = None;
            self.door = Some(self.plan.open_door()?);
        }
        let Some(door) = &self.door else { return Ok(Life::Ended) };
        let mut server = self.plan.start_server(door).map_err(|source| DesktopError::System {
            what: format!("cannot start {SERVER}"),
            source: Arc::new(source),
        })?;
        let result = tokio::select! {
            _ = server.wait() => return Ok(Life::Ended),
            () = end.cancelled() => Err(DesktopError::Closed),
            result = self.run() => result,
        };
        self.plan.end_server(&mut server).await;
        result
    }

    /// What goes on while the server lives; ends when that is of no use.
    async fn run(&self) -> Result<Life, DesktopError> {
        let answered = tokio::time::timeout(PROBE_LIMIT, wait_until_it_answers(self.plan)).await;
        answered.map_err(|_| DesktopError::TimedOut)?;
        self.uses.touch();
        self.phase.send_replace(Phase::Running);
        tokio::select! {
            () = keep_window_manager(self.plan) => {}
            () = self.idle() => {}
        }
        Ok(Life::Idle)
    }

    /// Waits until nobody looks, no window is open, and that has been so for a while.
    async fn idle(&self) {
        let limit = self.plan.idle_limit;
        let (least, most) = IDLE_LOOKS;
        loop {
            tokio::time::sleep((limit / 4).clamp(least, most)).await;
            if self.uses.idle_for().is_none_or(|idle| idle < limit) {
                continue;
            }
            if self.plan.has_windows().await {
                self.uses.touch();
            } else if self.uses.idle_for().is_some_and(|idle| idle >= limit) {
                tracing::info!(display = self.plan.display, "nobody needs the desktop, so it is ended");
                return;
            }
        }
    }
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
