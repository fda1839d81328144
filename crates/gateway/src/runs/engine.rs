//! Talking to an engine: one request, answered by a stream of events.

use std::time::Duration;

use bytes::BytesMut;
use futures::FutureExt as _;
use slipway_protocol::Problem;
use slipway_protocol::context::RequestPreview;
use slipway_protocol::run::{EngineEvent, RunRequest};
use url::Url;

/// The engine sends at least a comment in this time, so longer silence means that it is gone.
const SILENCE_LIMIT: Duration = Duration::from_secs(90);
/// Longest time until the engine accepts a run.
const ACCEPT_LIMIT: Duration = Duration::from_secs(30);
/// Longest event, in bytes.
const MAX_LINE: usize = 64 << 20;

/// The events of a run. Dropping it cancels the run and all that it is doing.
#[derive(Debug)]
pub(super) struct EngineStream {
    /// Where it comes from.
    pub(super) engine: Url,
    response: reqwest::Response,
    buffer: BytesMut,
    /// How much of `buffer` is known to hold no line end.
    scanned: usize,
}

/// Hands a run to the first engine that takes it.
///
/// # Errors
/// When none does; the problem says why the last one did not.
pub(super) async fn start(
    http: &reqwest::Client,
    engines: &[Url],
    request: &RunRequest,
) -> Result<EngineStream, Problem> {
    let mut problem = unreachable_engine("No engine is configured.");
    for engine in engines {
        let url = format!("{}/v1/runs", engine.as_str().trim_end_matches('/'));
        let accepted = tokio::time::timeout(ACCEPT_LIMIT, http.post(url).json(request).send()).await;
        problem = match accepted {
            Ok(Ok(response)) if response.status().is_success() => {
                return Ok(EngineStream {
                    engine: engine.clone(),
                    response,
                    buffer: BytesMut::new(),
                    scanned: 0,
                });
            }
            // It was reached and does not want this request: no other one would.
            Ok(Ok(response)) => return Err(refusal(response).await),
            Ok(Err(error)) => unreachable_engine(&error.to_string()),
            Err(_elapsed) => unreachable_engine("It did not accept the run in time."),
        };
        tracing::warn!(%engine, %problem, "an engine is not available");
    }
    Err(problem)
}

/// Asks the first engine that answers what this run would send first.
///
/// # Errors
/// When none answers, or one refuses.
pub(super) async fn preview(
    http: &reqwest::Client,
    engines: &[Url],
    request: &RunRequest,
) -> Result<RequestPreview, Problem> {
    let mut problem = unreachable_engine("No engine is configured.");
    for engine in engines {
        let url = format!("{}/v1/previews", engine.as_str().trim_end_matches('/'));
        let asked = async {
            let response = http.post(url).json(request).send().await?;
            match response.error_for_status_ref() {
                Ok(_) => Ok(Ok(response.json().await?)),
                Err(_) => Ok(Err(refusal(response).await)),
            }
        };
        problem = match tokio::time::timeout(ACCEPT_LIMIT, asked).await {
            Ok(Ok(answer)) => return answer,
            Ok(Err(error)) => {
                let error: reqwest::Error = error;
                unreachable_engine(&error.to_string())
            }
            Err(_elapsed) => unreachable_engine("It did not answer in time."),
        };
        tracing::warn!(%engine, %problem, "an engine is not available");
    }
    Err(problem)
}

impl EngineStream {
    /// The next event; `None` at the end of the stream. Cancel-safe: what was received is kept.
    ///
    /// # Errors
    /// When the connection breaks, is silent for too long, or carries something else than events.
    pub(super) async fn next(&mut self) -> Result<Option<EngineEvent>, Problem> {
        loop {
            if let Some(event) = self.received()? {
                return Ok(Some(event));
            }
            match tokio::time::timeout(SILENCE_LIMIT, self.response.chunk()).await {
                Ok(Ok(Some(chunk))) => self.buffer.extend_from_slice(&chunk),
                Ok(Ok(None)) => return Ok(None),
                Ok(Err(error)) => return Err(lost(&error.to_string())),
                Err(_elapsed) => return Err(lost("Nothing was heard of it for 90 seconds.")),
            }
        }
    }

