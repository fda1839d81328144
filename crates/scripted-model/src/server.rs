//! The HTTP server: `POST /v1/chat/completions` and `GET /v1/models`; `GET /requests` where a script says so.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::body;
use crate::fault::{Ending, FaultKind, RawBody};
use crate::record::{Exchange, RecordedRequest, Recorder};
use crate::script::{Reply, Script};
use crate::select::{Position, Selected, select};
use crate::strict;
use crate::wire::{self, Header};

/// Largest request body, in bytes.
pub(crate) const MAX_BODY: usize = 64 << 20;

/// A running server on a loopback port; stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    recorder: Arc<Recorder>,
    _stop: DropGuard,
}

impl Server {
    /// Starts on an ephemeral loopback port.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::start_at(script, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Starts at `address`; port 0 means an ephemeral one. Containers reach only addresses other than
    /// loopback.
    ///
    /// # Errors
    /// The address could not be bound.
    pub async fn start_at(script: Script, address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let recorder = Arc::new(Recorder::new());
        let stop = CancellationToken::new();
        let play = play(script, listener, Arc::clone(&recorder), stop.clone());
        tokio::spawn(async move {
            if let Err(error) = play.await {
                tracing::error!(%error, "the scripted model stopped");
            }
        });
        Ok(Self { address, recorder, _stop: stop.drop_guard() })
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The base URL for clients, up to and including the version part.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The chat completion requests so far.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.recorder.requests()
    }

    /// When the requests so far came and were answered, in the order in which they came.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.recorder.exchanges()
    }

    /// Expectations of the script that requests did not meet.
    pub fn violations(&self) -> Vec<String> {
        self.recorder.violations()
    }

    /// Waits until the client has hung up on `count` answers; `false` if that took longer than `limit`.
    pub async fn wait_for_dropped(&self, count: usize, limit: Duration) -> bool {
        let mut dropped = self.recorder.dropped();
        let wait = dropped.wait_for(|dropped| *dropped >= count);
        matches!(tokio::time::timeout(limit, wait).await, Ok(Ok(_)))
    }

    /// Waits until at least `count` requests have arrived; `false` if that took longer than `limit`.
    pub async fn wait_for_requests(&self, count: usize, limit: Duration) -> bool {
        let mut counts = self.recorder.counts();
        let arrived = counts.wait_for(|arrived| *arrived >= count);
        matches!(tokio::time::timeout(limit, arrived).await, Ok(Ok(_)))
    }
}

/// Serves a script on `listener` until `stop` is cancelled.
///
/// # Errors
/// The listener failed.
pub async fn serve(script: Script, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
    play(script, listener, Arc::new(Recorder::new()), stop).await
}

async fn play(
    script: Script,
    listener: TcpListener,
    recorder: Arc<Recorder>,
    stop: CancellationToken,
) -> io::Result<()> {
    let tells_requests = script.tells_requests;
    let player = Arc::new(Player { script, recorder, faults: Mutex::default(), answers: AtomicU64::new(0) });
    let mut router =
        Router::new().route("/v1/chat/completions", post(complete)).route("/v1/models", get(models));
    if tells_requests {
        router = router.route("/requests", get(requests));
    }
    let router = router.layer(axum::extract::DefaultBodyLimit::max(MAX_BODY)).with_state(player);
    serve_router(listener, router, stop).await
}

/// Serves `router` until `stop` is cancelled.
pub(crate) async fn serve_router(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
) -> io::Result<()> {
    // Without this, small chunks wait for the client's acknowledgement of the one before, up to 40 ms.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays with delayed sending");
        }
    });
    // Connections are cut, not drained: a stalled answer would otherwise keep the server alive.
    tokio::select! {
        result = axum::serve(listener, router).into_future() => result,
        () = stop.cancelled() => Ok(()),
    }
}

struct Player {
    script: Script,
    recorder: Arc<Recorder>,
    /// How often the fault of each reply has been played.
    faults: Mutex<HashMap<Option<Position>, u32>>,
    answers: AtomicU64,
}

impl Player {
    /// The fault to play now, if the reply has one and has not played it often enough.
    fn fault<'a>(&self, selected: &Selected<'a>) -> Option<&'a FaultKind> {
        let fault = selected.reply.fault.as_ref()?;
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let played = faults.entry(selected.position).or_default();
        if fault.times.is_some_and(|times| *played >= times) {
            return None;
        }
        *played += 1;
        Some(&fault.kind)
    }

    fn header(&self, reply: &Reply) -> Header {
        let number = self.answers.fetch_add(1, Ordering::Relaxed);
        Header::new(number, reply.model.clone().unwrap_or_else(|| self.script.model().to_owned()))
    }
}

