//! The end of a run: everything open is closed, the status recorded, and what waited for it begun, all in
//! one transaction. A reader cannot miss it.

use std::time::Duration;

use slipway_fail_points::{Point, reach};
use slipway_protocol::api::WebhookEvent;
use slipway_protocol::approval::HeldCall;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::question::Question;
use slipway_protocol::{ConversationId, Problem};

use super::active::{ActiveRun, Registration};
use super::approving;
use super::begin::begin;
use super::budget;
use super::handover;
use super::near_budget::{self, Granted};
use super::pausing;
use super::pinning;
use super::record;
use super::timeline::{Abandoned, Change, Timeline};
use crate::app::AppState;
use crate::store::conversations::{self, Standing};
use crate::store::queue::{self, Urgency};
use crate::store::{StoreError, Write, approvals, event_rows, now_ms, questions, runs};
use crate::webhooks::outbox::{self, RunNews};

/// Wait between attempts to record an end while the database cannot be written.
const RETRY_WAIT: Duration = Duration::from_millis(500);

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ending {
    /// The model was done.
    Done,
    /// The work goes on in a new conversation, which begins with this.
    HandedOver(String),
    /// The person is needed; it goes on when all of this is answered and decided.
    Asking {
        /// What the model asks.
        questions: Vec<Question>,
        /// Calls that wait, those about which the person must decide among them.
        held: Vec<HeldCall>,
    },
    /// It came to rest because the person wanted it to.
    Paused,
    /// A limit was reached.
    LimitReached(Problem),
    /// The person stopped it.
    Stopped,
    /// Slipway was restarted under it.
    Restarted(Problem),
    /// It could not go on.
    Failed(Problem),
}

impl Ending {
    pub(super) fn status(&self) -> RunStatus {
        match self {
            Self::Done | Self::HandedOver(_) => RunStatus::Done,
            Self::Asking { held, .. } if held.is_empty() => RunStatus::WaitingUser,
            Self::Asking { .. } => RunStatus::WaitingApproval,
            Self::Paused => RunStatus::Paused,
            Self::LimitReached(_) => RunStatus::LimitReached,
            Self::Stopped | Self::Restarted(_) => RunStatus::Stopped,
            Self::Failed(_) => RunStatus::Error,
        }
    }

    fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Done | Self::HandedOver(_) | Self::Asking { .. } | Self::Paused | Self::Stopped => None,
            Self::LimitReached(problem) | Self::Restarted(problem) | Self::Failed(problem) => Some(problem),
        }
    }

    /// What webhooks are told of it; `None` when it is no news: the work goes on, or the person has stopped it.
    fn news(&self) -> Option<WebhookEvent> {
        match self {
            Self::Done => Some(WebhookEvent::RunFinished),
            Self::Asking { .. } => Some(WebhookEvent::RunNeedsInput),
            Self::LimitReached(_) => Some(WebhookEvent::BudgetReached),
            Self::Restarted(_) | Self::Failed(_) => Some(WebhookEvent::RunFailed),
            Self::HandedOver(_) | Self::Paused | Self::Stopped => None,
        }
    }

    /// What becomes of calls without a result; `None` when they wait for theirs.
    fn abandoned(&self) -> Option<Abandoned> {
        match self {
            Self::Asking { .. } | Self::Paused => None,
            Self::Stopped => Some(Abandoned::Stopped),
            Self::Done
            | Self::HandedOver(_)
            | Self::LimitReached(_)
            | Self::Restarted(_)
            | Self::Failed(_) => Some(Abandoned::Interrupted),
        }
    }

    /// When the run went on for the last time.
    async fn moment(&self, write: &mut Write, id: &ConversationId) -> Result<i64, StoreError> {
        match self {
            // Nothing happened from the newest event until now.
            Self::Restarted(_) => event_rows::newest_at(write.connection(), id).await,
            Self::Done
            | Self::HandedOver(_)
            | Self::Asking { .. }
            | Self::Paused
            | Self::LimitReached(_)
            | Self::Stopped
            | Self::Failed(_) => Ok(write.now()),
        }
    }

    /// Which waiting messages are sent now without anybody asking again; none of them answers a question
    /// that was asked after it was written.
    fn goes_on_with(&self) -> Option<Urgency> {
        match self {
            Self::Done | Self::HandedOver(_) => Some(Urgency::Patient),
            Self::Asking { .. } | Self::Paused => None,
            Self::LimitReached(_) | Self::Stopped | Self::Restarted(_) | Self::Failed(_) => {
                Some(Urgency::Urgent)
            }
        }
    }
}

/// Records how a run ended; tries until it succeeds or the gateway stops. Gives the run that follows, if
/// a message waited.
pub(super) async fn conclude(
    app: &AppState,
    run: &ActiveRun,
    mut timeline: Timeline,
    mut unrecorded: Vec<Change>,
    mut ending: Ending,
) -> Option<Registration> {
    unrecorded.extend(run.take_ended());
    timeline.note_stopped(run.stopped_calls());
    loop {
        match ending.abandoned() {
            Some(why) => timeline.abandon(why, now_ms()),
            None => timeline.hold(),
        }
        unrecorded.append(&mut timeline.take_changes());
        match try_conclude(app, run, &unrecorded, &ending).await {
            Ok(Conclusion::Recorded(next)) => {
                app.webhooks.wake();
                return next;
            }
            Ok(Conclusion::Stopping) => {
                ending = Ending::Stopped;
                continue;
            }
            Err(error) => {
                tracing::error!(%error, run_id = %run.id, "the end of a run cannot be recorded yet");
                if let Some(problem) = error.storage_problem() {
                    app.store.note_trouble(problem);
                }
            }
        }
        tokio::select! {
            () = app.shutdown.cancelled() => return None,
            () = tokio::time::sleep(RETRY_WAIT) => {}
        }
    }
}

