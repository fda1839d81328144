//! Traces and metrics for an OpenTelemetry collector, by OTLP over HTTP in its JSON form. Off unless an endpoint is
//! configured; then runs tell of their spans, and one task sends them. A collector that is slow or away costs spans,
//! never a run.
//!
//! The usual libraries bring a gRPC stack and Protocol Buffers; the JSON form needs neither.

mod otlp;
mod spans;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::Instant;
use url::Url;

pub(crate) use self::spans::RunSpans;
use self::spans::Span;
use crate::app::AppState;
use crate::metrics;

/// Most spans that wait to be sent; further ones are lost.
const MOST_WAITING: usize = 1024;
/// Most spans in one request.
const AT_ONCE: usize = 256;
/// How long spans wait for others to be sent with them.
const GATHER: Duration = Duration::from_secs(2);
/// How often metrics are sent.
const METRICS_INTERVAL: Duration = Duration::from_secs(15);
/// How long the collector may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Where a collector listens.
#[derive(Debug, Clone)]
pub struct Collector {
    /// Its base URL; `/v1/traces` and `/v1/metrics` are added.
    pub endpoint: Url,
    /// Headers for it (`name=value`, separated by commas); they may hold a token.
    pub headers: Option<SecretString>,
}

/// Takes spans; does nothing without a collector. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Telemetry {
    spans: Option<mpsc::Sender<Span>>,
}

impl Telemetry {
    /// For this collector, and what is to be handed to [`send`].
    pub(crate) fn new(collector: Option<&Collector>) -> (Self, Option<mpsc::Receiver<Span>>) {
        match collector {
            None => (Self::default(), None),
            Some(_) => {
                let (sender, receiver) = mpsc::channel(MOST_WAITING);
                (Self { spans: Some(sender) }, Some(receiver))
            }
        }
    }

    /// Whether anybody wants spans.
    pub(crate) fn is_on(&self) -> bool {
        self.spans.is_some()
    }

    fn tell(&self, span: Span) {
        if let Some(spans) = &self.spans
            && spans.try_send(span).is_err()
        {
            tracing::debug!("a span is lost: the collector is too slow");
        }
    }
}

/// Sends spans and metrics until the gateway stops.
pub(crate) async fn send(app: AppState, collector: Collector, mut spans: mpsc::Receiver<Span>) {
    let mut metrics_at = Instant::now() + METRICS_INTERVAL;
    let mut batch = Vec::new();
    loop {
        let stopped = tokio::select! {
            () = app.shutdown.cancelled() => true,
            () = tokio::time::sleep_until(metrics_at) => false,
            count = gather(&mut spans, &mut batch) => count == 0,
        };
        if !batch.is_empty() {
            post(&app, &collector, "v1/traces", &otlp::traces(&batch)).await;
            batch.clear();
        }
        if stopped || Instant::now() >= metrics_at {
            let body = otlp::metrics(&metrics::families(&app), app.metrics.started_at_seconds());
            post(&app, &collector, "v1/metrics", &body).await;
            metrics_at = Instant::now() + METRICS_INTERVAL;
        }
        if stopped {
            return;
        }
    }
}

/// Waits for a span and a little longer for others. Cancel-safe: what has come is in `batch`.
async fn gather(spans: &mut mpsc::Receiver<Span>, batch: &mut Vec<Span>) -> usize {
    if batch.is_empty() && spans.recv_many(batch, AT_ONCE).await == 0 {
        return 0;
    }
    let until = Instant::now() + GATHER;
    while batch.len() < AT_ONCE {
        let room = AT_ONCE - batch.len();
        match tokio::time::timeout_at(until, spans.recv_many(batch, room)).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    batch.len()
}

async fn post(app: &AppState, collector: &Collector, path: &str, body: &Value) {
    let url = format!("{}/{path}", collector.endpoint.as_str().trim_end_matches('/'));
    let mut request = app.http.post(url).timeout(LIMIT).json(body);
    let headers = collector.headers.as_ref().map_or("", ExposeSecret::expose_secret);
    for (name, value) in headers.split(',').filter_map(|header| header.split_once('=')) {
        request = request.header(name.trim(), value.trim());
    }
    match request.send().await {
        Ok(answer) if answer.status().is_success() => {}
        Ok(answer) => {
            tracing::warn!(status = %answer.status(), path, "the collector refuses what it is sent")
        }
        // Its address may hold a token, and the error names it.
        Err(error) => tracing::warn!(error = %error.without_url(), path, "the collector cannot be reached"),
    }
}
