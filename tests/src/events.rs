//! A conversation's event stream.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use eventsource_stream::Eventsource as _;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use slipway_protocol::event::{Event, EventBody, RunStatus};

/// Numbered events as they come, without `hello` and `ping`.
pub struct Events {
    stream: BoxStream<'static, anyhow::Result<eventsource_stream::Event>>,
    /// The id of the last event, for `Last-Event-ID`.
    pub cursor: Option<String>,
}

impl Events {
    /// The events of an answer that is a stream of them.
    pub fn of(response: reqwest::Response) -> Self {
        let stream = response.bytes_stream().eventsource().map(|event| Ok(event?)).boxed();
        Self { stream, cursor: None }
    }

    /// The next event.
    ///
    /// # Errors
    /// The stream ended or broke, asked for a reset, or nothing came for `limit`.
    pub async fn next(&mut self, limit: Duration) -> anyhow::Result<Event> {
        let until = Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let next = tokio::time::timeout(left, self.stream.next()).await;
            let event = next.context("no event in time")?.context("the event stream ended")??;
            match event.event.as_str() {
                "hello" | "ping" => {}
                "reset" => bail!("the gateway asked for a reset"),
                _ => {
                    self.cursor = Some(event.id);
                    return serde_json::from_str(&event.data)
                        .with_context(|| format!("not an event: {}", event.data));
                }
            }
        }
    }

    /// All events until the run's status is as wanted.
    ///
    /// # Errors
    /// As [`Self::next`]; the limit is for the whole wait.
    pub async fn wait_for_status(
        &mut self,
        wanted: impl Fn(RunStatus) -> bool,
        limit: Duration,
    ) -> anyhow::Result<Vec<Event>> {
        self.wait_for(|body| matches!(body, EventBody::RunStatus { status, .. } if wanted(*status)), limit)
            .await
    }

    /// All events up to and including the wanted one.
    ///
    /// # Errors
    /// As [`Self::next`]; the limit is for the whole wait.
    pub async fn wait_for(
        &mut self,
        wanted: impl Fn(&EventBody) -> bool,
        limit: Duration,
    ) -> anyhow::Result<Vec<Event>> {
        let until = Instant::now() + limit;
        let mut seen = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let event = self.next(left).await.with_context(|| format!("after {}", summary(&seen)))?;
            let found = wanted(&event.body);
            seen.push(event);
            if found {
                return Ok(seen);
            }
        }
    }
}

/// The last few events, for error messages.
fn summary(events: &[Event]) -> String {
    let tail = events.iter().rev().take(4).rev();
    let tail: Vec<String> = tail.map(|event| format!("{:.300}", format!("{:?}", event.body))).collect();
    format!("{} events, the last: {}", events.len(), tail.join(" | "))
}