/// What came of an attempt to record an end.
enum Conclusion {
    /// It is recorded; the run that follows.
    Recorded(Option<Registration>),
    /// Nothing is recorded: the person has stopped the run, which is about to wait.
    Stopping,
}

async fn try_conclude(
    app: &AppState,
    run: &ActiveRun,
    changes: &[Change],
    ending: &Ending,
) -> Result<Conclusion, StoreError> {
    let granted = Granted::to(app, run).await?;
    let mut write = app.store.write().await?;
    let id = &run.conversation_id;
    let Some(stored) = conversations::get(write.connection(), id).await? else {
        return Ok(Conclusion::Recorded(None));
    };
    // Whoever wants it to stop does not want it to go on elsewhere, nor to be asked.
    let stopping = stored.conversation.status == RunStatus::Stopping;
    if stopping && matches!(ending, Ending::Asking { .. } | Ending::Paused) {
        return Ok(Conclusion::Stopping);
    }
    let ended_at = ending.moment(&mut write, id).await?;
    record::record_all(&mut write, run, changes).await?;
    pinning::settle(&mut write, id).await?;
    budget::close(&mut write, run, changes, ended_at).await?;
    near_budget::tell(&mut write, app, run, granted, ending.status()).await?;
    if let Ending::HandedOver(prompt) = ending
        && !stopping
        && !stored.is_deleted
    {
        // Before the end: whoever follows the run knows then where it goes on.
        let next = handover::hand_over(&mut write, &app.runs, run, &stored.conversation, prompt).await?;
        end(&mut write, run, ending).await?;
        reach(Point::HandoverBeforeCommit);
        write.commit().await?;
        reach(Point::HandoverAfterCommit);
        return Ok(Conclusion::Recorded(Some(next)));
    }
    let ending = if matches!(ending, Ending::HandedOver(_)) { &Ending::Stopped } else { ending };
    if *ending == Ending::Paused && stored.conversation.status != RunStatus::Pausing {
        // The person has taken that back a moment too late for the engine.
        let next = pausing::end(&mut write, &app.runs, &stored, run.id.clone()).await?;
        write.commit().await?;
        return Ok(Conclusion::Recorded(next));
    }
    ask(&mut write, app, run, ending).await?;
    end(&mut write, run, ending).await?;
    tell(&mut write, app, run, ending).await?;
    let urgency = ending.goes_on_with().filter(|_| !stored.is_deleted);
    let next = match urgency {
        Some(urgency) => follow(&mut write, app, id, urgency).await?,
        None => None,
    };
    reach(Point::EndBeforeCommit);
    write.commit().await?;
    reach(Point::EndAfterCommit);
    Ok(Conclusion::Recorded(next))
}

/// Records what the run asks of the person before it rests, if it asks anything.
async fn ask(write: &mut Write, app: &AppState, run: &ActiveRun, ending: &Ending) -> Result<(), StoreError> {
    let Ending::Asking { questions, held } = ending else { return Ok(()) };
    let id = &run.conversation_id;
    if !questions.is_empty() {
        questions::insert(write, id, &run.id, questions).await?;
    }
    let asked = approving::request(write, app, run, held).await?;
    if !asked.is_empty() {
        approvals::insert(write, id, &run.id, &asked).await?;
    }
    Ok(())
}

/// Begins the run of the next message that waits and is this urgent.
async fn follow(
    write: &mut Write,
    app: &AppState,
    id: &ConversationId,
    urgency: Urgency,
) -> Result<Option<Registration>, StoreError> {
    let Some(message) = queue::take_next(write, id, urgency).await? else { return Ok(None) };
    // As it stands now that the run has ended.
    let Some(stored) = conversations::get(write.connection(), id).await? else { return Ok(None) };
    Ok(Some(begin(write, &app.runs, &stored.conversation, Some(message)).await?))
}

/// Writes what webhooks are told of the end.
async fn tell(write: &mut Write, app: &AppState, run: &ActiveRun, ending: &Ending) -> Result<(), StoreError> {
    let Some(event) = ending.news() else { return Ok(()) };
    let news = RunNews {
        event,
        conversation_id: &run.conversation_id,
        run_id: &run.id,
        status: ending.status(),
        problem: ending.problem(),
        budget: None,
        url: app.conversation_url(&run.conversation_id),
    };
    outbox::tell(write, &news).await?;
    Ok(())
}

/// Records the end itself.
///
/// # Errors
/// When the database fails.
pub(super) async fn end(write: &mut Write, run: &ActiveRun, ending: &Ending) -> Result<(), StoreError> {
    let (id, status, problem) = (&run.conversation_id, ending.status(), ending.problem());
    runs::set_status(write, &run.id, status, problem).await?;
    let (step, _) = runs::reach_step(write, &run.id, 0).await?;
    let standing =
        Standing { status, run_id: Some(run.id.clone()), run_started_at: None, problem: problem.cloned() };
    conversations::set_standing(write, id, &standing).await?;
    let event = EventBody::RunStatus {
        status,
        run_id: Some(run.id.clone()),
        step,
        started_at: None,
        problem: problem.cloned(),
        retry: None,
    };
    write.record(Some(id), event).await?;
    conversations::announce(write, id).await
}
