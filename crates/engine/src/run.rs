//! One run: ask the model, do what it asks for, show it what came of it, until it asks for nothing more.

mod batch;
mod budget;
mod cache_watch;
mod context;
mod guard;
pub(crate) mod inbox;
mod missed;
mod paid;
mod pictures;
pub(crate) mod preview;
mod reader;
mod step;
pub(crate) mod stops;
mod subagent;
mod views;
mod window;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use slipway_fail_points::{Point, reach};
use slipway_protocol::budget::Allowance;
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest};
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, Notice};
use slipway_protocol::{CallId, Problem};
use tokio::sync::Semaphore;

use crate::context::calibration::Calibration;
use crate::context::open_files::OpenFiles;
use crate::context::{KeptContext, Projection};
use crate::events::EventSink;
use crate::http_client::HttpClients;
use crate::provider::failure::CallFailure;
use crate::provider::model::{Access, Model};
use crate::provider::profile::{Price, Profile};
use crate::provider::request::RequestFrame;
use crate::run::budget::{Purse, SharedPurse};
use crate::run::guard::{Governor, Verdict};
use crate::run::inbox::Inbox;
use crate::run::missed::MissedCalls;
use crate::run::paid::OpenCall;
use crate::run::reader::Reader;
use crate::run::stops::CallStops;
use crate::run::window::WindowState;
use crate::settings::Settings;
use crate::tools::builtin::handed_over;
use crate::tools::catalog::Catalog;
use crate::tools::endpoint::Endpoint;

/// Runs until the model is done, a limit is reached or something fails. Dropping the future stops
/// everything that goes on. The caller tells the outcome to the client.
pub(crate) async fn execute(
    request: RunRequest,
    surroundings: Surroundings<'_>,
    events: EventSink,
    inbox: Inbox,
) -> RunOutcome {
    reach(Point::RunAccepted);
    match Run::start(request, surroundings, events).await {
        Ok(mut run) => {
            run.inbox = Some(inbox);
            let outcome = run.conduct().await;
            reach(Point::Finishing);
            outcome
        }
        Err(problem) => RunOutcome::Failed { problem },
    }
}

/// What all runs of an engine share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) clients: &'a HttpClients,
    pub(crate) stops: &'a CallStops,
}

/// What a run draws from.
#[derive(Debug)]
enum Funds {
    /// Budgets of its own.
    Own,
    /// Those of the run that it works for, within limits of its own.
    Shared(SharedPurse),
}

/// Why a run ends before the model is done.
enum Halt {
    /// It cannot go on.
    Failed(Problem),
    /// A budget is used up.
    Limit(Problem),
}

impl From<Problem> for Halt {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// A run in progress; the only owner of its state.
struct Run<'a> {
    request: RunRequest,
    surroundings: Surroundings<'a>,
    events: EventSink,
    /// The call for which it works, when it is a sub-agent.
    parent_call: Option<CallId>,
    /// What the person says meanwhile; sub-agents have none.
    inbox: Option<Inbox>,
    /// Bounds how many sub-agents work at once.
    subagent_turns: Arc<Semaphore>,
    model: Model,
    /// Reads long pages; `None` when the run has no secondary model.
    reader: Option<Reader>,
    catalog: Catalog,
    /// Answers for the views.
    view_endpoint: Option<Endpoint>,
    open_files: OpenFiles,
    /// State of `open_files` that the client knows.
    told_listing: u64,
    governor: Governor,
    purse: Purse,
    /// The model call that goes on.
    open_call: Option<OpenCall>,
    missed_calls: MissedCalls,
    /// Answers of which the provider found far less in its cache than it should have.
    cache_misses: u32,
    /// The limit that the last answer ran into, where a budget left it less room than usual.
    cut_short: Option<Problem>,
    window: WindowState,
    /// What is known of the transcript's projection.
    context: KeptContext,
    /// The ids of all calls in the transcript.
    call_ids: Arc<HashSet<CallId>>,
}

impl<'a> Run<'a> {
    async fn start(
        request: RunRequest,
        surroundings: Surroundings<'a>,
        events: EventSink,
    ) -> Result<Self, Problem> {
        let settings = surroundings.settings;
        let client = surroundings.clients.tools()?;
        let endpoints: Vec<Endpoint> = request
            .tools
            .iter()
            .map(|address| Endpoint::new(client.clone(), address.clone(), settings.tools.clone()))
            .collect();
        let catalog = Catalog::fetch(&endpoints, settings.tools.retry_wait).await?;
        let view_endpoint = endpoints.into_iter().next();
        Self::assemble(request, surroundings, events, catalog, view_endpoint, Funds::Own)
    }

