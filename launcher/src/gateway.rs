//! The gateway's HTTP API as the launcher uses it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use slipway_protocol::api::{
    Account, AnswerQuestion, AnswerReceipt, ApprovalReceipt, Conversation, ConversationPage,
    ConversationSnapshot, CreateConversation, CreatePerson, DecideApproval, Instance, LoginLink, ModelChoice,
    PasswordGiven, ProviderList, ResetPassword, SandboxChoices, SandboxOrder, SandboxOrders,
    SandboxSettingsReport, SaveProvider, SendMessage, SendReceipt, Settings, UpdateConversation,
    UpdatePerson,
};
use slipway_protocol::budget::ConversationBudgets;
use slipway_protocol::{CallId, ConversationId, Problem, ProviderId, UserId};
use tokio::io::AsyncWriteExt as _;

/// How long an answer that is not a stream may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// How long the gateway may take to say that there is nothing to do.
const ORDER_LIMIT: Duration = Duration::from_secs(40);
/// How long an exported conversation may take to arrive.
const EXPORT_LIMIT: Duration = Duration::from_secs(600);
/// How long a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// Why a request got no usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GatewayError {
    /// Nobody answers.
    #[error("the gateway at {base} does not answer: {source}")]
    Unreachable {
        /// Where.
        base: String,
        /// Why.
        source: reqwest::Error,
    },
    /// It refused, and said why.
    #[error("{}", explained(.0))]
    Refused(Box<Problem>),
    /// It answered something else than was expected.
    #[error("the gateway answered {path} in an unexpected way: {reason}")]
    Unexpected {
        /// What was asked for.
        path: String,
        /// What came.
        reason: String,
    },
    /// A file on this machine cannot be used.
    #[error("cannot use {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The HTTP client cannot be made.
    #[error("cannot make an HTTP client: {0}")]
    Client(#[source] reqwest::Error),
}

/// A problem in words: what happened, why, and what to do next.
pub(crate) fn explained(problem: &Problem) -> String {
    let mut text = problem.title.clone();
    if !problem.detail.is_empty() {
        text.push_str(": ");
        text.push_str(&problem.detail);
    }
    if !problem.hint.is_empty() {
        text.push_str("\n  ");
        text.push_str(&problem.hint);
    }
    text
}

