//! Starts an engine and runs conversations against it.

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Map, Value};
use slipway_engine::settings::Settings;
use slipway_protocol::budget::{Allowance, Spending};
use slipway_protocol::run::{
    ContextMode, EngineEvent, ModelEndpoint, PromptFacts, RunLimits, RunOutcome, RunRequest, SubagentLimits,
    ToolEndpoint,
};
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::transcript::{AssistantStep, Entry, Origin, ToolResult, UserMessage};
use slipway_protocol::{ConversationId, MessageId, RunId};
use slipway_scripted_model::{Script, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::fake_tools::{FakeTools, TOKEN};

/// An engine, a model and tools.
pub(crate) struct World {
    pub(crate) engine: String,
    pub(crate) tools: FakeTools,
    pub(crate) model: Server,
    pub(crate) stop: CancellationToken,
}

/// Time limits and waits short enough for tests.
pub(crate) fn quick() -> Settings {
    let mut settings = Settings::default();
    settings.model.first_byte = Duration::from_millis(400);
    settings.model.idle = Duration::from_millis(200);
    settings.retry.base = Duration::from_millis(4);
    settings.tools.retry_wait = Duration::from_millis(5);
    settings
}

impl World {
    /// A model with this script, of which `turns` may be left out.
    pub(crate) async fn new(script: &str) -> Self {
        Self::with(script, quick()).await
    }

    pub(crate) async fn with(script: &str, settings: Settings) -> Self {
        let mut script = Script::from_yaml(&format!("name: test\nturns:\n{script}")).expect("a script");
        script.strict = true;
        Self::of(script, settings).await
    }

    pub(crate) async fn of(script: Script, settings: Settings) -> Self {
        let model = Server::start(script).await.expect("a port");
        let stop = CancellationToken::new();
        Self { engine: serve(settings, &stop).await, tools: FakeTools::start().await, model, stop }
    }

    /// A request with one user message.
    pub(crate) fn request(&self) -> RunRequest {
        request(&self.model.base_url(), &self.tools.url)
    }

    /// Runs to the end.
    pub(crate) async fn run(&self) -> Events {
        self.run_with(self.request()).await
    }

    pub(crate) async fn run_with(&self, request: RunRequest) -> Events {
        run_against(&self.engine, &request).await
    }

    /// The messages of the request with this number, from 0.
    pub(crate) fn messages(&self, number: usize) -> Vec<Value> {
        let requests = self.model.requests();
        requests[number].body["messages"].as_array().expect("messages").clone()
    }

    /// Whether any request held these words.
    pub(crate) fn requests_say(&self, words: &str) -> bool {
        self.model.requests().iter().any(|request| request.text.contains(words))
    }

    /// The text of the newest message of the request with this number.
    pub(crate) fn newest(&self, number: usize) -> String {
        self.messages(number).last().expect("not empty")["content"].as_str().expect("text").to_owned()
    }
}

async fn serve(settings: Settings, stop: &CancellationToken) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let router = slipway_engine::router_with(settings, stop.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// An engine alone.
pub(crate) async fn engine(settings: Settings) -> String {
    serve(settings, &CancellationToken::new()).await
}

pub(crate) fn user(text: &str) -> Entry {
    Entry::User(UserMessage {
        id: MessageId::generate(),
        text: text.to_owned(),
        attachments: Vec::new(),
        origin: Origin::Person,
        created_at: 0,
    })
}

pub(crate) fn request(base_url: &str, tools_url: &str) -> RunRequest {
    RunRequest {
        run_id: RunId::generate(),
        conversation_id: ConversationId::from("conv_1"),
        held: Vec::new(),
        transcript: vec![user("do it")],
        model: ModelEndpoint {
            profile: "scripted".to_owned(),
            base_url: base_url.to_owned(),
            api_key: "secret-key-123".to_owned(),
            model: "scripted".to_owned(),
            extra_body: Map::new(),
            context_window: Some(100_000),
            sees: None,
            payment: None,
        },
        secondary: None,
        limits: RunLimits::default(),
        subagents: SubagentLimits::default(),
        spent: Spending::default(),
        conversation_budget: Allowance::default(),
        tools: vec![ToolEndpoint { url: tools_url.to_owned(), token: TOKEN.to_owned() }],
        context_mode: ContextMode::PerFile,
        page_chars: 20_000,
        prompt: PromptFacts::default(),
    }
}

/// A client that all runs of a test share; it keeps no connections, which would belong to one test's runtime.
fn client() -> &'static reqwest::Client {
    static CLIENT: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
    CLIENT.get_or_init(|| {
        slipway_engine::install_crypto_provider();
        reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client")
    })
}

/// Posts a body to the engine, whatever it is.
pub(crate) async fn post_text(engine: &str, body: &'static str) -> reqwest::Response {
    let request = client().post(format!("{engine}/v1/runs")).header("content-type", "application/json");
    request.body(body).send().await.expect("an answer")
}

/// Asks what a run would send first: status and body.
pub(crate) async fn preview(engine: &str, request: &RunRequest) -> (u16, String) {
    let asked = client().post(format!("{engine}/v1/previews")).json(request);
    let response = asked.send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("whole"))
}