    /// A run with these tools.
    ///
    /// # Errors
    /// The model cannot be asked with this configuration.
    fn assemble(
        request: RunRequest,
        surroundings: Surroundings<'a>,
        events: EventSink,
        catalog: Catalog,
        view_endpoint: Option<Endpoint>,
        funds: Funds,
    ) -> Result<Self, Problem> {
        let Surroundings { settings, clients, .. } = surroundings;
        let profile = Profile::for_endpoint(&request.model);
        if profile.refuses_tools {
            return Err(*CallFailure::takes_no_tools(&request.model.model).problem);
        }
        let frame = RequestFrame::new(
            &profile,
            &request.model,
            &request.conversation_id,
            catalog.specs(),
            request.limits.max_output_tokens,
        );
        let reader = Reader::of(&request, settings, clients)?;
        let access = Access { client: clients.model(&request.model.base_url)?, tokens: clients.tokens() };
        let price = profile.price(&request.model);
        let model = Model::new(profile, request.model.clone(), access, &settings.model, frame)?;
        let mut kept = KeptContext::default();
        let window = {
            let facts = context::projection_facts(&request, &model);
            let (transcript, constant) = (&request.transcript, model.constant_tokens());
            let calibration = Calibration::of(transcript, &facts, &request.model.model, constant, &mut kept);
            WindowState::new(calibration, constant)
        };
        let subagents = usize::try_from(request.subagents.max_at_once).unwrap_or(usize::MAX);
        Ok(Self {
            window,
            context: kept,
            call_ids: Arc::new(call_ids(&request.transcript)),
            open_files: OpenFiles::of(&request.transcript),
            view_endpoint,
            told_listing: 0,
            governor: Governor::new(&request.transcript),
            purse: purse(&request, funds, price),
            open_call: None,
            parent_call: events.call().cloned(),
            inbox: None,
            subagent_turns: Arc::new(Semaphore::new(subagents.max(1))),
            missed_calls: MissedCalls::default(),
            cache_misses: 0,
            cut_short: None,
            request,
            surroundings,
            events,
            model,
            reader,
            catalog,
        })
    }

    /// Goes on to the end.
    async fn conduct(&mut self) -> RunOutcome {
        self.go_on().await.unwrap_or_else(|halt| match halt {
            Halt::Failed(problem) => RunOutcome::Failed { problem },
            Halt::Limit(problem) => RunOutcome::LimitReached { problem },
        })
    }

    async fn go_on(&mut self) -> Result<RunOutcome, Halt> {
        // It may have been accepted before a crash.
        if let Some(prompt) = handed_over(&self.request.transcript) {
            return Ok(RunOutcome::HandedOver { prompt });
        }
        self.tell_unknown_price().await;
        if let Some(outcome) = self.make_held_calls().await? {
            return Ok(outcome);
        }
        let mut step = u32::try_from(self.request.spent.steps).unwrap_or(u32::MAX - 1);
        loop {
            step += 1;
            self.hear().await;
            if self.is_to_pause() {
                return Ok(RunOutcome::Paused);
            }
            self.prepare(step).await;
            reach(Point::ModelAsked);
            let answer = self.ask(step).await?;
            reach(Point::AnswerComplete);
            let finish = answer.finish.clone();
            let has_calls = !answer.tool_calls.is_empty();
            let missed = self.missed_calls.observe(&answer, self.catalog.specs());
            if !has_calls {
                self.record(Entry::Assistant(answer)).await;
                if finish == Finish::Length
                    && let Some(problem) = self.cut_short.take()
                {
                    return Err(Halt::Limit(problem));
                }
                if let Some(missed) = missed? {
                    self.notice(missed).await;
                    continue;
                }
                let outcome = ended(&finish, &self.request)?;
                if outcome == RunOutcome::Completed && self.hear().await {
                    continue;
                }
                return Ok(outcome);
            }
            self.record(Entry::Assistant(answer.clone())).await;
            if let Some(outcome) = self.carry_out(&answer).await.outcome() {
                return Ok(outcome);
            }
            if let Some(prompt) = handed_over(&self.request.transcript) {
                return Ok(RunOutcome::HandedOver { prompt });
            }
            self.check_progress(&answer).await?;
        }
    }

