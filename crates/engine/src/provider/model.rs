//! A model to ask: one attempt at one answer.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_openai::Client;
use async_openai::error::OpenAIError;
use futures::StreamExt;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use slipway_protocol::run::ModelEndpoint;
use slipway_protocol::{CallId, Problem};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::context::Projection;
use crate::events::EventSink;
use crate::provider::access::{self, Tokens};
use crate::provider::adapt::Adaptations;
use crate::provider::answer::{Answer, AnswerBuilder};
use crate::provider::body::BodyTimeouts;
use crate::provider::cache_marks::Landmarks;
use crate::provider::estimate;
use crate::provider::failure::CallFailure;
use crate::provider::frame::{Ending, Frame};
use crate::provider::http::{Address, ModelService};
use crate::provider::model_name::same_model;
use crate::provider::pictures::Pictures;
use crate::provider::profile::Profile;
use crate::provider::ready::{self, ReadyMessage};
use crate::provider::request::{ChatRequest, RequestFrame};
use crate::settings::ModelTimeouts;

/// Events that may be on their way from the provider to the run; then the provider has to wait.
const EVENTS_IN_FLIGHT: usize = 64;

/// How long to wait for usage figures after the model has said that it is done.
const AFTER_FINISH: Duration = Duration::from_secs(5);

/// How a model is reached.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) client: reqwest::Client,
    pub(crate) tokens: Tokens,
}

/// A model behind an endpoint.
pub(crate) struct Model {
    /// The provider's profile as it is for this model.
    pub(crate) profile: Profile,
    pub(crate) endpoint: ModelEndpoint,
    base_url: String,
    access: Access,
    timeouts: BodyTimeouts,
    /// Longest wait between two words.
    wordless: Duration,
    frame: RequestFrame,
    /// Estimated tokens of the constant parts of its requests.
    frame_tokens: u64,
    /// What is sent for the pictures in messages.
    pub(crate) pictures: Pictures,
    adaptations: Adaptations,
}

/// One attempt at an answer.
pub(crate) struct Attempt<'a> {
    pub(crate) messages: &'a [Arc<ReadyMessage>],
    /// What helps to have them cached.
    pub(crate) landmarks: Landmarks<'a>,
    /// Call ids that are in use.
    pub(crate) taken: Arc<HashSet<CallId>>,
    /// Most output tokens, where that is fewer than requests usually ask for.
    pub(crate) output: Option<u64>,
    /// Where what comes is streamed to.
    pub(crate) events: &'a EventSink,
    /// Counts the bytes of the answer that have come, for the case that it is given up.
    pub(crate) received: &'a AtomicUsize,
}

impl Model {
    /// A model that is asked through `access`, with the constant parts of its requests.
    ///
    /// # Errors
    /// The address is not complete.
    pub(crate) fn new(
        profile: Profile,
        endpoint: ModelEndpoint,
        access: Access,
        timeouts: &ModelTimeouts,
        frame: RequestFrame,
    ) -> Result<Self, Problem> {
        let own = profile.first_byte_seconds.map(Duration::from_secs).unwrap_or_default();
        let first = timeouts.first_byte.max(own.min(timeouts.most_first_byte));
        let body = BodyTimeouts { first, idle: timeouts.idle };
        let frame_tokens = estimate::tokens(frame.size());
        let base_url = access::address(&profile, &endpoint.base_url, &endpoint.api_key)?;
        let adaptations = Adaptations::default();
        let wordless = timeouts.wordless;
        Ok(Self {
            profile,
            endpoint,
            base_url,
            access,
            timeouts: body,
            wordless,
            frame,
            frame_tokens,
            pictures: Pictures::default(),
            adaptations,
        })
    }

    /// Whether the model is not told to do without reasoning.
    pub(crate) fn thinks(&self) -> bool {
        self.frame.thinks()
    }

    /// Estimated tokens of what is sent beside the messages.
    pub(crate) fn constant_tokens(&self) -> u64 {
        self.frame_tokens
    }

    /// Estimated tokens of the request with these messages.
    pub(crate) fn request_tokens(&self, messages: &[Arc<ReadyMessage>]) -> u64 {
        self.frame_tokens + ready::tokens(messages)
    }

    /// Most output tokens that requests ask for; `None` when they name no limit.
    pub(crate) fn output_limit(&self) -> Option<u64> {
        self.frame.output_limit()
    }

    /// The messages of a request as they are sent, with pictures by their ids.
    pub(crate) fn written(&self, request: &Projection) -> Vec<Value> {
        let landmarks = Landmarks { same: request.same, live: &request.live };
        self.frame.written(&request.messages, landmarks)
    }

    /// Makes one attempt at an answer and streams what comes. A request that is refused for something that
    /// can be left out is made again at once without it.
    ///
    /// # Errors
    /// Whatever goes wrong; what has been streamed is void then.
    pub(crate) async fn ask(&self, attempt: Attempt<'_>) -> Result<Answer, CallFailure> {
        let mut answer = self.ask_as_adapted(&attempt).await;
        while let Err(failure) = &answer
            && self.adaptations.adopt(failure, attempt.messages)
        {
            tracing::info!(
                reason = failure.problem.detail,
                "a refused request is made again in another form"
            );
            answer = self.ask_as_adapted(&attempt).await;
        }
        let answer = answer.and_then(|answer| self.check_window(answer));
        answer.map_err(|failure| failure.without_secret(&self.endpoint.api_key))
    }

