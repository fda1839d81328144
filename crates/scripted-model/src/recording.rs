//! A model server that gives recorded answers again: each exactly once asked for, in the recorded order,
//! run by run. It checks that it is asked in that order, and says precisely when it is not.
//!
//! Each run has a base URL of its own, so that a client says which run it plays.

mod order;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::body;
use crate::fault::{Ending, RawBody};
use crate::record::Recorder;
use crate::script::Reply;
use crate::server::{MAX_BODY, error, serve_router};
use crate::wire::{self, Header};

/// Code of the error that a request out of order is answered with.
pub const OUT_OF_ORDER: &str = "recording_out_of_order";
/// Code of the error that a request beyond the last answer of a run is answered with.
pub const EXHAUSTED: &str = "recording_exhausted";

/// What a model once answered.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// In order; the first has the number 1.
    pub runs: Vec<RecordedRun>,
}

/// The answers to one message, or to one request to go on.
#[derive(Debug, Clone, Default)]
pub struct RecordedRun {
    /// What the newest user message of the first request must contain; `None` when the run went on without
    /// a new message.
    pub message: Option<String>,
    /// In order.
    pub answers: Vec<RecordedAnswer>,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct RecordedAnswer {
    /// What is said. Conditions, expectations and faults have no meaning here.
    pub reply: Reply,
    /// What is particular about it.
    pub kind: AnswerKind,
}

/// What is particular about a recorded answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// Nothing: it is given whole.
    Whole,
    /// The client hung up in the middle: what had come is given, then nothing more, on an open connection.
    Cut,
    /// It answers a question of the client's own (a summary of what was said), which comes as a user
    /// message; passed over when that is not asked.
    Aside,
}

/// A running server on a loopback port; stops when dropped.
#[derive(Debug)]
pub struct RecordingServer {
    address: SocketAddr,
    _stop: DropGuard,
}

impl RecordingServer {
    /// Starts on an ephemeral loopback port.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start(recording: Recording) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let player = Arc::new(Player {
            given: Mutex::new(vec![0; recording.runs.len()]),
            recording,
            answers: AtomicU64::new(0),
            recorder: Arc::new(Recorder::new()),
        });
        let router = Router::new()
            .route("/runs/{number}/v1/chat/completions", post(complete))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(player);
        let serving = serve_router(listener, router, stop.clone());
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the recorded model stopped");
            }
        });
        Ok(Self { address, _stop: stop.drop_guard() })
    }

    /// The base URL of run `number` (from 1), up to and including the version part.
    pub fn base_url(&self, number: usize) -> String {
        format!("http://{}/runs/{number}/v1", self.address)
    }
}

struct Player {
    recording: Recording,
    /// How many answers of each run have been given or passed over.
    given: Mutex<Vec<usize>>,
    answers: AtomicU64,
    /// Wants to know of hang-ups and times; nobody asks it here.
    recorder: Arc<Recorder>,
}

impl Player {
    /// The answer to a request of run `number`.
    fn next(&self, number: usize, request: &Value) -> Result<&RecordedAnswer, order::Refusal> {
        let index = number.wrapping_sub(1);
        let run = self.recording.runs.get(index).ok_or(order::Refusal::NoSuchRun { number })?;
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let given = given.get_mut(index).ok_or(order::Refusal::NoSuchRun { number })?;
        let place = order::place(run, number, *given, request)?;
        *given = (*given).max(place + 1);
        run.answers.get(place).ok_or(order::Refusal::NoSuchRun { number })
    }
}

async fn complete(State(player): State<Arc<Player>>, Path(number): Path<usize>, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let answer = match player.next(number, &request) {
        Ok(answer) => answer,
        Err(refusal) => {
            tracing::warn!(%refusal, "asked for something else than was recorded");
            return error(StatusCode::BAD_REQUEST, refusal.code(), &refusal.to_string());
        }
    };
    let reply = &answer.reply;
    let header =
        Header::new(player.answers.fetch_add(1, Ordering::Relaxed), reply.model.clone().unwrap_or_default());
    if request.get("stream").and_then(Value::as_bool) != Some(true) {
        return Json(wire::whole(&header, reply, body.len())).into_response();
    }
    let (events, ending) = match answer.kind {
        AnswerKind::Whole | AnswerKind::Aside => (wire::stream(&header, reply, body.len()), Ending::Clean),
        AnswerKind::Cut => (wire::stream_without_end(&header, reply), Ending::Stall),
    };
    let raw = RawBody { pieces: events.into_iter().map(Bytes::from).collect(), ending, ..RawBody::default() };
    let request_number = player.recorder.received();
    body::respond(raw, Duration::ZERO, Arc::clone(&player.recorder), request_number)
}
