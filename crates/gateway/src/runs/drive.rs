//! Driving one run from its beginning to its end: the only task that writes what the run does.

use std::time::Duration;

use slipway_fail_points::{Point, reach};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::transcript::Entry;
use slipway_protocol::{CallId, Problem};
use tokio::time::Instant;

use super::active::{ActiveRun, Registration};
use super::conclude::{self, Ending};
use super::engine::{self, EngineStream};
use super::near_budget::Granted;
use super::patience::{again, storage_problem};
use super::record;
use super::request;
use super::subagents;
use super::timeline::{Change, Timeline};
use super::waiting;
use super::wishes::Wishes;
use crate::app::AppState;
use crate::checkpoints;
use crate::store::conversations::{self, Standing};
use crate::store::{StoreError, call_stops, now_ms};
use crate::telemetry::RunSpans;

/// How long a run waits for its sandbox.
const SANDBOX_LIMIT: Duration = Duration::from_secs(30);
/// Shortest time between two flushes of streamed text: at most 30 a second.
const FLUSH_INTERVAL: Duration = Duration::from_millis(34);
/// How long what need not be recorded at once waits for what comes next, to be recorded together with it: a step
/// of a run, whose events come in a few milliseconds, costs two transactions instead of five.
const WAIT_FOR_MORE: Duration = FLUSH_INTERVAL;
/// Most events of the engine that are recorded in one transaction.
const EVENTS_AT_ONCE: usize = 256;
/// How long the tool host may take to acknowledge that a call is cancelled.
const CANCEL_LIMIT: Duration = Duration::from_millis(500);

/// Drives a run that was begun; a queued message that follows it gets a task of its own.
pub(super) fn launch(app: &AppState, registration: Registration) {
    let task = drive(app.clone(), registration);
    app.tasks.spawn(task);
}

/// Runs, and records how it ended. When the gateway stops, nothing more is recorded: at the next start
/// the run is found and ended as interrupted.
#[tracing::instrument(skip_all, fields(run_id = %registration.run.id))]
async fn drive(app: AppState, registration: Registration) {
    let run = &registration.run;
    reach(Point::RunLaunched);
    let mut driver = Driver {
        app: &app,
        run,
        timeline: Timeline::new(run.conversation_id.clone(), run.id.clone(), String::new()),
        unrecorded: Vec::new(),
        spans: RunSpans::begin(&app.telemetry, run),
    };
    let ending = match driver.run().await {
        Ok(RunOutcome::Completed) => Ending::Done,
        Ok(RunOutcome::HandedOver { prompt }) => Ending::HandedOver(prompt),
        Ok(RunOutcome::Asks { questions, held }) => Ending::Asking { questions, held },
        Ok(RunOutcome::Paused) => Ending::Paused,
        Ok(RunOutcome::LimitReached { problem }) => Ending::LimitReached(problem),
        // It waited until it could be saved, and the person did not want to wait.
        Err(Halt::Failed(_)) if run.stop.is_cancelled() => Ending::Stopped,
        Ok(RunOutcome::Failed { problem }) | Err(Halt::Failed(problem)) => Ending::Failed(problem),
        Ok(RunOutcome::Stopped) | Err(Halt::Stopped) => Ending::Stopped,
        Err(Halt::ShuttingDown) => return,
    };
    reach(Point::EndBegins);
    let Driver { timeline, unrecorded, spans, .. } = driver;
    let status = ending.status();
    cancel_calls(&app, run).await;
    checkpoints::after_run(&app, run).await;
    subagents::forget(&app, run, timeline.subagents());
    let next = conclude::conclude(&app, run, timeline, unrecorded, ending).await;
    app.metrics.run_ended(status);
    if let Some(spans) = spans {
        spans.end(status, now_ms());
    }
    if let Some(next) = next {
        launch(&app, next);
    }
}

/// Why a run is not followed to its end.
enum Halt {
    /// The person stopped it.
    Stopped,
    /// The gateway stops.
    ShuttingDown,
    /// It cannot go on.
    Failed(Problem),
}

impl<T: Into<Problem>> From<T> for Halt {
    fn from(problem: T) -> Self {
        Self::Failed(problem.into())
    }
}

/// Waits are given up when the run is to stop; writes never are, because one that is given up may have
/// happened all the same.
struct Driver<'a> {
    app: &'a AppState,
    run: &'a ActiveRun,
    timeline: Timeline,
    /// Taken from the timeline, but not known to be in the database.
    unrecorded: Vec<Change>,
    /// Where somebody wants to know.
    spans: Option<RunSpans>,
}

/// What was taken of what the engine tells.
enum Taken {
    /// How the run ended.
    End(RunOutcome),
    /// Something that is to be recorded like this.
    Due(Due),
}

/// When something is to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// Together with what follows at once.
    WithTheNext,
    /// Together with what follows soon.
    Soon,
    /// Now: somebody waits for it, or it must outlive a crash that comes next.
    Now,
}

