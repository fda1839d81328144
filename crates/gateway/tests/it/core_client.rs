//! A client as the UI is one: it sends commands, follows the event stream, and folds events.

use http::Method;
use serde_json::{Value, json};
use slipway_gateway::events::fold;
use slipway_protocol::ConversationId;
use slipway_protocol::api::ConversationSnapshot;
use slipway_protocol::event::{Event, EventBody, RunStatus};
use slipway_protocol::message::{Message, PartBody, ToolPart};

use crate::core_engine::{FakeEngine, LIMIT};
use crate::core_host::FakeHost;
use crate::harness::TestGateway;

/// A gateway with a played engine, an attached tool host and a conversation.
pub(crate) struct Setup {
    pub(crate) gateway: TestGateway,
    pub(crate) engine: FakeEngine,
    pub(crate) host: FakeHost,
    pub(crate) conversation: ConversationId,
}

impl Setup {
    pub(crate) async fn new() -> Self {
        let setup = Self::without_host().await;
        let host = FakeHost::attach(&setup.gateway).await;
        Self { host, ..setup }
    }

    /// The same, for a test that attaches a tool host of its own.
    pub(crate) async fn without_host() -> Self {
        let engine = FakeEngine::start().await;
        let url = engine.url.clone();
        let gateway = TestGateway::start_with(|config| config.engines = remote(&url)).await;
        let conversation = create(&gateway).await;
        let host = FakeHost::detached(&gateway);
        Self { gateway, engine, host, conversation }
    }

    /// The same over what its gateway leaves that is stopped now.
    pub(crate) async fn restarted(self) -> Self {
        let Self { gateway, engine, conversation, .. } = self;
        let directory = gateway.stop().await;
        let gateway = TestGateway::start_in(directory, |config| config.engines = remote(&engine.url)).await;
        let host = FakeHost::attach(&gateway).await;
        Self { gateway, engine, host, conversation }
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/conversations/{}{rest}", self.conversation)
    }

    /// Sends a message, which must be accepted.
    pub(crate) async fn say(&self, text: &str) -> Value {
        let (status, receipt) = self.try_say(text, text, "queue").await;
        assert_eq!(status, 202, "{receipt}");
        receipt
    }

    pub(crate) async fn try_say(&self, client_id: &str, text: &str, mode: &str) -> (u16, Value) {
        let body = json!({ "client_id": client_id, "text": text, "mode": mode });
        self.gateway.send(Method::POST, &self.path("/messages"), &body).await
    }

    pub(crate) async fn post(&self, rest: &str) -> (u16, Value) {
        self.gateway.send(Method::POST, &self.path(rest), &json!({})).await
    }

    pub(crate) async fn snapshot(&self) -> ConversationSnapshot {
        serde_json::from_value(self.gateway.get(&self.path("")).await).unwrap()
    }

    pub(crate) async fn follow(&self) -> Follower {
        Follower::open(&self.gateway, &self.conversation, None).await
    }

    /// The calls as they are shown, in order.
    pub(crate) async fn tools(&self) -> Vec<ToolPart> {
        let parts = self.snapshot().await.messages.into_iter().flat_map(|message| message.parts);
        let tools = parts.filter_map(|part| match part.body {
            PartBody::Tool(tool) => Some(*tool),
            _ => None,
        });
        tools.collect()
    }

    pub(crate) async fn transcript(&self) -> Vec<Value> {
        let transcript = self.gateway.get(&self.path("/transcript")).await;
        transcript.as_array().unwrap().clone()
    }
}

pub(crate) fn remote(engine: &url::Url) -> slipway_gateway::config::Engines {
    slipway_gateway::config::Engines::Remote(vec![engine.clone()])
}

pub(crate) async fn create(gateway: &TestGateway) -> ConversationId {
    let (status, conversation) = gateway.send(Method::POST, "/api/v1/conversations", &json!({})).await;
    assert_eq!(status, 201, "{conversation}");
    conversation["id"].as_str().unwrap().into()
}

