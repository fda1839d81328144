//! An engine that does what a test tells it.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, post};
use axum::{Json, Router};
use futures::StreamExt;
use serde_json::{Map, Value, json};
use slipway_protocol::context::PinFile;
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest};
use slipway_protocol::tool::{ToolInvocation, ToolOutcome};
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, ToolCall, ToolResult, UserMessage};
use slipway_protocol::{CallId, InvocationId, MessageId};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use url::Url;

pub(crate) const LIMIT: Duration = Duration::from_secs(10);

/// An engine whose runs are played by the test.
pub(crate) struct FakeEngine {
    pub(crate) url: Url,
    runs: mpsc::UnboundedReceiver<EngineRun>,
    /// Calls that were to be stopped by themselves: run and call.
    stopped: Arc<Mutex<Vec<String>>>,
    /// What runs were told, and the ids of what was taken back.
    told: mpsc::UnboundedReceiver<UserMessage>,
    taken_back: mpsc::UnboundedReceiver<String>,
    /// Whether a run was told to pause, or to go on after all.
    pauses: mpsc::UnboundedReceiver<bool>,
    /// What runs were told to pin, or not any more.
    pins: mpsc::UnboundedReceiver<Vec<PinFile>>,
}

/// A run that the gateway asked for.
pub(crate) struct EngineRun {
    pub(crate) request: RunRequest,
    events: mpsc::UnboundedSender<EngineEvent>,
    step: u32,
}

impl FakeEngine {
    pub(crate) async fn start() -> Self {
        let (sender, runs) = mpsc::unbounded_channel();
        let stopped: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&stopped);
        let stop = async move |Path((run, call)): Path<(String, String)>| {
            if call == "other" {
                return StatusCode::NOT_FOUND;
            }
            noted.lock().unwrap().push(format!("{run} {call}"));
            StatusCode::NO_CONTENT
        };
        let (telling, told) = mpsc::unbounded_channel();
        let tell = async move |Json(message): Json<UserMessage>| {
            telling.send(message).ok();
            StatusCode::ACCEPTED
        };
        let (taking, taken_back) = mpsc::unbounded_channel();
        let take_back = async move |Path((_, id)): Path<(String, String)>| {
            taking.send(id).ok();
            StatusCode::NO_CONTENT
        };
        let (pausing, pauses) = mpsc::unbounded_channel();
        let unpausing = pausing.clone();
        let pause = async move || {
            pausing.send(true).ok();
            StatusCode::NO_CONTENT
        };
        let unpause = async move || {
            unpausing.send(false).ok();
            StatusCode::NO_CONTENT
        };
        let (pinning, pins) = mpsc::unbounded_channel();
        let pin = async move |Json(wanted): Json<Vec<PinFile>>| {
            pinning.send(wanted).ok();
            StatusCode::ACCEPTED
        };
        let router = Router::new()
            .route("/v1/runs/{run_id}/pins", post(pin))
            .route("/v1/runs/{run_id}/pause", post(pause).delete(unpause))
            .route("/v1/runs", post(accept))
            .route("/v1/runs/{run_id}/calls/{call_id}", delete(stop))
            .route("/v1/runs/{run_id}/messages", post(tell))
            .route("/v1/runs/{run_id}/messages/{message_id}", delete(take_back))
            .with_state(sender);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, runs, stopped, told, taken_back, pauses, pins }
    }

    /// The next run that the gateway asks for.
    pub(crate) async fn run(&mut self) -> EngineRun {
        tokio::time::timeout(LIMIT, self.runs.recv()).await.expect("the gateway asks for a run").unwrap()
    }

    /// Calls that were to be stopped by themselves.
    pub(crate) fn stopped(&self) -> Vec<String> {
        self.stopped.lock().unwrap().clone()
    }

    /// What a run is told next.
    pub(crate) async fn told(&mut self) -> UserMessage {
        tokio::time::timeout(LIMIT, self.told.recv()).await.expect("the gateway tells a run").unwrap()
    }

    /// The id of what is taken back next.
    pub(crate) async fn taken_back(&mut self) -> String {
        tokio::time::timeout(LIMIT, self.taken_back.recv()).await.expect("the gateway takes it back").unwrap()
    }

    /// Whether a run is told next to pause, or to go on after all.
    pub(crate) async fn is_to_pause(&mut self) -> bool {
        tokio::time::timeout(LIMIT, self.pauses.recv()).await.expect("the gateway tells a run").unwrap()
    }

    /// What a run is told next to pin, or not any more.
    pub(crate) async fn pinned(&mut self) -> Vec<PinFile> {
        tokio::time::timeout(LIMIT, self.pins.recv()).await.expect("the gateway tells a run").unwrap()
    }

    /// Whether the gateway has asked for nothing more.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.runs.try_recv().is_err()
    }
}