    /// Asks in the form that has proved acceptable, with another token when the first one has expired.
    async fn ask_as_adapted(&self, attempt: &Attempt<'_>) -> Result<Answer, CallFailure> {
        let Access { client, tokens } = &self.access;
        let messages = self.adaptations.messages(&self.profile, attempt.messages);
        let frame = self.adaptations.frame(&self.frame);
        let request = frame.with(&messages, &self.pictures, attempt.landmarks, attempt.output);
        let key = &self.endpoint.api_key;
        let mut bearer = tokens.admit(client, &self.profile, key).await?;
        let mut answer = self.send(&request, &bearer, attempt).await;
        if let Err(failure) = &answer
            && failure.problem.status == 401
            && tokens.reject(&self.profile, key, &bearer)
        {
            bearer = tokens.admit(client, &self.profile, key).await?;
            answer = self.send(&request, &bearer, attempt).await;
        }
        answer.map_err(|failure| failure.without_secret(bearer.expose_secret()))
    }

    async fn send(
        &self,
        request: &ChatRequest<'_>,
        bearer: &SecretString,
        attempt: &Attempt<'_>,
    ) -> Result<Answer, CallFailure> {
        let request_id = Arc::new(OnceLock::new());
        let answer = self.stream(request, bearer, attempt, Arc::clone(&request_id)).await;
        answer.map_err(|failure| match request_id.get() {
            Some(id) => failure.with_request_id(id),
            None => failure,
        })
    }

    async fn stream(
        &self,
        request: &ChatRequest<'_>,
        bearer: &SecretString,
        attempt: &Attempt<'_>,
        request_id: Arc<OnceLock<String>>,
    ) -> Result<Answer, CallFailure> {
        // Permits that a cut stream had taken must not be missing from the next one.
        let flow = Arc::new(Semaphore::new(EVENTS_IN_FLIGHT));
        let client = self.access.client.clone();
        let service = ModelService {
            client: client.clone(),
            timeouts: self.timeouts,
            flow: Arc::clone(&flow),
            request_id,
        };
        let address = Address::new(&self.base_url, bearer.expose_secret());
        let client = Client::build(client, address).with_http_service(service);
        let mut frames = client.chat().create_stream_byot::<_, Frame>(request).await.map_err(into_failure)?;
        let mut builder = AnswerBuilder::new(Arc::clone(&attempt.taken));
        let mut shown = Vec::new();
        let mut deadline = Instant::now() + self.wordless;
        loop {
            let next = tokio::time::timeout_at(deadline, frames.next()).await;
            let next = if builder.is_finished() {
                // Nothing that goes wrong now can take the answer away, unless it goes on.
                match next {
                    Ok(Some(Ok(Frame::Chunk(chunk)))) => Frame::Chunk(chunk),
                    Ok(Some(Ok(Frame::End(Ending::Done)))) => return Ok(builder.build()),
                    _ if builder.has_late_call() => return Err(unfinished(Ending::Silence)),
                    _ => return Ok(builder.build()),
                }
            } else {
                let next = next.map_err(|_| CallFailure::silent(self.wordless))?;
                next.unwrap_or(Ok(Frame::End(Ending::Silence))).map_err(into_failure)?
            };
            flow.add_permits(1);
            match next {
                Frame::Chunk(chunk) => {
                    let before = builder.progress();
                    let taken = builder.take(*chunk, &mut shown);
                    attempt.received.store(builder.size(), Ordering::Relaxed);
                    taken?;
                    self.check_name(&builder)?;
                    for event in shown.drain(..) {
                        attempt.events.send(event).await;
                    }
                    if builder.progress() != before {
                        let limit = if builder.is_finished() { AFTER_FINISH } else { self.wordless };
                        deadline = Instant::now() + limit;
                    }
                }
                Frame::Failure(failure) => return Err(*failure),
                Frame::End(ending) => return Err(unfinished(ending)),
            }
        }
    }

    /// Fails when the provider has counted more input than the model can have seen: it has cut the prompt
    /// without a word, and the answer is to something else than was asked.
    fn check_window(&self, answer: Answer) -> Result<Answer, CallFailure> {
        let window = self.profile.window(&self.endpoint).filter(|_| self.profile.accepts_overflow);
        let counted = answer.usage.map(|usage| usage.prompt_tokens());
        match (window, counted) {
            (Some(window), Some(counted)) if counted > window => Err(CallFailure::overflow(format!(
                "the provider counted {counted} input tokens, more than the {window} of the model's window, and \
                 did not refuse them"
            ))),
            _ => Ok(answer),
        }
    }

    /// Fails as soon as another model names itself, so that no more of its answer is paid for.
    fn check_name(&self, builder: &AnswerBuilder) -> Result<(), CallFailure> {
        if same_model(&self.profile, &self.endpoint.model, builder.model()) {
            return Ok(());
        }
        Err(CallFailure::wrong_model(&self.endpoint.model, builder.model()))
    }
}

fn unfinished(ending: Ending) -> CallFailure {
    CallFailure::cut(match ending {
        Ending::Done => "the provider ended the answer without a finish reason",
        Ending::Silence => "the connection was closed before the answer was complete",
    })
}

fn into_failure(error: OpenAIError) -> CallFailure {
    match error {
        OpenAIError::Boxed(inner) => match inner.downcast::<CallFailure>() {
            Ok(failure) => *failure,
            Err(other) => CallFailure::unreachable(other.to_string()),
        },
        OpenAIError::JSONDeserialize(error, text) => {
            let start: String = text.chars().take(200).collect();
            CallFailure::not_understood(format!("a part of the answer is not JSON ({error}): {start}"))
        }
        other => CallFailure::cut(other.to_string()),
    }
}