/// A stream of one conversation's events, folded as they come.
pub(crate) struct Follower {
    response: reqwest::Response,
    buffer: String,
    /// Name of the stream.
    pub(crate) stream: String,
    /// When its gateway was started, by the gateway's clock.
    pub(crate) started_at: i64,
    /// The last SSE id.
    pub(crate) cursor: String,
    pub(crate) messages: Vec<Message>,
    pub(crate) events: Vec<Event>,
    /// SSE names of everything that came, `ping`s left out.
    pub(crate) kinds: Vec<String>,
}

impl Follower {
    /// Follows from `after`, or from now on.
    pub(crate) async fn open(gateway: &TestGateway, id: &ConversationId, after: Option<&str>) -> Self {
        let path = format!("/api/v1/events?topics=user,conv:{id}");
        Self::of(gateway.launcher(Method::GET, &path), after).await
    }

    /// Follows what a request for events is answered by.
    pub(crate) async fn of(mut request: reqwest::RequestBuilder, after: Option<&str>) -> Self {
        if let Some(after) = after {
            request = request.header("Last-Event-ID", after);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut follower = Self {
            response,
            buffer: String::new(),
            stream: String::new(),
            started_at: 0,
            cursor: String::new(),
            messages: Vec::new(),
            events: Vec::new(),
            kinds: Vec::new(),
        };
        let (_, hello) = follower.next().await;
        let hello: Value = serde_json::from_str(&hello).unwrap();
        follower.stream = hello["stream"].as_str().expect("hello comes first").to_owned();
        follower.started_at = hello["started_at"].as_i64().expect("when the gateway was started");
        assert!(hello["at"].as_i64().is_some_and(|at| at >= follower.started_at), "{hello}");
        follower
    }

    /// The next event of any kind: its SSE name and data.
    async fn next(&mut self) -> (String, String) {
        let mut scanned = 0;
        let frame = loop {
            if let Some(found) = self.buffer[scanned..].find("\n\n") {
                break self.buffer.drain(..scanned + found + 2).collect::<String>();
            }
            scanned = self.buffer.len().saturating_sub(1);
            let chunk = tokio::time::timeout(LIMIT, self.response.chunk()).await.expect("an event comes");
            let chunk = chunk.unwrap().expect("the stream goes on");
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        };
        let field = |name: &str| {
            frame.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned()
        };
        self.cursor = field("id: ");
        let (kind, data) = (field("event: "), field("data: "));
        if kind != "ping" {
            self.kinds.push(kind.clone());
        }
        (kind, data)
    }

    /// Folds what comes next, whatever it is.
    pub(crate) async fn any(&mut self) {
        let (_, data) = self.next().await;
        if let Ok(event) = serde_json::from_str::<Event>(&data) {
            fold::apply(&mut self.messages, &event.body);
            self.events.push(event);
        }
    }

    /// Folds events until one fits.
    pub(crate) async fn until(&mut self, fits: impl Fn(&EventBody) -> bool) -> EventBody {
        loop {
            let (_, data) = self.next().await;
            let Ok(event) = serde_json::from_str::<Event>(&data) else { continue };
            fold::apply(&mut self.messages, &event.body);
            self.events.push(event.clone());
            if fits(&event.body) {
                return event.body;
            }
        }
    }

    /// Folds events until the run stands so.
    pub(crate) async fn until_status(&mut self, wanted: RunStatus) -> EventBody {
        self.until(|body| matches!(body, EventBody::RunStatus { status, .. } if *status == wanted)).await
    }

    /// Folds events until a text part holds this much.
    pub(crate) async fn until_text(&mut self, wanted: &str) {
        while !texts(&self.messages).iter().any(|text| text.contains(wanted)) {
            self.until(|_| true).await;
        }
    }
}

/// All visible text, part by part.
pub(crate) fn texts(messages: &[Message]) -> Vec<String> {
    let bodies = messages.iter().flat_map(|message| &message.parts).map(|part| &part.body);
    let texts = bodies.filter_map(|body| match body {
        PartBody::Text { text } => Some(text.clone()),
        _ => None,
    });
    texts.collect()
}
