//! Watches a command until there is something to tell the model.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::input_wait::{self, Doing};
use super::record::Completion;
use super::session::Session;
use super::shared::{Death, Phase};
use crate::registry::OutputSink;

/// Live output is passed on at most this often.
const LIVE_INTERVAL: Duration = Duration::from_millis(34);

/// How long a reader of live output may keep the end of a command's output waiting.
const LIVE_PATIENCE: Duration = Duration::from_millis(250);

/// How long a terminal must be silent before its programs are suspected of waiting for input.
const QUIET: Duration = Duration::from_millis(700);

/// Longest time between two looks at programs that stay silent.
const MAX_LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// How long a full-screen program may draw until its screen is looked at, and how long it must rest.
const DRAWING_LIMIT: Duration = Duration::from_secs(1);
const DRAWING_REST: Duration = Duration::from_millis(150);

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It ended.
    Finished(Completion),
    /// It ended the shell itself.
    Died(Death),
    /// It goes on; the time to wait is over.
    TimedOut,
    /// It goes on when somebody types something.
    WaitsForInput,
    /// It shows a full screen and will go on until a key ends it.
    FullScreen,
    /// The caller does not want it any more.
    Cancelled,
}

/// Waits for the first thing that happens, passing live output on meanwhile.
pub(super) async fn watch(
    session: &Session,
    deadline: Instant,
    live: &OutputSink,
    cancel: &CancellationToken,
) -> Verdict {
    let verdict = Watch::new(session, live).run(deadline, cancel).await;
    let rest = session.shared.recording(|recording| recording.take_live(true));
    if !rest.is_empty() {
        // A reader that does not keep up gets the whole output another way.
        let _ = tokio::time::timeout(LIVE_PATIENCE, live.send(rest)).await;
    }
    verdict
}

struct Watch<'a> {
    session: &'a Session,
    live: &'a OutputSink,
    /// When live output may be passed on again, if there is any.
    flush_at: Option<Instant>,
    flushed_at: Instant,
    /// When the programs are looked at next.
    look_at: Instant,
    look_interval: Duration,
    full_screen_since: Option<Instant>,
}

impl<'a> Watch<'a> {
    fn new(session: &'a Session, live: &'a OutputSink) -> Self {
        let now = Instant::now();
        Self {
            session,
            live,
            flush_at: None,
            flushed_at: now,
            look_at: now + QUIET,
            look_interval: QUIET,
            full_screen_since: None,
        }
    }

    async fn run(mut self, deadline: Instant, cancel: &CancellationToken) -> Verdict {
        let shared = Arc::clone(&self.session.shared);
        let ended = shared.ended();
        tokio::pin!(ended);
        loop {
            let flush_at = self.flush_at;
            tokio::select! {
                biased;
                phase = &mut ended => {
                    return match phase {
                        Phase::Finished(completion) => Verdict::Finished(completion),
                        Phase::Dead(death) => Verdict::Died(death),
                        Phase::Starting | Phase::Ready | Phase::Busy => continue,
                    };
                }
                () = cancel.cancelled() => return Verdict::Cancelled,
                () = sleep_until(deadline) => return Verdict::TimedOut,
                () = shared.arrived.notified(), if flush_at.is_none() => {
                    self.flush_at = Some(Instant::now().max(self.flushed_at + LIVE_INTERVAL));
                }
                () = sleep_until(flush_at.unwrap_or(deadline)), if flush_at.is_some() => {
                    self.flush();
                    if self.full_screen_is_drawn() {
                        return Verdict::FullScreen;
                    }
                }
                () = sleep_until(self.look_at) => {
                    if let Some(verdict) = self.look().await {
                        return verdict;
                    }
                }
            }
        }
    }

    fn flush(&mut self) {
        let now = Instant::now();
        self.flushed_at = now;
        let text = self.session.shared.recording(|recording| recording.take_live(false));
        match self.live.offer(text) {
            Ok(()) => self.flush_at = None,
            Err(text) => {
                self.session.shared.recording(|recording| recording.return_live(text));
                self.flush_at = Some(now + LIVE_INTERVAL);
            }
        }
    }

    /// Whether a full-screen program has had time to draw its screen.
    fn full_screen_is_drawn(&mut self) -> bool {
        if !self.session.shared.recording(|recording| recording.screen.is_full_screen()) {
            self.full_screen_since = None;
            return false;
        }
        let now = Instant::now();
        let since = *self.full_screen_since.get_or_insert(now);
        self.look_at = self.look_at.min(now + DRAWING_REST);
        now - since >= DRAWING_LIMIT
    }

    async fn look(&mut self) -> Option<Verdict> {
        let (last_output, full_screen, unfinished) = self.session.shared.recording(|recording| {
            (recording.last_output(), recording.screen.is_full_screen(), recording.line_is_unfinished())
        });
        let quiet_for = last_output.elapsed();
        let needed = if full_screen { DRAWING_REST } else { QUIET };
        if quiet_for < needed {
            self.look_at = Instant::now() + (needed - quiet_for);
            self.look_interval = QUIET;
            return None;
        }
        if full_screen {
            return Some(Verdict::FullScreen);
        }
        let waits = match doing(self.session).await {
            Doing::ReadsTerminal => true,
            Doing::MayWaitForInput => unfinished,
            Doing::Working => false,
        };
        if waits {
            // What it printed while it was looked at may say more: it may have taken over the screen.
            if self.session.shared.recording(|recording| recording.last_output()) == last_output {
                return Some(Verdict::WaitsForInput);
            }
            self.look_at = Instant::now() + DRAWING_REST;
            return None;
        }
        self.look_at = Instant::now() + self.look_interval;
        self.look_interval = (self.look_interval * 2).min(MAX_LOOK_INTERVAL);
        None
    }
}

/// What the programs in the foreground of a shell's terminal are doing.
pub(super) async fn doing(session: &Session) -> Doing {
    let (id, foreground) = (session.id, session.foreground());
    let look = session.inspect(move || foreground.map(|group| input_wait::look(id, group)));
    look.await.flatten().unwrap_or(Doing::Working)
}