impl Due {
    /// When an event is to be recorded. What a call has consumed is recorded with what came of it. What tools do
    /// and what is made of it is told to people a moment later, or as soon as the next model call is about to
    /// be made.
    fn of(event: &EngineEvent) -> Self {
        match event {
            EngineEvent::Settled { .. } | EngineEvent::Usage { .. } => Self::WithTheNext,
            EngineEvent::StepStarted { .. }
            | EngineEvent::TextDelta { .. }
            | EngineEvent::ReasoningDelta { .. }
            | EngineEvent::ToolCallDelta { .. }
            | EngineEvent::ToolStarted { .. }
            | EngineEvent::ToolOutput { .. }
            | EngineEvent::ContextFiles { .. } => Self::Soon,
            EngineEvent::Entry { entry } => match **entry {
                // Its calls wait for it.
                Entry::Assistant(_) | Entry::Handover(_) | Entry::User(_) => Self::Now,
                Entry::ToolResult(_)
                | Entry::Correction(_)
                | Entry::View(_)
                | Entry::Notice(_)
                | Entry::Plan(_)
                | Entry::ContextChange(_) => Self::Soon,
            },
            EngineEvent::Nested { event, .. } => Self::of(event),
            EngineEvent::Reserved { .. }
            | EngineEvent::Retrying { .. }
            | EngineEvent::Notice { .. }
            | EngineEvent::Finished { .. } => Self::Now,
        }
    }
}

