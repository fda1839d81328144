//! An engine and a tool host that do what a test tells them.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use futures::StreamExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use serde_json::{Map, Value, json};
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest};
use slipway_protocol::tool::{ToolInvocation, ToolOutcome, ToolStreamItem};
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, ToolCall, ToolResult, UserMessage};
use slipway_protocol::{CallId, InvocationId, MessageId};
use tokio::sync::{Notify, mpsc, watch};
use tokio_stream::wrappers::UnboundedReceiverStream;
use url::Url;

use crate::edge_sandbox::dial;
use crate::harness::TestGateway;

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
        let router = Router::new()
            .route("/v1/runs", post(accept))
            .route("/v1/runs/{run_id}/calls/{call_id}", delete(stop))
            .route("/v1/runs/{run_id}/messages", post(tell))
            .route("/v1/runs/{run_id}/messages/{message_id}", delete(take_back))
            .with_state(sender);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, runs, stopped, told, taken_back }
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

/// A tool host that only writes down what it is asked; calls never end by themselves.
#[derive(Clone)]
pub(crate) struct FakeHost {
    asked: Arc<Mutex<Vec<String>>>,
    /// Lets the answer to a question for views go.
    pub(crate) views: Arc<Notify>,
    /// Calls of which the database knew when the host heard of them.
    begun: Arc<Mutex<Vec<String>>>,
    database: sqlx::AnyPool,
    /// Calls that end.
    ended: watch::Sender<HashSet<String>>,
}

impl FakeHost {
    /// One that is not attached to anything.
    pub(crate) fn detached(gateway: &TestGateway) -> Self {
        Self {
            asked: Arc::default(),
            views: Arc::default(),
            begun: Arc::default(),
            database: gateway.app().store.pool().clone(),
            ended: watch::Sender::default(),
        }
    }

    /// Attaches it.
    pub(crate) async fn attach(gateway: &TestGateway) -> Self {
        let host = Self::detached(gateway);
        let (reply, stream) = dial(gateway, "sandbox-token-of-the-test", "tools").await;
        assert_eq!(reply["type"], "accepted", "{reply}");
        let router = Router::new()
            .route("/v1/status", get(status))
            .route("/v1/tools", get(async || Json(json!({ "tools": [] }))))
            .route("/v1/tools/{name}", post(hang))
            .route("/v1/calls/{id}", delete(cancel))
            .route("/v1/views", post(views))
            .route("/v1/checkpoints/scan", post(empty_state))
            .route("/v1/checkpoints/objects", post(empty_tree))
            .route("/v1/conversations/{id}", delete(async || ()))
            .with_state(host.clone());
        tokio::spawn(async move {
            let io = TokioIo::new(stream);
            let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            connection.serve_connection(io, TowerToHyperService::new(router)).await.ok();
        });
        assert!(gateway.app().sandboxes.wait_for_client(LIMIT).await.is_some());
        host
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Calls of which the database knew when the host heard of them.
    pub(crate) fn begun(&self) -> Vec<String> {
        self.begun.lock().unwrap().clone()
    }

    /// Ends a call with success.
    pub(crate) fn end(&self, invocation: &str) {
        self.ended.send_modify(|ended| ended.extend([invocation.to_owned()]));
    }

    fn note(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }
}

async fn status() -> Json<Value> {
    let status =
        json!({ "version": "0", "workspace": "/workspace", "confinement": "container", "desktop": false });
    Json(status)
}

/// The id of a directory without entries.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

async fn empty_state() -> Json<Value> {
    Json(json!({ "root": NOTHING, "files": 0, "unkept": [], "unkept_count": 0 }))
}

async fn empty_tree() -> String {
    json!({ "id": NOTHING, "length": 0 }).to_string() + "\n"
}

async fn hang(State(host): State<FakeHost>, Json(invocation): Json<ToolInvocation>) -> Body {
    let id = invocation.invocation_id.to_string();
    let row = sqlx::query("SELECT 1 FROM calls WHERE invocation_id = $1 AND status IS NULL").bind(id.clone());
    if row.fetch_optional(&host.database).await.unwrap().is_some() {
        host.begun.lock().unwrap().push(id.clone());
    }
    host.note(format!("call {id}"));
    let line = |item: ToolStreamItem| Ok::<_, Infallible>(serde_json::to_string(&item).unwrap() + "\n");
    let first = line(ToolStreamItem::Output { text: "working\n".to_owned() });
    let mut ended = host.ended.subscribe();
    let last = async move {
        ended.wait_for(|ended| ended.contains(&id)).await.unwrap();
        line(ToolStreamItem::Result(Box::new(ToolOutcome::ok("done"))))
    };
    Body::from_stream(futures::stream::iter([first]).chain(futures::stream::once(last)))
}

async fn views(State(host): State<FakeHost>) -> Json<Value> {
    host.note("views".to_owned());
    host.views.notified().await;
    Json(json!({ "views": [] }))
}

async fn cancel(State(host): State<FakeHost>, Path(id): Path<String>) {
    host.note(format!("cancel {id}"));
}

/// The last of the lines with which a call is answered.
pub(crate) async fn told(response: reqwest::Response) -> Value {
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}
