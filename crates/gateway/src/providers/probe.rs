//! Trying a provider out: one small streaming call that asks the model to call a tool.

use std::time::{Duration, Instant};

use futures::StreamExt;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use slipway_protocol::Problem;
use slipway_protocol::api::ProviderTestResult;

use super::reply::Reply;

/// Time limit of the whole test.
const LIMIT: Duration = Duration::from_secs(20);
/// Longest answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 20;

/// What to call.
#[derive(Debug)]
pub struct Target<'a> {
    /// Base URL up to and including the version part.
    pub base_url: &'a str,
    /// The key, if there is one.
    pub key: Option<SecretString>,
    /// The provider's name for the model.
    pub model: &'a str,
    /// Further fields for the request body.
    pub extra_body: &'a Map<String, Value>,
}

/// Calls the model once and tells how it went. Takes at most 20 seconds.
pub async fn test(http: &reqwest::Client, target: &Target<'_>) -> ProviderTestResult {
    let started = Instant::now();
    let outcome = tokio::time::timeout(LIMIT, call(http, target)).await;
    let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match outcome {
        Ok(Ok(reply)) => {
            let model = reply.model.unwrap_or_else(|| target.model.to_owned());
            ProviderTestResult::Works { latency_ms, model, calls_tools: reply.calls_tool }
        }
        Ok(Err(problem)) => ProviderTestResult::Fails { problem: without_key(problem, target) },
        Err(_) => ProviderTestResult::Fails { problem: timed_out() },
    }
}

async fn call(http: &reqwest::Client, target: &Target<'_>) -> Result<Reply, Problem> {
    let url = format!("{}/chat/completions", target.base_url);
    let mut request = http.post(url).json(&body(target));
    if let Some(key) = &target.key {
        request = request.bearer_auth(key.expose_secret());
    }
    let response = request.send().await.map_err(|error| unreachable(&error, target))?;
    let status = response.status();
    if status.is_redirection() {
        return Err(redirected(&response));
    }
    if !status.is_success() {
        let text = read_text(response).await;
        return Err(slipway_engine::provider::explain_refusal(Some(status.as_u16()), &text));
    }
    let mut reply = Reply::default();
    let mut received = 0;
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| unreachable(&error, target))?;
        received += chunk.len();
        reply.push(&chunk)?;
        if reply.is_complete() || received > MAX_ANSWER {
            break;
        }
    }
    reply.finish()
}

fn body(target: &Target<'_>) -> Value {
    let mut body = json!({
        "model": target.model,
        "messages": [{
            "role": "user",
            "content": "This is a connection test. Call the function `report` with `ok` set to true, and say nothing else.",
        }],
        "tools": [{
            "type": "function",
            "function": {
                "name": "report",
                "description": "Reports that the connection works.",
                "parameters": {
                    "type": "object",
                    "properties": { "ok": { "type": "boolean" } },
                    "required": ["ok"],
                },
            },
        }],
        "stream": true,
    });
    if let Value::Object(fields) = &mut body {
        fields.extend(target.extra_body.clone());
    }
    body
}

async fn read_text(response: reqwest::Response) -> String {
    let mut text = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        text.extend_from_slice(&chunk);
        if text.len() > MAX_ANSWER {
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Some providers quote the key that they refuse.
fn without_key(mut problem: Problem, target: &Target<'_>) -> Problem {
    if let Some(key) = target.key.as_ref().map(ExposeSecret::expose_secret).filter(|key| !key.is_empty()) {
        problem.detail = problem.detail.replace(key, "[key]");
    }
    problem
}

fn unreachable(error: &reqwest::Error, target: &Target<'_>) -> Problem {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let cause = causes.last().map_or_else(|| error.to_string(), ToString::to_string);
    let hint = if is_loopback(target.base_url) {
        "Check that the server runs. When Slipway runs in Docker, localhost is Slipway's own container: give \
         the server an address that containers reach."
    } else {
        "Check the base URL, that the server runs, and this machine's connection."
    };
    Problem::new(502, "provider_unreachable", "The model provider cannot be reached").detail(cause).hint(hint)
}

fn is_loopback(base_url: &str) -> bool {
    url::Url::parse(base_url).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

fn redirected(response: &reqwest::Response) -> Problem {
    let to = response.headers().get(http::header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("?");
    Problem::new(502, "provider_redirected", "The base URL leads somewhere else")
        .detail(format!("The server answered with a redirect to {to}; keys are not sent along redirects."))
        .hint("Enter the address that it points to, up to and including the version part.")
}

fn timed_out() -> Problem {
    Problem::new(504, "provider_timeout", "The model provider does not answer")
        .detail(format!("No complete answer came within {} seconds.", LIMIT.as_secs()))
        .hint("Try again, or choose a faster model for the test; local servers may still be loading it.")
}