async fn accept(
    State(runs): State<mpsc::UnboundedSender<EngineRun>>,
    Json(request): Json<RunRequest>,
) -> Body {
    let (events, receiver) = mpsc::unbounded_channel();
    // A run that goes on after an answer has made steps already.
    let made = request.transcript.iter().filter(|entry| {
        matches!(entry, Entry::Assistant(step) if step.id.as_str().starts_with(request.run_id.as_str()))
    });
    let step = u32::try_from(made.count()).unwrap();
    runs.send(EngineRun { request, events, step }).ok();
    Body::from_stream(UnboundedReceiverStream::new(receiver).map(|event: EngineEvent| {
        let data = serde_json::to_string(&event).unwrap();
        Ok::<_, Infallible>(format!("data: {data}\n\n"))
    }))
}

impl EngineRun {
    pub(crate) fn tell(&self, event: EngineEvent) {
        self.events.send(event).expect("the gateway follows the run");
    }

    /// Waits until the gateway has given the run up.
    pub(crate) async fn given_up(&self) {
        tokio::time::timeout(LIMIT, self.events.closed()).await.expect("the gateway gives the run up");
    }

    /// Begins a model call; gives the id of its message.
    pub(crate) fn step(&mut self) -> MessageId {
        self.step += 1;
        let message_id = MessageId(format!("{}-step-{}", self.request.run_id, self.step));
        self.tell(EngineEvent::StepStarted { step: self.step, message_id: message_id.clone() });
        message_id
    }

    pub(crate) fn text(&self, text: &str) {
        self.tell(EngineEvent::TextDelta { text: text.to_owned() });
    }

    /// Completes a model call.
    pub(crate) fn answer(&self, id: &MessageId, text: &str, calls: &[&str]) {
        let tool_calls = calls.iter().map(|call| ToolCall {
            id: (*call).into(),
            name: "touch".to_owned(),
            arguments: "{}".to_owned(),
            opaque: Map::new(),
        });
        let entry = Entry::Assistant(AssistantStep {
            id: id.clone(),
            step: self.step,
            text: text.to_owned(),
            reasoning: String::new(),
            opaque: Map::new(),
            tool_calls: tool_calls.collect(),
            finish: Finish::Stop,
            usage: None,
            model: "fake".to_owned(),
            created_at: 1,
        });
        self.tell(EngineEvent::Entry { entry: Box::new(entry) });
    }

    /// Ends a tool call.
    pub(crate) fn result(&self, call: &str, text: &str) {
        let entry = Entry::ToolResult(ToolResult {
            call_id: call.into(),
            name: "touch".to_owned(),
            outcome: ToolOutcome::ok(text),
            duration_ms: 1,
            created_at: 1,
        });
        self.tell(EngineEvent::Entry { entry: Box::new(entry) });
    }

    /// A whole model call without tools, and the end of the run.
    pub(crate) fn reply(mut self, text: &str) {
        let id = self.step();
        self.text(text);
        self.answer(&id, text, &[]);
        self.finish(RunOutcome::Completed);
    }

    pub(crate) fn finish(self, outcome: RunOutcome) {
        self.tell(EngineEvent::Finished { outcome });
    }

    /// What the user has said, as the engine is told.
    pub(crate) fn said(&self) -> Vec<String> {
        let said = self.request.transcript.iter().filter_map(|entry| match entry {
            Entry::User(message) => Some(message.text.clone()),
            _ => None,
        });
        said.collect()
    }

    /// Calls a tool as an engine does; the answer's body comes as the tool host sends it.
    pub(crate) async fn call_tool(&self, invocation: &str, call: &str) -> reqwest::Response {
        self.call_tool_for("touch", invocation, call, None).await
    }

    /// Calls a tool of this name.
    pub(crate) async fn call_tool_named(
        &self,
        name: &str,
        invocation: &str,
        call: &str,
    ) -> reqwest::Response {
        self.call_tool_for(name, invocation, call, None).await
    }

    /// The same for the sub-agent of a call, if one is named.
    pub(crate) async fn call_tool_for(
        &self,
        name: &str,
        invocation: &str,
        call: &str,
        subagent: Option<&str>,
    ) -> reqwest::Response {
        self.call_tool_with(name, invocation, call, subagent, json!({})).await
    }

    /// The same with arguments.
    pub(crate) async fn call_tool_with(
        &self,
        name: &str,
        invocation: &str,
        call: &str,
        subagent: Option<&str>,
        arguments: Value,
    ) -> reqwest::Response {
        let own = &self.request.conversation_id;
        let body = ToolInvocation {
            invocation_id: InvocationId::from(invocation),
            call_id: CallId::from(call),
            conversation_id: subagent.map_or_else(|| own.clone(), |parent| own.under(&parent.into())),
            step: self.step,
            arguments,
        };
        self.ask(&format!("/v1/tools/{name}"), &json!(body)).await
    }

    /// Asks which open files have changed, as an engine does before it asks the model again.
    pub(crate) async fn refresh_views(&self) -> reqwest::Response {
        let body = json!({ "conversation_id": self.request.conversation_id, "files": [] });
        self.ask("/v1/views", &body).await
    }

    async fn ask(&self, path: &str, body: &Value) -> reqwest::Response {
        let endpoint = self.request.tools.first().unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http.post(format!("{}{path}", endpoint.url)).bearer_auth(&endpoint.token);
        request.json(body).send().await.unwrap()
    }
}

/// The last of the lines with which a call is answered.
pub(crate) async fn told(response: reqwest::Response) -> Value {
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}
