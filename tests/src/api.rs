//! The gateway's HTTP API as a client sees it.

use std::sync::Once;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use slipway_protocol::api::{
    Conversation, ConversationSnapshot, CreateConversation, ModelChoice, SaveProvider, SendMessage, SendMode,
    SendReceipt,
};
use slipway_protocol::event::RunStatus;
use slipway_protocol::{ConversationId, Problem, ProviderId};

use crate::events::Events;

/// Longest wait for an answer that is not a stream.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// A client of one instance, logged in with the launcher's token.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Api {
    /// A client for the instance at `base` (for example `http://127.0.0.1:3000`).
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(base: impl Into<String>, token: impl Into<String>) -> anyhow::Result<Self> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Somebody else's provider is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let http = reqwest::Client::builder().no_proxy().connect_timeout(Duration::from_secs(5)).build()?;
        Ok(Self { http, base: base.into(), token: token.into() })
    }

    /// The instance's address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request below `/api/v1`, with the token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/api/v1{path}", self.base)).bearer_auth(&self.token)
    }

    /// A request below `/api/v1` from somebody who is not logged in.
    pub fn stranger(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/api/v1{path}", self.base))
    }

    /// GETs JSON.
    ///
    /// # Errors
    /// Anything but a success with the expected body.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        answer(self.request(Method::GET, path)).await
    }

    /// POSTs JSON and reads JSON.
    ///
    /// # Errors
    /// Anything but a success with the expected body.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> anyhow::Result<T> {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// The problem that a request is answered with, and its status.
    ///
    /// # Errors
    /// The request succeeded, or was answered by something else than a problem.
    pub async fn problem(&self, request: RequestBuilder) -> anyhow::Result<(StatusCode, Problem)> {
        let response = request.timeout(ANSWER_LIMIT).send().await?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(!status.is_success(), "expected a problem, got {status}: {text}");
        Ok((status, serde_json::from_str(&text).with_context(|| format!("not a problem: {text}"))?))
    }

    /// Adds a provider behind `base_url` and returns the choice of its model `scripted`.
    ///
    /// # Errors
    /// The gateway refused it.
    pub async fn add_provider(&self, id: &str, base_url: &str, key: &str) -> anyhow::Result<ModelChoice> {
        let provider = SaveProvider {
            profile: "custom".to_owned(),
            name: id.to_owned(),
            base_url: base_url.to_owned(),
            api_key: Some(key.to_owned()),
            models: vec!["scripted".to_owned()],
            extra_body: Map::new(),
            sees: None,
            payment: None,
        };
        let _: Value = answer(self.request(Method::PUT, &format!("/providers/{id}")).json(&provider)).await?;
        Ok(ModelChoice { provider_id: ProviderId::from(id), model: "scripted".to_owned() })
    }

    /// Creates a conversation.
    ///
    /// # Errors
    /// The gateway refused it.
    pub async fn create(&self, model: &ModelChoice) -> anyhow::Result<Conversation> {
        let create = CreateConversation {
            title: String::new(),
            model: Some(model.clone()),
            ..CreateConversation::default()
        };
        self.post("/conversations", &create).await
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The gateway refused it.
    pub async fn send(&self, id: &ConversationId, text: &str) -> anyhow::Result<SendReceipt> {
        let message = SendMessage {
            client_id: slipway_protocol::MessageId::generate().to_string(),
            text: text.to_owned(),
            attachments: Vec::new(),
            mode: SendMode::Queue,
        };
        self.post(&format!("/conversations/{id}/messages"), &message).await
    }

    /// The newest messages of a conversation and its state.
    ///
    /// # Errors
    /// There is no such conversation.
    pub async fn snapshot(&self, id: &ConversationId) -> anyhow::Result<ConversationSnapshot> {
        self.get(&format!("/conversations/{id}?tail=100")).await
    }

    /// Follows a conversation's events from `cursor` on.
    ///
    /// # Errors
    /// The stream could not be opened.
    pub async fn events(&self, id: &ConversationId, cursor: &str) -> anyhow::Result<Events> {
        let path = format!("/events?topics=conv:{id}&after={cursor}");
        let response = self.request(Method::GET, &path).send().await?.error_for_status()?;
        Ok(Events::of(response))
    }

    /// Creates a conversation, sends `text`, waits until the run has ended, and returns the snapshot.
    ///
    /// # Errors
    /// Any of that failed or took longer than `limit`.
    pub async fn run(
        &self,
        model: &ModelChoice,
        text: &str,
        limit: Duration,
    ) -> anyhow::Result<ConversationSnapshot> {
        let conversation = self.create(model).await?;
        let before = self.snapshot(&conversation.id).await?;
        let mut events = self.events(&conversation.id, &before.cursor).await?;
        self.send(&conversation.id, text).await?;
        events.wait_for_status(|status| status != RunStatus::Idle && !status.is_active(), limit).await?;
        self.snapshot(&conversation.id).await
    }

    /// Asks to stop a conversation's run.
    ///
    /// # Errors
    /// The gateway refused.
    pub async fn stop(&self, id: &ConversationId) -> anyhow::Result<()> {
        let request = self.request(Method::POST, &format!("/conversations/{id}/stop")).json(&json!({}));
        let response = request.timeout(ANSWER_LIMIT).send().await?;
        ensure!(response.status().is_success(), "stop answered {}", response.status());
        Ok(())
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> anyhow::Result<T> {
    let response = request.timeout(ANSWER_LIMIT).send().await?;
    let (status, url) = (response.status(), response.url().clone());
    let text = response.text().await?;
    if !status.is_success() {
        bail!("{url} answered {status}: {text}");
    }
    let text = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(text).with_context(|| format!("{url} answered unexpected {text}"))
}