    /// Decides how what there is will be shown in this step's request.
    async fn prepare(&mut self, step: u32) {
        self.refresh_views().await;
        self.leave_out_old_pictures().await;
        self.announce_last_step(step).await;
        self.collapse_views(step).await;
    }

    /// Makes the calls of the last answer that have waited for the person. Gives how the run ends, if it does.
    async fn make_held_calls(&mut self) -> Result<Option<RunOutcome>, Halt> {
        let held = std::mem::take(&mut self.request.held);
        let answers = self.request.transcript.iter().rev();
        let last = answers
            .filter_map(|entry| if let Entry::Assistant(answer) = entry { Some(answer) } else { None });
        let Some(answer) = last.take(1).find(|_| !held.is_empty()).cloned() else { return Ok(None) };
        let needed = self.carry_out_held(&answer, &held).await;
        // What was made of these calls without results must not be kept.
        self.context = KeptContext::default();
        if let Some(outcome) = needed.outcome() {
            return Ok(Some(outcome));
        }
        self.check_progress(&answer).await?;
        Ok(None)
    }

    /// A sub-agent is to report while it can.
    async fn announce_last_step(&mut self, step: u32) {
        if self.parent_call.is_some() && step > 1 && step == self.request.limits.max_steps {
            let text = "This is your last step: report now what you have found, without calling a tool.";
            self.notice(text.to_owned()).await;
        }
    }

    /// Appends an entry to the transcript and tells the client.
    async fn record(&mut self, entry: Entry) {
        self.open_files.apply(&entry);
        if let Entry::Assistant(answer) = &entry {
            // Whoever had a share of it is done: no model call goes on.
            Arc::make_mut(&mut self.call_ids).extend(answer.tool_calls.iter().map(|call| call.id.clone()));
        }
        self.request.transcript.push(entry.clone());
        self.events.send(EngineEvent::Entry { entry: Box::new(entry) }).await;
    }

    async fn notice(&mut self, text: String) {
        self.record(Entry::Notice(Notice { text })).await;
    }

    async fn tell_open_files(&self) {
        self.events.send(EngineEvent::ContextFiles { files: self.open_files.listed() }).await;
    }

    fn projection(&mut self) -> Projection {
        let facts = context::projection_facts(&self.request, &self.model);
        self.context.projection(&self.request.transcript, &facts)
    }

    /// Tells the model, and at last the person, when the run goes round in circles.
    async fn check_progress(&mut self, answer: &AssistantStep) -> Result<(), Problem> {
        match self.governor.observe(answer, &self.request.transcript) {
            Verdict::GoOn => Ok(()),
            Verdict::Tell(text) => {
                self.notice(text).await;
                Ok(())
            }
            Verdict::Stop(problem) => Err(*problem),
        }
    }
}

/// The purse of a run that begins now.
fn purse(request: &RunRequest, funds: Funds, price: Price) -> Purse {
    let (limit, now) = (request.limits.budget(), Instant::now());
    match funds {
        Funds::Own => {
            let run = Allowance { limit, spent: request.spent };
            Purse::new(run, request.conversation_budget, price, now)
        }
        Funds::Shared(shared) => Purse::for_subagent(&shared, limit, price, now),
    }
}

fn call_ids(transcript: &[Entry]) -> HashSet<CallId> {
    let answers = transcript.iter().filter_map(|entry| match entry {
        Entry::Assistant(answer) => Some(answer),
        _ => None,
    });
    answers.flat_map(|answer| answer.tool_calls.iter().map(|call| call.id.clone())).collect()
}

/// What an answer without calls means for the run.
fn ended(finish: &Finish, request: &RunRequest) -> Result<RunOutcome, Problem> {
    match finish {
        Finish::Filtered => {
            Err(Problem::new(422, "provider_refused", "The model provider withheld the answer")
                .detail("its content filter ended the answer")
                .hint("Say it differently, or use another model."))
        }
        Finish::Length => {
            let limit = request
                .limits
                .max_output_tokens
                .map_or_else(String::new, |limit| format!(" ({limit} tokens)"));
            let problem = Problem::new(200, "output_limit", "The answer was cut off by the output limit")
                .detail(format!("the model reached the most that it may write in one answer{limit}"))
                .hint("Continue to let it go on from there.");
            Ok(RunOutcome::LimitReached { problem })
        }
        Finish::Stop | Finish::ToolCalls | Finish::Stopped | Finish::Other(_) => Ok(RunOutcome::Completed),
    }
}

/// Milliseconds since the Unix epoch.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