    /// The next event if it has arrived already; `None` when it would have to be waited for.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub(super) async fn ready(&mut self) -> Result<Option<EngineEvent>, Problem> {
        let mut asked = false;
        loop {
            if let Some(event) = self.received()? {
                return Ok(Some(event));
            }
            match self.response.chunk().now_or_never() {
                Some(Ok(Some(chunk))) => self.buffer.extend_from_slice(&chunk),
                Some(Err(error)) => return Err(lost(&error.to_string())),
                // At its end the stream stays: `next` finds that out again.
                Some(Ok(None)) => return Ok(None),
                None if asked => return Ok(None),
                // The connection is a task of its own, which hands on what it has once it is asked.
                None => {
                    asked = true;
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// The next event of those in the buffer.
    fn received(&mut self) -> Result<Option<EngineEvent>, Problem> {
        while let Some(line) = self.take_line() {
            if let Some(event) = parse(&line)? {
                return Ok(Some(event));
            }
        }
        if self.buffer.len() > MAX_LINE {
            return Err(lost("It sent an event that is too long."));
        }
        Ok(None)
    }

    fn take_line(&mut self) -> Option<BytesMut> {
        let unscanned = self.buffer.get(self.scanned..).unwrap_or_default();
        match unscanned.iter().position(|byte| *byte == b'\n') {
            Some(offset) => {
                let end = std::mem::take(&mut self.scanned) + offset;
                Some(self.buffer.split_to(end + 1))
            }
            None => {
                self.scanned = self.buffer.len();
                None
            }
        }
    }
}

/// The event in a line, if it holds one: comments, blank lines and other fields do not.
fn parse(line: &[u8]) -> Result<Option<EngineEvent>, Problem> {
    let Some(data) = line.trim_ascii_end().strip_prefix(b"data:") else { return Ok(None) };
    serde_json::from_slice(data).map(Some).map_err(|error| {
        lost(&format!(
            "It sent something that is no event ({error}); gateway and engine may be of different versions."
        ))
    })
}

async fn refusal(response: reqwest::Response) -> Problem {
    let status = response.status();
    let body = tokio::time::timeout(ACCEPT_LIMIT, response.json::<Problem>()).await;
    match body {
        Ok(Ok(problem)) => problem,
        Ok(Err(_)) | Err(_) => Problem::new(502, "engine_refused", "The engine refused the run")
            .detail(format!("It answered {status}."))
            .hint("Gateway and engine may be of different versions; update both, then press Continue."),
    }
}

fn unreachable_engine(detail: &str) -> Problem {
    Problem::new(503, "engine_unavailable", "No engine can be reached")
        .detail(detail)
        .hint("Check that the engine runs, then press Continue.")
}

fn lost(detail: &str) -> Problem {
    Problem::new(502, "engine_lost", "The connection to the engine broke")
        .detail(detail)
        .hint("Nothing recorded so far is lost. Press Continue to go on from there.")
}

/// The stream ended without telling how the run ended.
pub(super) fn ended_early() -> Problem {
    lost("It ended its answer before the run was over.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_data_lines_are_events() {
        for line in ["", ": ping", "event: x", "id: 4"] {
            assert_eq!(parse(line.as_bytes()), Ok(None));
        }
        let event = parse(b"data: {\"type\":\"text_delta\",\"text\":\"a\"}\r\n");
        assert_eq!(event, Ok(Some(EngineEvent::TextDelta { text: "a".to_owned() })));
        assert_eq!(parse(b"data: nonsense").expect_err("no event").code, "engine_lost");
    }
}
