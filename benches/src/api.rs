//! The gateway's HTTP API, as a browser would use it.

use anyhow::{Context as _, bail};
use futures::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use slipway_protocol::event::{Event, EventBody, RunStatus};

/// Name of the provider that stands for the scripted model.
const PROVIDER: &str = "bench";

/// A client of one gateway.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    base: String,
    token: String,
}

/// How a followed run ended.
#[derive(Debug)]
pub(crate) struct Followed {
    /// Events that came.
    pub(crate) events: usize,
    /// Characters of visible text among them.
    pub(crate) characters: usize,
}

impl Api {
    /// A client for the gateway at `url`.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub(crate) fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let base = format!("{}/api/v1", url.trim_end_matches('/'));
        Ok(Self { http, base, token: token.to_owned() })
    }

    /// Whether a tool host is attached.
    ///
    /// # Errors
    /// When the gateway does not answer.
    pub(crate) async fn sandbox_is_attached(&self) -> anyhow::Result<bool> {
        Ok(self.call(Method::GET, "/instance", None).await?["sandbox"]["attached"] == true)
    }

    /// Makes the scripted model at `base_url` known, and allows long runs.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub(crate) async fn prepare(&self, base_url: &str) -> anyhow::Result<()> {
        let provider =
            json!({"profile": "custom", "name": "bench", "base_url": base_url, "models": ["scripted"]});
        self.call(Method::PUT, &format!("/providers/{PROVIDER}"), Some(&provider)).await?;
        let mut settings = self.call(Method::GET, "/settings", None).await?;
        settings["limits"]["max_steps"] = json!(1000);
        settings["default_model"] = json!({"provider_id": PROVIDER, "model": "scripted"});
        self.call(Method::PUT, "/settings", Some(&settings)).await?;
        Ok(())
    }

    /// Has one message answered in a conversation of its own, and reads its events to the end.
    ///
    /// # Errors
    /// When the run does not end as it should.
    pub(crate) async fn run(&self, text: &str) -> anyhow::Result<Followed> {
        let id = self.begin().await?;
        self.say(&id, text).await
    }

    /// Makes a conversation; gives its id.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub(crate) async fn begin(&self) -> anyhow::Result<String> {
        let conversation = self.call(Method::POST, "/conversations", Some(&json!({}))).await?;
        Ok(conversation["id"].as_str().context("the conversation has no id")?.to_owned())
    }

    /// A conversation's position in the event log.
    ///
    /// # Errors
    /// When there is no such conversation.
    pub(crate) async fn cursor(&self, id: &str) -> anyhow::Result<String> {
        let snapshot = self.call(Method::GET, &format!("/conversations/{id}"), None).await?;
        Ok(snapshot["cursor"].as_str().context("the conversation has no cursor")?.to_owned())
    }

    /// Has a message answered in a conversation, and reads its events to the end.
    ///
    /// # Errors
    /// When the run does not end as it should.
    pub(crate) async fn say(&self, id: &str, text: &str) -> anyhow::Result<Followed> {
        let cursor = self.cursor(id).await?;
        let events = self.request(Method::GET, &format!("/events?topics=conv:{id}&after={cursor}"));
        let events = events.send().await?.error_for_status()?;
        let message = json!({"client_id": format!("bench {cursor}"), "text": text});
        self.call(Method::POST, &format!("/conversations/{id}/messages"), Some(&message)).await?;
        follow(events).await
    }

    /// Sends a message without waiting for its answer.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub(crate) async fn send(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let message = json!({"client_id": text, "text": text});
        self.call(Method::POST, &format!("/conversations/{id}/messages"), Some(&message)).await.map(drop)
    }

    /// Host and port of the gateway.
    pub(crate) fn address(&self) -> &str {
        let host = self.base.strip_prefix("http://").unwrap_or(&self.base);
        host.split('/').next().unwrap_or(host)
    }

    /// Proof of being the launcher.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            bail!("{path}: {status} {text}");
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }
}

async fn follow(response: reqwest::Response) -> anyhow::Result<Followed> {
    let mut followed = Followed { events: 0, characters: 0 };
    let mut body = response.bytes_stream();
    let mut text: Vec<u8> = Vec::new();
    while let Some(bytes) = body.next().await {
        text.extend_from_slice(&bytes?);
        let Some(end) = text.iter().rposition(|byte| *byte == b'\n') else { continue };
        let rest = text.split_off(end + 1);
        for line in text.split(|byte| *byte == b'\n') {
            let Some(data) = line.strip_prefix(b"data:") else { continue };
            let Ok(event) = serde_json::from_slice::<Event>(data) else { continue };
            followed.events += 1;
            match event.body {
                EventBody::PartDelta { text, .. } => followed.characters += text.chars().count(),
                EventBody::RunStatus { status: RunStatus::Done, .. } => return Ok(followed),
                EventBody::RunStatus { status, problem: Some(problem), .. } if !status.is_active() => {
                    bail!("the run did not succeed: {problem} {}", problem.detail)
                }
                _ => {}
            }
        }
        text = rest;
    }
    bail!("the events ended before the run did")
}