async fn requests(State(player): State<Arc<Player>>) -> Json<Vec<Value>> {
    Json(player.recorder.requests().into_iter().map(|request| request.body).collect())
}

async fn models(State(player): State<Arc<Player>>) -> Json<Value> {
    let list: Vec<Value> = player
        .script
        .models
        .iter()
        .map(|id| json!({"id": id, "object": "model", "owned_by": "scripted"}))
        .collect();
    Json(json!({"object": "list", "data": list}))
}

async fn complete(State(player): State<Arc<Player>>, headers: HeaderMap, body: Bytes) -> Response {
    let number = player.recorder.received();
    let text = String::from_utf8_lossy(&body).into_owned();
    let request: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    player.recorder.record(RecordedRequest {
        authorization: authorization.map(str::to_owned),
        text: text.clone(),
        body: request.clone(),
    });
    if let Some(refusal) = refuse(&player.script, authorization, &request) {
        return refusal;
    }
    if player.script.strict
        && let Some(objection) = strict::objections(&request).first()
    {
        player.recorder.violate(objection.clone());
        return error(StatusCode::BAD_REQUEST, "invalid_request", objection);
    }
    let Some(selected) = select(&player.script, &request) else {
        return error(StatusCode::BAD_REQUEST, "script_ended", "the script has no answer to this request");
    };
    if let Some(missing) = selected.reply.expect.iter().find(|wanted| !text.contains(*wanted)) {
        player.recorder.violate(format!("{:?}: the request lacks {missing:?}", selected.position));
        return error(StatusCode::BAD_REQUEST, "expectation_failed", &format!("missing: {missing}"));
    }
    answer(&player, &selected, &request, text.len(), number)
}

fn refuse(script: &Script, authorization: Option<&str>, request: &Value) -> Option<Response> {
    if let Some(key) = &script.api_key
        && authorization != Some(format!("Bearer {key}").as_str())
    {
        let text = "Incorrect API key provided. You can find your API key in the provider's console.";
        return Some(error(StatusCode::UNAUTHORIZED, "invalid_api_key", text));
    }
    if !request.is_object() {
        return Some(error(StatusCode::BAD_REQUEST, "invalid_json", "the body is not a JSON object"));
    }
    let model = request.get("model").and_then(Value::as_str).unwrap_or_default();
    if !script.models.iter().any(|known| known == model) {
        let text = format!("The model `{model}` does not exist or you do not have access to it.");
        return Some(error(StatusCode::NOT_FOUND, "model_not_found", &text));
    }
    None
}

/// The answer to request `number`.
fn answer(
    player: &Player,
    selected: &Selected<'_>,
    request: &Value,
    prompt_bytes: usize,
    number: usize,
) -> Response {
    let reply = selected.reply;
    let fault = player.fault(selected);
    if let Some(FaultKind::Status { code, headers, body }) = fault {
        return status_fault(*code, headers, body);
    }
    let header = player.header(reply);
    if request.get("stream").and_then(Value::as_bool) != Some(true) {
        return Json(wire::whole(&header, reply, prompt_bytes)).into_response();
    }
    let events: Vec<Bytes> =
        wire::stream(&header, reply, prompt_bytes).into_iter().map(Bytes::from).collect();
    let mut body =
        RawBody { pause: Duration::from_millis(reply.chunk_delay_ms), pieces: events, ..RawBody::default() };
    match fault {
        None | Some(FaultKind::Status { .. }) => {}
        Some(FaultKind::Body(raw)) => body = raw.clone(),
        Some(FaultKind::Raw(raw)) => body.pieces = raw.iter().cloned().map(Bytes::from).collect(),
        Some(FaultKind::End(after)) => body.pieces.truncate(*after),
        Some(FaultKind::Reset(after)) => {
            body.pieces.truncate(*after);
            body.ending = Ending::Reset;
        }
        Some(FaultKind::ResetAtByte(after)) => {
            let mut whole = Bytes::from(body.pieces.concat());
            whole.truncate(*after);
            body.pieces = vec![whole];
            body.ending = Ending::Reset;
        }
        Some(FaultKind::Stall(after)) => {
            body.pieces.truncate(*after);
            body.ending = Ending::Stall;
        }
    }
    let first = Duration::from_millis(reply.first_delay_ms);
    body::respond(body, first, Arc::clone(&player.recorder), number)
}

fn status_fault(code: u16, headers: &crate::script::Headers, body: &str) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body.to_owned()).into_response();
    if body.trim_start().starts_with(['{', '[']) {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    body::set_headers(&mut response, headers);
    response
}

pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body =
        json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": code}});
    (status, Json(body)).into_response()
}
