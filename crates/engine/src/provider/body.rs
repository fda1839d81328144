//! Makes an even event stream of whatever body a provider sends: chunked SSE in any framing, or a JSON
//! body where a stream was asked for.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::sync::Semaphore;

use crate::provider::error_body::ProviderError;
use crate::provider::failure::CallFailure;
use crate::provider::frame::{Ending, chunk_event, end_event, failure_event};
use crate::provider::sse::SseDecoder;
use crate::provider::surrogates::with_whole_characters;

/// Largest JSON body in bytes.
const MAX_JSON: usize = 64 << 20;

/// Largest page in bytes; what it says is quoted in part only.
const MAX_PAGE: usize = 1 << 20;

/// Bytes of a body without events that are kept to say what it was.
const MAX_START: usize = 500;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Time limits of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyTimeouts {
    /// Until the first byte.
    pub(crate) first: Duration,
    /// Between pieces.
    pub(crate) idle: Duration,
}

/// The normalised events of `body`. Each event takes a permit of `flow`, which the reader gives back once
/// it has dealt with it: so a slow reader slows the provider down instead of filling memory.
pub(crate) fn normalised<S, E>(
    body: S,
    timeouts: BodyTimeouts,
    flow: Arc<Semaphore>,
) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> + Send + 'static
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: std::error::Error + Send + 'static,
{
    async_stream::stream! {
        let mut body = std::pin::pin!(body);
        let mut limit = timeouts.first;
        let mut reader = BodyReader::Undecided(Vec::new());
        let mut over = false;
        while !over {
            let events = match tokio::time::timeout(limit, body.next()).await {
                Err(_) => reader.fail(&CallFailure::silent(limit)),
                Ok(Some(Err(error))) => reader.fail(&CallFailure::cut(error_chain(&error))),
                Ok(Some(Ok(bytes))) => reader.take(&bytes),
                Ok(None) => reader.finish(),
            };
            limit = timeouts.idle;
            over = events.over;
            for event in events.texts {
                if let Ok(permit) = flow.acquire().await {
                    permit.forget();
                }
                yield Ok(Bytes::from(event));
            }
        }
    }
}

/// Normalised events, and whether they are the last ones.
struct Events {
    texts: Vec<String>,
    over: bool,
}

/// Reads a body of a kind that only its first byte tells.
enum BodyReader {
    /// Nothing but white space so far.
    Undecided(Vec<u8>),
    /// A JSON value instead of a stream.
    Json(Vec<u8>),
    /// Neither JSON nor events: most likely a web page.
    Page(Vec<u8>),
    /// Events, and how the body began as long as none has come.
    Sse(SseDecoder, Option<Vec<u8>>),
}

impl BodyReader {
    fn take(&mut self, bytes: &[u8]) -> Events {
        match self {
            Self::Undecided(start) => {
                // Some providers send blank lines while a call waits; they must not pile up.
                let bytes = if start.is_empty() { bytes.trim_ascii_start() } else { bytes };
                start.extend_from_slice(bytes);
                let text = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start).trim_ascii_start();
                let (Some(first), false) = (text.first().copied(), BYTE_ORDER_MARK.starts_with(start)) else {
                    start.truncate(BYTE_ORDER_MARK.len());
                    return Events { texts: Vec::new(), over: false };
                };
                let start = std::mem::take(start);
                *self = match first {
                    b'{' | b'[' => Self::Json(Vec::new()),
                    b'<' => Self::Page(Vec::new()),
                    _ => Self::Sse(SseDecoder::default(), Some(Vec::new())),
                };
                self.take(&start)
            }
            Self::Json(body) => {
                body.extend_from_slice(bytes);
                if body.len() > MAX_JSON {
                    return last(&CallFailure::not_understood("the answer is larger than any answer can be"));
                }
                Events { texts: Vec::new(), over: false }
            }
            Self::Page(body) => {
                body.extend_from_slice(bytes);
                if body.len() > MAX_PAGE { self.finish() } else { Events { texts: Vec::new(), over: false } }
            }
            Self::Sse(decoder, start) => {
                let mut data = Vec::new();
                let pushed = decoder.push(bytes, &mut data);
                remember_start(start, bytes, &data);
                match pushed {
                    Ok(()) => from_data(data),
                    Err(error) => last(&CallFailure::not_understood(error.to_string())),
                }
            }
        }
    }

    fn finish(&mut self) -> Events {
        match self {
            Self::Undecided(_) => last(&CallFailure::cut("the answer is empty")),
            Self::Page(body) => {
                let error = ProviderError::from_text(&String::from_utf8_lossy(body));
                last(&CallFailure::not_understood(format!("a web page came instead: {}", error.message)))
            }
            Self::Json(body) => from_json(&String::from_utf8_lossy(body)),
            Self::Sse(decoder, start) => {
                let mut data = Vec::new();
                decoder.finish(&mut data);
                if let Some(start) = start.as_deref().filter(|_| data.is_empty()) {
                    let what = plain_words(start).map(|words| format!("text came instead: {words}"));
                    return last(&CallFailure::not_understood(
                        what.as_deref().unwrap_or("it holds no event"),
                    ));
                }
                let is_whole = |text: &String| {
                    text.trim() == "[DONE]"
                        || text.trim().is_empty()
                        || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
                };
                if !data.iter().all(is_whole) {
                    return last(&CallFailure::cut("the connection was closed in the middle of the answer"));
                }
                let mut events = from_data(data);
                if !events.over {
                    events.texts.push(end_event(Ending::Silence));
                    events.over = true;
                }
                events
            }
        }
    }

    /// Ends the stream with a failure. What a cut JSON body held is of no use.
    fn fail(&mut self, failure: &CallFailure) -> Events {
        last(failure)
    }
}

/// Keeps how a body begins until an event has come.
fn remember_start(start: &mut Option<Vec<u8>>, bytes: &[u8], data: &[String]) {
    if !data.is_empty() {
        *start = None;
    }
    if let Some(start) = start {
        let room = MAX_START.saturating_sub(start.len());
        start.extend(bytes.iter().take(room));
    }
}

/// What a body without events says, if it is no event stream at all.
fn plain_words(start: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(start);
    let is_field = |line: &str| {
        ["data", "event", "id", "retry", ""].contains(&line.split(':').next().unwrap_or_default())
    };
    let words = text.trim_start_matches('\u{feff}').trim();
    (!words.is_empty() && !words.lines().any(is_field)).then(|| words.to_owned())
}

fn last(failure: &CallFailure) -> Events {
    Events { texts: vec![failure_event(failure)], over: true }
}

fn from_data(data: Vec<String>) -> Events {
    let mut texts = Vec::with_capacity(data.len());
    for event in data {
        let text = event.trim();
        if text == "[DONE]" {
            texts.push(end_event(Ending::Done));
            return Events { texts, over: true };
        }
        if !text.is_empty() {
            texts.push(chunk_event(text));
        }
    }
    Events { texts, over: false }
}

/// A JSON body is either a whole answer or an error with a misleading status.
fn from_json(body: &str) -> Events {
    let text = with_whole_characters(body.trim_start_matches('\u{feff}').trim());
    let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) else {
        return last(&CallFailure::cut("the JSON answer is not complete"));
    };
    if value.get("choices").is_some_and(serde_json::Value::is_array) {
        let texts = vec![chunk_event(&value.to_string()), end_event(Ending::Done)];
        return Events { texts, over: true };
    }
    last(&ProviderError::from_json(&value).classify(None))
}

/// An error with its causes, which hold what matters with HTTP clients.
pub(crate) fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
