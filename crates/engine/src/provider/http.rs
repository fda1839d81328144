//! The HTTP service under async-openai: one attempt, with the status, the error body, time limits and
//! the end of the stream in our own hands.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Body, Response};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::provider::body::{BodyTimeouts, error_chain, normalised};
use crate::provider::error_body::{ProviderError, retry_after_ms};
use crate::provider::failure::CallFailure;

/// Headers that hold an id of the request, the most telling first.
const REQUEST_IDS: [&str; 6] =
    ["x-request-id", "request-id", "nvcf-reqid", "x-generation-id", "x-ds-trace-id", "cf-ray"];

/// Longest wait for the body of an error answer.
const ERROR_BODY_LIMIT: Duration = Duration::from_secs(10);

/// Where a provider is and how to be let in.
#[derive(Debug)]
pub(crate) struct Address {
    base_url: String,
    key: SecretString,
}

impl Address {
    /// A base URL, version part included, and a key, which may be empty.
    pub(crate) fn new(base_url: &str, key: &str) -> Self {
        Self { base_url: base_url.trim_end_matches('/').to_owned(), key: key.trim().to_owned().into() }
    }
}

impl Config for Address {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        let key = self.key.expose_secret();
        if !key.is_empty()
            && let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {key}"))
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base_url
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

/// Makes one attempt of a request and evens out the answer.
#[derive(Debug, Clone)]
pub(crate) struct ModelService {
    pub(crate) client: reqwest::Client,
    pub(crate) timeouts: BodyTimeouts,
    /// Permits for events on their way from the body to the reader.
    pub(crate) flow: Arc<Semaphore>,
    /// Receives the id under which the provider knows the request.
    pub(crate) request_id: Arc<OnceLock<String>>,
}

impl tower::Service<HttpRequestFactory> for ModelService {
    type Response = Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Response, OpenAIError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let request = factory.build().await?;
            service.attempt(request).await.map_err(|failure| OpenAIError::Boxed(Box::new(failure)))
        })
    }
}

impl ModelService {
    async fn attempt(&self, request: reqwest::Request) -> Result<Response, CallFailure> {
        let sent = tokio::time::timeout(self.timeouts.first, self.client.execute(request));
        let response = match sent.await {
            Err(_) => return Err(CallFailure::silent(self.timeouts.first)),
            Ok(Err(error)) => return Err(unsent(&error)),
            Ok(Ok(response)) => response,
        };
        if let Some(id) = request_id(response.headers()) {
            tracing::debug!(request_id = id, status = response.status().as_u16(), "a provider answered");
            self.request_id.set(id.to_owned()).ok();
        }
        if !response.status().is_success() {
            return Err(refusal(response).await);
        }
        if let Some(encoding) = response.headers().get(CONTENT_ENCODING)
            && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
        {
            let name = String::from_utf8_lossy(encoding.as_bytes()).into_owned();
            return Err(CallFailure::not_understood(format!(
                "it is compressed ({name}), which nobody asked for"
            )));
        }
        let body = normalised(response.bytes_stream(), self.timeouts, Arc::clone(&self.flow));
        let mut even = http::Response::new(Body::wrap_stream(body));
        even.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        Ok(Response::from(even))
    }
}

/// The id under which the provider knows the request; also what a proxy before it calls it.
fn request_id(headers: &HeaderMap) -> Option<&str> {
    let known = REQUEST_IDS.iter().find_map(|name| headers.get(*name)?.to_str().ok());
    known.filter(|id| !id.is_empty() && id.len() <= 200)
}

fn unsent(error: &reqwest::Error) -> CallFailure {
    let words = error_chain(error);
    if error.is_builder() {
        let mut failure = CallFailure::unreachable(words);
        failure.retry = crate::provider::failure::Retry::Never;
        return failure;
    }
    if error.is_connect() || error.is_timeout() {
        return CallFailure::unreachable(words);
    }
    CallFailure::cut(format!("the connection broke before an answer came: {words}"))
}

async fn refusal(response: Response) -> CallFailure {
    let status = response.status();
    if status.is_redirection() {
        let target = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        return CallFailure::redirected(target.unwrap_or("an unnamed address"));
    }
    let wait = retry_after_ms(response.headers(), SystemTime::now());
    let body = tokio::time::timeout(ERROR_BODY_LIMIT, response.bytes()).await;
    let body = body.ok().and_then(Result::ok).unwrap_or_default();
    let mut failure = ProviderError::from_text(&String::from_utf8_lossy(&body)).classify(Some(status));
    failure.problem.retry_after_ms = wait.or(failure.problem.retry_after_ms);
    failure
}
