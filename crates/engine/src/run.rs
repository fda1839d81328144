//! One run: ask the model, do what it asks for, show it what came of it, until it asks for nothing more.

mod batch;
mod budget;
mod cache_watch;
mod context;
mod guard;
mod missed;
mod paid;
mod pictures;
mod reader;
mod step;
mod views;
mod window;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use slipway_protocol::budget::Allowance;
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest};
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, Notice};
use slipway_protocol::{CallId, Problem};

use crate::context::calibration::Calibration;
use crate::context::open_files::OpenFiles;
use crate::context::{KeptContext, Projection};
use crate::events::EventSink;
use crate::http_client::HttpClients;
use crate::provider::failure::CallFailure;
use crate::provider::model::{Access, Model};
use crate::provider::profile::profile;
use crate::provider::request::RequestFrame;
use crate::run::budget::Purse;
use crate::run::guard::{Governor, Verdict};
use crate::run::missed::MissedCalls;
use crate::run::reader::Reader;
use crate::run::window::WindowState;
use crate::settings::Settings;
use crate::tools::builtin::handed_over;
use crate::tools::catalog::Catalog;
use crate::tools::endpoint::Endpoint;

/// Runs until the model is done, a limit is reached or something fails. Dropping the future stops
/// everything that goes on. The caller tells the outcome to the client.
pub(crate) async fn execute(
    request: RunRequest,
    settings: &Settings,
    clients: &HttpClients,
    events: EventSink,
) -> RunOutcome {
    let started = Run::start(request, settings, clients, events).await;
    let outcome = match started {
        Ok(mut run) => run.go_on().await,
        Err(problem) => Err(Halt::Failed(problem)),
    };
    outcome.unwrap_or_else(|halt| match halt {
        Halt::Failed(problem) => RunOutcome::Failed { problem },
        Halt::Limit(problem) => RunOutcome::LimitReached { problem },
    })
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
    settings: &'a Settings,
    events: EventSink,
    model: Model,
    /// Reads long pages; `None` when the run has no secondary model.
    reader: Option<Reader>,
    catalog: Catalog,
    /// Answers for the views.
    view_endpoint: Option<Endpoint>,
    open_files: OpenFiles,
    /// State of `open_files` that the client knows.
    told_changes: u64,
    governor: Governor,
    purse: Purse,
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
        settings: &'a Settings,
        clients: &HttpClients,
        events: EventSink,
    ) -> Result<Self, Problem> {
        let client = clients.tools()?;
        let endpoints: Vec<Endpoint> = request
            .tools
            .iter()
            .map(|address| Endpoint::new(client.clone(), address.clone(), settings.tools.clone()))
            .collect();
        let catalog = Catalog::fetch(&endpoints, settings.tools.retry_wait).await?;
        let profile = profile(&request.model.profile).for_model(&request.model.model);
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
        let prices = profile.prices(&request.model);
        let model = Model::new(profile, request.model.clone(), access, &settings.model, frame)?;
        let mut kept = KeptContext::default();
        let window = {
            let facts = context::projection_facts(&request, &model);
            let (transcript, constant) = (&request.transcript, model.constant_tokens());
            let calibration = Calibration::of(transcript, &facts, &request.model.model, constant, &mut kept);
            WindowState::new(calibration, constant)
        };
        Ok(Self {
            window,
            context: kept,
            call_ids: Arc::new(call_ids(&request.transcript)),
            open_files: OpenFiles::of(&request.transcript),
            view_endpoint: endpoints.into_iter().next(),
            told_changes: 0,
            governor: Governor::new(&request.transcript),
            purse: Purse::new(
                Allowance { limit: request.limits.budget(), spent: request.spent },
                request.conversation_budget,
                prices,
                Instant::now(),
            ),
            missed_calls: MissedCalls::default(),
            cache_misses: 0,
            cut_short: None,
            request,
            settings,
            events,
            model,
            reader,
            catalog,
        })
    }

    async fn go_on(&mut self) -> Result<RunOutcome, Halt> {
        // It may have been accepted before a crash.
        if let Some(prompt) = handed_over(&self.request.transcript) {
            return Ok(RunOutcome::HandedOver { prompt });
        }
        self.tell_unknown_price().await;
        let mut step = u32::try_from(self.request.spent.steps).unwrap_or(u32::MAX - 1);
        loop {
            step += 1;
            self.refresh_views().await;
            self.leave_out_old_pictures().await;
            self.collapse_views(step).await;
            let answer = self.ask(step).await?;
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
                let Some(missed) = missed? else { return Ok(ended(&finish, &self.request)?) };
                self.notice(missed).await;
                continue;
            }
            self.record(Entry::Assistant(answer.clone())).await;
            let questions = self.carry_out(step, &answer).await;
            if !questions.is_empty() {
                return Ok(RunOutcome::Asks { questions });
            }
            if let Some(prompt) = handed_over(&self.request.transcript) {
                return Ok(RunOutcome::HandedOver { prompt });
            }
            self.check_progress(&answer).await?;
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