/// Starts a run and gives its event stream.
pub(crate) async fn start(engine: &str, request: &RunRequest) -> reqwest::Response {
    let response = client().post(format!("{engine}/v1/runs")).json(request).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    response
}

/// Runs to the end against an engine.
pub(crate) async fn run_against(engine: &str, request: &RunRequest) -> Events {
    let mut body = start(engine, request).await.bytes_stream();
    let mut text = Vec::new();
    while let Some(bytes) = body.next().await {
        text.extend_from_slice(&bytes.expect("the stream is whole"));
    }
    let text = String::from_utf8(text).expect("UTF-8");
    let events: Vec<EngineEvent> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    let finished = events.iter().filter(|event| matches!(event, EngineEvent::Finished { .. })).count();
    assert_eq!(finished, 1, "a run finishes exactly once");
    assert!(matches!(events.last(), Some(EngineEvent::Finished { .. })), "nothing follows the end");
    Events(events)
}

/// The events of a run.
pub(crate) struct Events(pub(crate) Vec<EngineEvent>);

impl Events {
    pub(crate) fn outcome(&self) -> &RunOutcome {
        match self.0.last() {
            Some(EngineEvent::Finished { outcome }) => outcome,
            other => panic!("no end but {other:?}"),
        }
    }

    /// The code of the problem that ended the run.
    pub(crate) fn code(&self) -> &str {
        match self.outcome() {
            RunOutcome::Failed { problem } | RunOutcome::LimitReached { problem } => &problem.code,
            other => panic!("no problem but {other:?}"),
        }
    }

    pub(crate) fn detail(&self) -> &str {
        match self.outcome() {
            RunOutcome::Failed { problem } | RunOutcome::LimitReached { problem } => &problem.detail,
            other => panic!("no problem but {other:?}"),
        }
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        let entries = self.0.iter().filter_map(|event| match event {
            EngineEvent::Entry { entry } => Some((**entry).clone()),
            _ => None,
        });
        entries.collect()
    }

    pub(crate) fn answers(&self) -> Vec<AssistantStep> {
        let entries = self.entries().into_iter();
        entries
            .filter_map(|entry| if let Entry::Assistant(answer) = entry { Some(answer) } else { None })
            .collect()
    }

    pub(crate) fn results(&self) -> Vec<ToolResult> {
        let entries = self.entries().into_iter();
        entries
            .filter_map(|entry| if let Entry::ToolResult(result) = entry { Some(result) } else { None })
            .collect()
    }

    pub(crate) fn statuses(&self) -> Vec<ToolStatus> {
        self.results().iter().map(|result| result.outcome.status).collect()
    }

    /// Codes of the problems for which calls were made again.
    pub(crate) fn retries(&self) -> Vec<(u32, u64, String)> {
        let retries = self.0.iter().filter_map(|event| match event {
            EngineEvent::Retrying { attempt, wait_ms, problem } => {
                Some((*attempt, *wait_ms, problem.code.clone()))
            }
            _ => None,
        });
        retries.collect()
    }

    /// The visible text as a client puts it together.
    pub(crate) fn streamed_text(&self) -> String {
        let mut text = String::new();
        for event in &self.0 {
            match event {
                EngineEvent::TextDelta { text: more } => text.push_str(more),
                EngineEvent::Retrying { .. } => text.clear(),
                _ => {}
            }
        }
        text
    }

    /// Positions of the events that `wanted` picks.
    pub(crate) fn positions(&self, wanted: impl Fn(&EngineEvent) -> bool) -> Vec<usize> {
        self.0.iter().enumerate().filter(|(_, event)| wanted(event)).map(|(position, _)| position).collect()
    }
}
