//! Reads long pages by the run's secondary model: a call beside the conversation, paid like any other.

use slipway_protocol::Problem;
use slipway_protocol::run::{ModelEndpoint, RunRequest};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use tokio_util::sync::CancellationToken;

use crate::context::Projection;
use crate::events::EventSink;
use crate::http_client::HttpClients;
use crate::provider::answer::Answer;
use crate::provider::model::{Access, Model};
use crate::provider::profile::Profile;
use crate::provider::request::RequestFrame;
use crate::provider::retry;
use crate::run::Run;
use crate::run::budget::{CallKind, Tariff};
use crate::run::paid::CallEnd;
use crate::settings::Settings;
use crate::tools::builtin::web_browser::{MAX_SUMMARY_TOKENS, Reading, summary_messages, summary_outcome};

/// What the model is told of a page that was fetched and that the person did not want to be read.
const NOT_READ: &str = "The person stopped this call before the page was read.";

/// Attempts at one page.
const ATTEMPTS: u32 = 2;

/// The secondary model with its prices.
pub(super) struct Reader {
    model: Model,
    tariff: Tariff,
}

impl Reader {
    /// The reader of a run, if it has one.
    ///
    /// # Errors
    /// Its address is not complete, or no HTTP client can be had.
    pub(super) fn of(
        request: &RunRequest,
        settings: &Settings,
        clients: &HttpClients,
    ) -> Result<Option<Self>, Problem> {
        let Some(endpoint) = request.secondary.clone() else { return Ok(None) };
        Self::new(endpoint, request, settings, clients).map(Some)
    }

    fn new(
        endpoint: ModelEndpoint,
        request: &RunRequest,
        settings: &Settings,
        clients: &HttpClients,
    ) -> Result<Self, Problem> {
        let profile = Profile::for_endpoint(&endpoint);
        let tariff = Tariff::new(profile.price(&endpoint));
        let access = Access { client: clients.model(&endpoint.base_url)?, tokens: clients.tokens() };
        let output = Some(MAX_SUMMARY_TOKENS);
        let frame = RequestFrame::new(&profile, &endpoint, &request.conversation_id, &[], output);
        Ok(Self { model: Model::new(profile, endpoint, access, &settings.model, frame)?, tariff })
    }
}

impl Run<'_> {
    /// What the secondary model finds in a page; `otherwise`, with the reason, when it cannot be asked. Without
    /// one, just `otherwise`. Given up when `stop` fires.
    pub(super) async fn read_page(
        &mut self,
        reading: &Reading,
        otherwise: ToolOutcome,
        stop: &CancellationToken,
    ) -> ToolOutcome {
        let Some(reader) = &self.reader else { return otherwise };
        let endpoint = &reader.model.endpoint;
        let (name, window) = (endpoint.model.clone(), reader.model.profile.window(endpoint));
        let request = Projection::alone(summary_messages(reading, window));
        self.exchange_models();
        let answer = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            answer = self.ask_aside(&request) => Some(answer),
        };
        // While the model is that of the call.
        self.settle_given_up().await;
        self.exchange_models();
        let Some(answer) = answer else { return ToolOutcome::new(ToolStatus::Stopped, NOT_READ) };
        let reason = match answer {
            Ok(answer) if !answer.text.trim().is_empty() => {
                self.tell_side_usage(&answer).await;
                return summary_outcome(reading, &answer.text, &name, window);
            }
            Ok(answer) => {
                self.tell_side_usage(&answer).await;
                "it gave no answer".to_owned()
            }
            Err(problem) => format!("{}: {}", problem.title, problem.detail),
        };
        tracing::warn!(model = name, reason, "a page could not be read for the model");
        let text =
            format!("{}\n(The page was not read for your question by {name}: {reason}.)", otherwise.text);
        ToolOutcome { text, ..otherwise }
    }

    async fn ask_aside(&mut self, request: &Projection) -> Result<Answer, Problem> {
        let mut attempt = 1;
        loop {
            let failure = match self.pay_for_call(request, CallKind::Aside, &EventSink::nowhere()).await {
                Ok(answer) => return Ok(answer),
                Err(CallEnd::Limit(problem)) => return Err(problem),
                Err(CallEnd::Failed(failure)) => failure,
            };
            let wait = retry::wait(&self.surroundings.settings.retry, &failure, attempt, rand::random());
            match wait.filter(|_| attempt < ATTEMPTS) {
                Some(wait) => tokio::time::sleep(self.within_time(wait)).await,
                None => return Err(*failure.problem),
            }
            attempt += 1;
        }
    }

    /// Lets calls go to the other of the run's two models.
    fn exchange_models(&mut self) {
        if let Some(reader) = &mut self.reader {
            std::mem::swap(&mut self.model, &mut reader.model);
            self.purse.exchange(&mut reader.tariff);
        }
    }
}