/// A client of one instance, with the launcher's token.
#[derive(Clone)]
pub(crate) struct Gateway {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Gateway").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Gateway {
    /// A client for the gateway on a port of this machine's loopback address.
    pub(crate) fn new(port: u16, token: &str) -> Result<Self, GatewayError> {
        // Proxies are for the world outside; this is the same machine.
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT_LIMIT)
            .build()
            .map_err(GatewayError::Client)?;
        Ok(Self { http, base: format!("http://127.0.0.1:{port}"), token: token.to_owned() })
    }

    /// Its address, without a trailing slash.
    pub(crate) fn address(&self) -> &str {
        &self.base
    }

    /// Who may use the instance.
    pub(crate) async fn people(&self) -> Result<Vec<Account>, GatewayError> {
        self.get("/people").await
    }

    /// Adds a person.
    pub(crate) async fn create_person(&self, person: &CreatePerson) -> Result<PasswordGiven, GatewayError> {
        self.post("/people", person).await
    }

    /// Gives a person another password.
    pub(crate) async fn reset_password(
        &self,
        id: &UserId,
        wanted: &ResetPassword,
    ) -> Result<PasswordGiven, GatewayError> {
        self.post(&format!("/people/{id}/password"), wanted).await
    }

    /// Changes what a person may do.
    pub(crate) async fn update_person(
        &self,
        id: &UserId,
        change: &UpdatePerson,
    ) -> Result<Account, GatewayError> {
        let path = format!("/people/{id}");
        parsed(&self.send(self.request(Method::PATCH, &path).json(change), &path).await?, &path)
    }

    /// What the instance says about itself.
    pub(crate) async fn instance(&self) -> Result<Instance, GatewayError> {
        self.get("/instance").await
    }

    /// An address that logs a browser in, once. `localhost` and not `127.0.0.1`, because cookies know no
    /// ports: what the agent serves is looked at on the other name.
    pub(crate) async fn login_url(&self, port: u16) -> Result<String, GatewayError> {
        let link: LoginLink = self.post("/session/links", &serde_json::json!({})).await?;
        Ok(format!("http://localhost:{port}{}", link.path))
    }

    /// Adds or replaces a provider.
    pub(crate) async fn save_provider(
        &self,
        id: &ProviderId,
        provider: &SaveProvider,
    ) -> Result<(), GatewayError> {
        let path = format!("/providers/{id}");
        self.send(self.request(Method::PUT, &path).json(provider), &path).await.map(drop)
    }

    /// What is configured.
    pub(crate) async fn providers(&self) -> Result<ProviderList, GatewayError> {
        self.get("/providers").await
    }

    /// Begins a conversation.
    pub(crate) async fn create_conversation(
        &self,
        model: Option<ModelChoice>,
        budgets: ConversationBudgets,
    ) -> Result<Conversation, GatewayError> {
        self.post("/conversations", &CreateConversation { model, budgets, ..CreateConversation::default() })
            .await
    }

    /// A conversation's newest messages and its place in the event log.
    pub(crate) async fn snapshot(&self, id: &ConversationId) -> Result<ConversationSnapshot, GatewayError> {
        self.get(&format!("/conversations/{id}")).await
    }

    /// Says something in a conversation, which starts a run.
    pub(crate) async fn send_message(
        &self,
        id: &ConversationId,
        message: &SendMessage,
    ) -> Result<SendReceipt, GatewayError> {
        self.post(&format!("/conversations/{id}/messages"), message).await
    }

    /// Answers a question of the model.
    pub(crate) async fn answer(
        &self,
        id: &ConversationId,
        call: &CallId,
        answer: &AnswerQuestion,
    ) -> Result<AnswerReceipt, GatewayError> {
        self.post(&format!("/conversations/{id}/questions/{call}/answer"), answer).await
    }

    /// Decides about a call that waits.
    pub(crate) async fn decide(
        &self,
        id: &ConversationId,
        call: &CallId,
        decision: &DecideApproval,
    ) -> Result<ApprovalReceipt, GatewayError> {
        self.post(&format!("/conversations/{id}/approvals/{call}"), decision).await
    }

    /// Lets a paused run go on, or takes up one that ended early.
    pub(crate) async fn go_on(&self, id: &ConversationId) -> Result<(), GatewayError> {
        let path = format!("/conversations/{id}/continue");
        self.send(self.request(Method::POST, &path).json(&serde_json::json!({})), &path).await.map(drop)
    }

    /// Asks to stop a conversation's run.
    pub(crate) async fn stop(&self, id: &ConversationId) -> Result<(), GatewayError> {
        let path = format!("/conversations/{id}/stop");
        self.send(self.request(Method::POST, &path).json(&serde_json::json!({})), &path).await.map(drop)
    }

    /// The most recent conversations, newest first.
    pub(crate) async fn conversations(&self) -> Result<ConversationPage, GatewayError> {
        self.get("/conversations").await
    }

    /// A conversation as a file, in JSON or, for people, in Markdown.
    pub(crate) async fn export(&self, id: &ConversationId, format: &str) -> Result<String, GatewayError> {
        let path = format!("/conversations/{id}/export?format={format}");
        let request = self.request(Method::GET, &path).timeout(EXPORT_LIMIT);
        self.checked(request, &path).await?.text().await.map_err(|source| self.unreachable(source))
    }

    /// Downloads a backup into a new file; gives its length.
    pub(crate) async fn backup(&self, path: &Path, with_key: bool) -> Result<u64, GatewayError> {
        let route = format!("/backup?key={with_key}");
        let mut answer = self.checked(self.request(Method::GET, &route), &route).await?;
        let failed = |source| GatewayError::File { path: path.to_owned(), source };
        // Only its owner may read what people have said.
        let mut file = tokio::fs::OpenOptions::new();
        let mut file =
            file.write(true).create(true).truncate(true).mode(0o600).open(path).await.map_err(failed)?;
        let mut length = 0;
        while let Some(piece) = answer.chunk().await.map_err(|source| self.unreachable(source))? {
            length += piece.len() as u64;
            file.write_all(&piece).await.map_err(failed)?;
        }
        file.sync_all().await.map_err(failed)?;
        Ok(length)
    }

    /// Hands in a backup to which the next start goes back.
    pub(crate) async fn restore(&self, path: &Path) -> Result<(), GatewayError> {
        let failed = |source| GatewayError::File { path: path.to_owned(), source };
        let file = tokio::fs::File::open(path).await.map_err(failed)?;
        self.checked(self.request(Method::PUT, "/backup").body(file), "/backup").await.map(drop)
    }

    /// Has a new key made for the secrets at rest, which the next start puts in the place of the old one.
    pub(crate) async fn rotate_key(&self) -> Result<(), GatewayError> {
        let path = "/secret-key/rotation";
        self.send(self.request(Method::POST, path), path).await.map(drop)
    }

    /// What helps to find a fault, as JSON.
    pub(crate) async fn diagnostics(&self) -> Result<String, GatewayError> {
        let path = "/diagnostics";
        let request = self.request(Method::GET, path).timeout(ANSWER_LIMIT);
        self.checked(request, path).await?.text().await.map_err(|source| self.unreachable(source))
    }

    /// Changes a conversation.
    pub(crate) async fn update_conversation(
        &self,
        id: &ConversationId,
        update: &UpdateConversation,
    ) -> Result<(), GatewayError> {
        let path = format!("/conversations/{id}");
        self.send(self.request(Method::PATCH, &path).json(update), &path).await.map(drop)
    }

    /// Lets a run that ended early go on.
    pub(crate) async fn resume(&self, id: &ConversationId) -> Result<(), GatewayError> {
        let path = format!("/conversations/{id}/continue");
        self.send(self.request(Method::POST, &path).json(&serde_json::json!({})), &path).await.map(drop)
    }

    /// What holds for the whole instance.
    pub(crate) async fn settings(&self) -> Result<Settings, GatewayError> {
        self.get("/settings").await
    }

    /// Replaces what holds for the whole instance.
    pub(crate) async fn save_settings(&self, settings: &Settings) -> Result<(), GatewayError> {
        self.send(self.request(Method::PUT, "/settings").json(settings), "/settings").await.map(drop)
    }

    /// What is saved about the sandbox, among others.
    pub(crate) async fn sandbox_settings(&self) -> Result<SandboxSettingsReport, GatewayError> {
        self.get("/sandbox/settings").await
    }

    /// Replaces what is saved about the sandbox.
    pub(crate) async fn save_sandbox_settings(&self, choices: &SandboxChoices) -> Result<(), GatewayError> {
        let path = "/sandbox/settings";
        self.send(self.request(Method::PUT, path).json(choices), path).await.map(drop)
    }

    /// What there is to do with the sandbox; waits a while for it.
    pub(crate) async fn sandbox_order(&self) -> Result<SandboxOrder, GatewayError> {
        let path = "/sandbox/orders";
        let request = self.request(Method::GET, path).timeout(ORDER_LIMIT);
        let answer = self.checked(request, path).await?;
        let text = answer.text().await.map_err(|source| self.unreachable(source))?;
        Ok(parsed::<SandboxOrders>(&text, path)?.order)
    }

    /// A conversation's events after `cursor`, as a stream that does not end by itself.
    pub(crate) async fn events(&self, id: &ConversationId, cursor: &str) -> Result<Response, GatewayError> {
        let path = format!("/events?topics=conv:{id}&after={cursor}");
        let request = self.request(Method::GET, &path).header("last-event-id", cursor);
        self.checked(request, &path).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/api/v1{path}", self.base)).bearer_auth(&self.token)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, GatewayError> {
        parsed(&self.send(self.request(Method::GET, path), path).await?, path)
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, GatewayError> {
        parsed(&self.send(self.request(Method::POST, path).json(body), path).await?, path)
    }

    async fn send(&self, request: RequestBuilder, path: &str) -> Result<String, GatewayError> {
        let answer = self.checked(request.timeout(ANSWER_LIMIT), path).await?;
        answer.text().await.map_err(|source| self.unreachable(source))
    }

    async fn checked(&self, request: RequestBuilder, path: &str) -> Result<Response, GatewayError> {
        let response = request.send().await.map_err(|source| self.unreachable(source))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let text = response.text().await.map_err(|source| self.unreachable(source))?;
        Err(match serde_json::from_str(&text) {
            Ok(problem) => GatewayError::Refused(Box::new(problem)),
            Err(_) => GatewayError::Unexpected { path: path.to_owned(), reason: format!("{status} {text}") },
        })
    }

    fn unreachable(&self, source: reqwest::Error) -> GatewayError {
        GatewayError::Unreachable { base: self.base.clone(), source }
    }
}

fn parsed<T: DeserializeOwned>(text: &str, path: &str) -> Result<T, GatewayError> {
    serde_json::from_str(text)
        .map_err(|error| GatewayError::Unexpected { path: path.to_owned(), reason: error.to_string() })
}