impl Driver<'_> {
    async fn run(&mut self) -> Result<RunOutcome, Halt> {
        self.await_sandbox().await?;
        checkpoints::warm(self.app, &self.run.workspace);
        self.take_up_held_calls().await?;
        if *self.run.pause.borrow() {
            return Ok(RunOutcome::Paused);
        }
        let request = request::build(self.app, self.run).await?;
        // It is driven once.
        self.run.granted.set(Granted::by(&request)).ok();
        self.timeline.answered_by(&request.model.model);
        if let Some(spans) = &mut self.spans {
            spans.asks(&request.model.model);
        }
        reach(Point::RequestBuilt);
        let engines = self.app.runs.by_load(&self.app.addresses.engines);
        let started = engine::start(&self.app.http, &engines, &request);
        let mut stream = self.unless_halted(started).await??;
        drop(request);
        reach(Point::EngineStarted);
        self.run.engine.set(stream.engine.clone()).ok();
        self.follow(&mut stream).await
    }

    /// Calls that have waited for the person are open in the timeline, and may be made.
    async fn take_up_held_calls(&mut self) -> Result<(), Halt> {
        if self.run.held.is_empty() {
            return Ok(());
        }
        let mut moment = self.app.store.read().await?;
        if let Some(stored) = conversations::get(&mut moment, &self.run.conversation_id).await? {
            self.timeline = waiting::restored(&mut moment, &stored.conversation, &self.run.id).await?;
            for call in call_stops::all(&mut moment, &self.run.conversation_id).await? {
                self.run.stop_call(&call);
            }
        }
        self.run.allow(self.run.held.iter().cloned());
        Ok(())
    }

    async fn unless_halted<T>(&self, wait: impl Future<Output = T>) -> Result<T, Halt> {
        tokio::select! {
            biased;
            () = self.app.shutdown.cancelled() => Err(Halt::ShuttingDown),
            () = self.run.stop.cancelled() => Err(Halt::Stopped),
            done = wait => Ok(done),
        }
    }

    async fn await_sandbox(&self) -> Result<(), Halt> {
        if self.app.sandboxes.client().is_some() {
            return Ok(());
        }
        self.show_status(RunStatus::StartingSandbox).await?;
        let attached = self.app.sandboxes.wait_for_client(SANDBOX_LIMIT);
        if self.unless_halted(attached).await?.is_none() {
            return Err(sandbox_unavailable().into());
        }
        Ok(self.show_status(RunStatus::Running).await?)
    }

    /// Records a status of a run that goes on, unless it is being stopped or paused meanwhile.
    async fn show_status(&self, status: RunStatus) -> Result<(), StoreError> {
        loop {
            let attempt = self.try_show_status(status).await;
            if !again(self.app, self.run, storage_problem(&attempt)).await {
                return attempt;
            }
        }
    }

    async fn try_show_status(&self, status: RunStatus) -> Result<(), StoreError> {
        let mut write = self.app.store.write().await?;
        let id = &self.run.conversation_id;
        let Some(stored) = conversations::get(write.connection(), id).await? else { return Ok(()) };
        if matches!(stored.conversation.status, RunStatus::Stopping | RunStatus::Pausing) {
            return Ok(());
        }
        let (run_id, started_at) = (Some(self.run.id.clone()), Some(self.run.started_at));
        let standing = Standing { status, run_id: run_id.clone(), run_started_at: started_at, problem: None };
        conversations::set_standing(&mut write, id, &standing).await?;
        let event = EventBody::RunStatus { status, run_id, step: 0, started_at, problem: None, retry: None };
        write.record(Some(id), event).await?;
        conversations::announce(&mut write, id).await?;
        write.commit().await
    }

    /// Records what the engine tells until it tells how the run ended.
    async fn follow(&mut self, stream: &mut EngineStream) -> Result<RunOutcome, Halt> {
        let mut flush_at = Instant::now();
        let mut record_at = None;
        let mut wishes = Wishes::of(self.run);
        loop {
            let wake_at = record_at.into_iter().chain(self.timeline.has_pending().then_some(flush_at)).min();
            let event = tokio::select! {
                biased;
                () = self.app.shutdown.cancelled() => return Err(Halt::ShuttingDown),
                () = self.run.stop.cancelled() => return Err(Halt::Stopped),
                () = tokio::time::sleep_until(wake_at.unwrap_or(flush_at)), if wake_at.is_some() => None,
                () = wishes.differ() => {
                    wishes.tell(self.app, self.run, &stream.engine).await;
                    continue;
                }
                event = stream.next() => Some(event?.ok_or_else(engine::ended_early)?),
            };
            let mut due = Due::Now;
            if let Some(event) = event {
                due = match self.take(event, stream).await? {
                    Taken::End(outcome) => return Ok(outcome),
                    Taken::Due(due) => due,
                };
            }
            let now = Instant::now();
            if now >= flush_at && self.timeline.has_pending() {
                self.timeline.flush();
                flush_at = now + FLUSH_INTERVAL;
                due = if due == Due::Soon { Due::Now } else { due };
            }
            match due {
                Due::Now => {
                    record_at = None;
                    self.record().await?;
                }
                Due::Soon => {
                    record_at.get_or_insert(now + WAIT_FOR_MORE);
                }
                Due::WithTheNext => {}
            }
        }
    }

    /// Folds in an event and those that have arrived behind it, which are recorded together: a transaction
    /// costs far more than what it holds.
    async fn take(&mut self, event: EngineEvent, stream: &mut EngineStream) -> Result<Taken, Problem> {
        let mut next = Some(event);
        let mut count = 0;
        let mut most = Due::WithTheNext;
        let mut newest = most;
        while let Some(event) = next {
            if let EngineEvent::Finished { outcome } = event {
                return Ok(Taken::End(outcome));
            }
            self.observe(&event);
            newest = Due::of(&event);
            most = most.max(newest);
            if let EngineEvent::StepStarted { step, .. } = event {
                checkpoints::on_step(self.app, self.run, step);
            }
            let ended = self.ended_subagent(&event);
            self.timeline.apply(event, now_ms());
            subagents::forget(self.app, self.run, ended);
            count += 1;
            next = if count < EVENTS_AT_ONCE { stream.ready().await? } else { None };
        }
        let waits = newest == Due::WithTheNext && most < Due::Now;
        Ok(Taken::Due(if waits { newest } else { most }))
    }

    /// Counts what happens, and tells whoever follows traces.
    fn observe(&mut self, event: &EngineEvent) {
        self.app.metrics.engine_event(event);
        if let Some(spans) = &mut self.spans {
            spans.engine_event(event, now_ms());
        }
    }

    /// The call of the sub-agent that is done with this event, if one is.
    fn ended_subagent(&self, event: &EngineEvent) -> Vec<CallId> {
        let EngineEvent::Entry { entry } = event else { return Vec::new() };
        let Entry::ToolResult(result) = &**entry else { return Vec::new() };
        let mut working = self.timeline.subagents();
        working.retain(|call_id| *call_id == result.call_id);
        working
    }

    /// Records what is new, and lets the calls among it be executed.
    async fn record(&mut self) -> Result<(), StoreError> {
        self.unrecorded.append(&mut self.timeline.take_changes());
        if self.unrecorded.is_empty() {
            return Ok(());
        }
        self.unrecorded.extend(self.run.take_ended());
        loop {
            let attempt = record::commit(self.app, self.run, &self.unrecorded).await;
            if !again(self.app, self.run, storage_problem(&attempt)).await {
                attempt?;
                break;
            }
        }
        reach(Point::RecordAfterCommit);
        let calls = record::calls_of(&self.unrecorded);
        self.unrecorded.clear();
        if !calls.is_empty() {
            self.run.allow(calls);
            reach(Point::CallsAllowed);
        }
        Ok(())
    }
}

/// Makes sure that the tool host ends this run's calls, however soon the engine's connections end.
async fn cancel_calls(app: &AppState, run: &ActiveRun) {
    let Some(client) = app.sandboxes.client_in(&run.workspace) else { return };
    let cancels = run.in_flight().into_iter().map(|id| {
        let client = client.clone();
        async move {
            match tokio::time::timeout(CANCEL_LIMIT, client.cancel(&id)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, %id, "a tool call could not be cancelled"),
                Err(_elapsed) => tracing::warn!(%id, "the tool host did not acknowledge a cancellation"),
            }
        }
    });
    futures::future::join_all(cancels).await;
}

fn sandbox_unavailable() -> Problem {
    Problem::new(503, "sandbox_unavailable", "The sandbox is not there")
        .detail(format!("No tool host attached within {} seconds.", SANDBOX_LIMIT.as_secs()))
        .hint("Check the sandbox with `slipway ps` and `slipway logs`, then press Continue.")
}
