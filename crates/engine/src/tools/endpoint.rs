//! Talks to one tool endpoint.

use std::time::Duration;

use base64::Engine as _;
use futures::StreamExt;
use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;
use slipway_protocol::run::ToolEndpoint;
use slipway_protocol::tool::{ToolInvocation, ToolList, ToolOutcome, ToolStatus, ToolStreamItem};
use slipway_protocol::view::{RefreshViews, RefreshedViews};
use slipway_protocol::{ImageId, Problem};

use crate::settings::ToolTimeouts;
use crate::tools::ndjson::LineDecoder;

/// Characters of live output that are quoted when a call is cut off.
const QUOTED_OUTPUT: usize = 2_000;

/// Attempts to deliver a request that did not reach the endpoint.
const DELIVERIES: u32 = 3;

/// A tool endpoint of a run.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    client: reqwest::Client,
    address: ToolEndpoint,
    timeouts: ToolTimeouts,
}

/// What an endpoint says of a call.
#[derive(Debug)]
pub(crate) enum Answered {
    /// It has ended like this.
    Ended(ToolOutcome),
    /// It has not begun: the person must approve it first.
    Held,
}

/// Why an endpoint did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EndpointError {
    /// The request did not arrive.
    #[error("the tool endpoint cannot be reached: {0}")]
    Unreachable(String),
    /// The endpoint refused.
    #[error("{0}")]
    Refused(Problem),
    /// Nothing came for so many seconds.
    #[error("the tool endpoint did not answer within {0} s")]
    Silent(u64),
    /// The answer did not arrive, or not whole.
    #[error("the tool endpoint's answer did not arrive: {0}")]
    Broken(String),
}

impl Endpoint {
    /// An endpoint that is called through `client`.
    pub(crate) fn new(client: reqwest::Client, address: ToolEndpoint, timeouts: ToolTimeouts) -> Self {
        Self { client, address, timeouts }
    }

    /// The tools that it offers.
    pub(crate) async fn list(&self) -> Result<ToolList, EndpointError> {
        let url = self.url(&["v1", "tools"])?;
        self.answer(self.client.get(url)).await
    }

    /// Compares open files with the disk.
    pub(crate) async fn refresh_views(&self, known: &RefreshViews) -> Result<RefreshedViews, EndpointError> {
        let url = self.url(&["v1", "views"])?;
        self.answer(self.client.post(url).json(known)).await
    }

