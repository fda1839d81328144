//! The body of a streamed answer: its pieces at their pace, and how it ends.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream;

use crate::fault::{Ending, RawBody};
use crate::record::Recorder;
use crate::script::Headers;

/// The HTTP answer to request `number` with this body, which begins after `first`. `recorder` is told when the
/// last piece goes out, and when the client hangs up before the end.
pub(crate) fn respond(body: RawBody, first: Duration, recorder: Arc<Recorder>, number: usize) -> Response {
    let headers = body.headers.clone();
    let body = stream_of(body, first, HungUp { recorder, number, ended: false });
    let mut response = ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response();
    set_headers(&mut response, &headers);
    response
}

/// Adds scripted headers to an answer; those that are none are left out.
pub(crate) fn set_headers(response: &mut Response, headers: &Headers) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// What is left of a body.
struct Rest {
    pieces: std::vec::IntoIter<Bytes>,
    forever: Option<Bytes>,
    ending: Ending,
    /// Wait before the next piece.
    wait: Duration,
    pause: Duration,
    hung_up: HungUp,
}

fn stream_of(body: RawBody, first: Duration, hung_up: HungUp) -> Body {
    let rest = Rest {
        pieces: body.pieces.into_iter(),
        forever: body.forever,
        ending: body.ending,
        wait: first,
        pause: body.pause,
        hung_up,
    };
    Body::from_stream(stream::unfold(rest, async |mut rest| {
        let Some(piece) = rest.pieces.next().or_else(|| rest.forever.clone()) else {
            if rest.ending == Ending::Stall {
                std::future::pending::<()>().await;
            }
            rest.hung_up.ended = true;
            let broken = std::mem::take(&mut rest.ending) == Ending::Reset;
            // What was sent before goes out while the body waits; else it would be thrown away.
            tokio::task::yield_now().await;
            return broken.then(|| (Err(io::ErrorKind::ConnectionReset.into()), rest));
        };
        if rest.wait.is_zero() {
            // Each piece goes out by itself. A sleep would last until the clock's next millisecond.
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(rest.wait).await;
        }
        rest.wait = rest.pause;
        if rest.pieces.len() == 0 {
            rest.hung_up.recorder.answered(rest.hung_up.number);
        }
        Some((Ok::<_, io::Error>(piece), rest))
    }))
}

/// Tells the recorder when it is dropped before the body has ended.
struct HungUp {
    recorder: Arc<Recorder>,
    number: usize,
    ended: bool,
}

impl Drop for HungUp {
    fn drop(&mut self) {
        if !self.ended {
            self.recorder.drop_answer();
        }
    }
}