    /// A picture that came of a call, as a data URL.
    pub(crate) async fn picture(&self, id: &ImageId) -> Result<String, EndpointError> {
        let url = self.url(&["v1", "images", id.as_str()])?;
        let limit = self.timeouts.request;
        let work = async {
            let response = self.send(self.client.get(url), limit).await?;
            let kind =
                response.headers().get(reqwest::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let kind = kind.unwrap_or("image/png").to_owned();
            let bytes = response.bytes().await.map_err(|error| EndpointError::Broken(error.to_string()))?;
            let text = base64::prelude::BASE64_STANDARD.encode(&bytes);
            Ok(format!("data:{kind};base64,{text}"))
        };
        match tokio::time::timeout(limit, work).await {
            Ok(answer) => answer,
            Err(_) => Err(EndpointError::Silent(limit.as_secs())),
        }
    }

    /// Makes a call. Whatever happens becomes an outcome; dropping the future cancels the call.
    pub(crate) async fn invoke<F>(
        &self,
        name: &str,
        invocation: &ToolInvocation,
        mut on_output: impl FnMut(String) -> F,
    ) -> Answered
    where
        F: Future<Output = ()>,
    {
        let response = match self.deliver(name, invocation).await {
            Ok(response) => response,
            Err(error) => return Answered::Ended(undelivered(name, &error)),
        };
        let cut = |name: &str, reason: &str, output: &OutputTail| Answered::Ended(cut(name, reason, output));
        let mut output = OutputTail::default();
        let mut decoder = LineDecoder::default();
        let mut body = response.bytes_stream();
        loop {
            let lines = match tokio::time::timeout(self.timeouts.idle, body.next()).await {
                Err(_) => return cut(name, "it was silent for too long", &output),
                Ok(Some(Err(error))) => return cut(name, &error.to_string(), &output),
                Ok(Some(Ok(bytes))) => decoder.push(&bytes),
                Ok(None) => {
                    let Some(line) = decoder.finish() else {
                        return cut(name, "the connection was closed before a result came", &output);
                    };
                    // The last line need not end with a line break.
                    Ok(vec![line])
                }
            };
            let lines = match lines {
                Ok(lines) => lines,
                Err(error) => return cut(name, &error.to_string(), &output),
            };
            for line in lines {
                match serde_json::from_slice(&line) {
                    Ok(ToolStreamItem::Output { text }) => {
                        output.push(&text);
                        on_output(text).await;
                    }
                    Ok(ToolStreamItem::Result(outcome)) => return Answered::Ended(*outcome),
                    Ok(ToolStreamItem::Held) => return Answered::Held,
                    Err(error) => return cut(name, &format!("it sent a malformed line: {error}"), &output),
                }
            }
        }
    }

    /// Sends a call. It is sent again only when it certainly did not arrive.
    async fn deliver(&self, name: &str, invocation: &ToolInvocation) -> Result<Response, EndpointError> {
        let url = self.url(&["v1", "tools", name])?;
        let mut attempt = 1;
        loop {
            match self.send(self.client.post(url.clone()).json(invocation), self.timeouts.idle).await {
                Err(EndpointError::Unreachable(_)) if attempt < DELIVERIES => {
                    tokio::time::sleep(self.timeouts.retry_wait).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, EndpointError> {
        let limit = self.timeouts.request;
        let work = async {
            let response = self.send(request, limit).await?;
            response.json::<T>().await.map_err(|error| EndpointError::Broken(error.to_string()))
        };
        match tokio::time::timeout(limit, work).await {
            Ok(answer) => answer,
            Err(_) => Err(EndpointError::Silent(limit.as_secs())),
        }
    }

    async fn send(&self, request: RequestBuilder, limit: Duration) -> Result<Response, EndpointError> {
        let request = request.bearer_auth(&self.address.token);
        let response = match tokio::time::timeout(limit, request.send()).await {
            Err(_) => return Err(EndpointError::Silent(limit.as_secs())),
            Ok(Err(error)) if error.is_connect() || error.is_builder() => {
                return Err(EndpointError::Unreachable(error.to_string()));
            }
            Ok(Err(error)) => return Err(EndpointError::Broken(error.to_string())),
            Ok(Ok(response)) => response,
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = response.text().await.unwrap_or_default();
        let problem = serde_json::from_str::<Problem>(&body).unwrap_or_else(|_| {
            let start: String = body.chars().take(500).collect();
            Problem::new(status.as_u16(), "tool_endpoint_error", "The tool endpoint refused the request")
                .detail(format!("HTTP status {status} {start}"))
        });
        Err(EndpointError::Refused(problem))
    }

    fn url(&self, segments: &[&str]) -> Result<url::Url, EndpointError> {
        let malformed =
            |reason: String| EndpointError::Unreachable(format!("{}: {reason}", self.address.url));
        let mut url = url::Url::parse(&self.address.url).map_err(|error| malformed(error.to_string()))?;
        url.path_segments_mut()
            .map_err(|()| malformed("not a base URL".to_owned()))?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }
}

/// The end of a call's live output, for the model when the result does not come.
#[derive(Debug, Default)]
struct OutputTail(String);

impl OutputTail {
    fn push(&mut self, text: &str) {
        self.0.push_str(text);
        let keep = self.0.char_indices().rev().nth(QUOTED_OUTPUT - 1).map_or(0, |(index, _)| index);
        if keep > QUOTED_OUTPUT {
            self.0.drain(..keep);
        }
    }
}

fn undelivered(name: &str, error: &EndpointError) -> ToolOutcome {
    match error {
        EndpointError::Unreachable(reason) => ToolOutcome::new(
            ToolStatus::Interrupted,
            format!("`{name}` was not carried out, because the sandbox cannot be reached: {reason}"),
        ),
        EndpointError::Refused(problem) if problem.status < 500 || problem.status == 503 => {
            let Problem { title, detail, hint, .. } = problem;
            ToolOutcome::error(format!("`{name}` was not carried out. {title}: {detail} {hint}").trim_end())
        }
        EndpointError::Refused(_) | EndpointError::Silent(_) | EndpointError::Broken(_) => ToolOutcome::new(
            ToolStatus::Interrupted,
            format!(
                "`{name}` failed: {error}. It is unknown whether it took effect; check before repeating it."
            ),
        ),
    }
}

fn cut(name: &str, reason: &str, output: &OutputTail) -> ToolOutcome {
    let mut text = format!(
        "`{name}` was interrupted: {reason}. It is unknown whether it took effect; check before repeating it."
    );
    if !output.0.is_empty() {
        text.push_str("\nThe end of its output until then:\n");
        text.push_str(&output.0);
    }
    ToolOutcome::new(ToolStatus::Interrupted, text)
}
