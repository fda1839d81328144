//! The engine's HTTP interface.

use std::convert::Infallible;
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use futures::{FutureExt, Stream};
use slipway_protocol::context::PinFile;
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest};
use slipway_protocol::transcript::UserMessage;
use slipway_protocol::{CallId, MessageId, Problem, RunId};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::events::EventSink;
use crate::http_client::HttpClients;
use crate::run;
use crate::run::Surroundings;
use crate::run::inbox::{Inbox, Inboxes};
use crate::run::stops::{CallStops, StoppableRun};
use crate::settings::Settings;

/// Largest request in bytes; a transcript with many views is long.
const MAX_REQUEST: usize = 256 << 20;

/// How long connections may take to end after runs have been told to stop.
const DRAIN: Duration = Duration::from_secs(3);

/// What every request handler shares.
struct Engine {
    settings: Settings,
    clients: HttpClients,
    /// Calls that can be stopped by themselves.
    stops: CallStops,
    /// Runs that can be told something.
    inboxes: Inboxes,
    stop: CancellationToken,
}

impl Engine {
    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { settings: &self.settings, clients: &self.clients, stops: &self.stops }
    }
}

/// The engine's routes with the default settings: `POST /v1/runs` and `GET /healthz`.
pub fn router() -> Router {
    router_with(Settings::default(), CancellationToken::new())
}

/// The engine's routes. When `stop` is cancelled, runs end with a problem `engine_stopping`.
pub fn router_with(settings: Settings, stop: CancellationToken) -> Router {
    let clients = HttpClients::new(&settings);
    let engine = Arc::new(Engine {
        settings,
        clients,
        stops: CallStops::default(),
        inboxes: Inboxes::default(),
        stop,
    });
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/v1/runs", post(start_run))
        .route("/v1/previews", post(preview))
        .route("/v1/runs/{run_id}/calls/{call_id}", delete(stop_call))
        .route("/v1/runs/{run_id}/pause", post(pause).delete(unpause))
        .route("/v1/runs/{run_id}/pins", post(pin))
        .route("/v1/runs/{run_id}/messages", post(tell))
        .route("/v1/runs/{run_id}/messages/{message_id}", delete(take_back))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(engine)
}

/// Serves the engine on `listener` until `shutdown` is cancelled; runs that are still going on then are
/// told so and end.
///
/// # Errors
/// The listener failed.
pub async fn serve(listener: TcpListener, shutdown: CancellationToken) -> io::Result<()> {
    let router = router_with(Settings::default(), shutdown.clone());
    // Without this, small events wait for the client's acknowledgement of the one before, up to 40 ms.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays with delayed sending");
        }
    });
    let drained = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    let server = axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    tokio::select! {
        result = server.into_future() => result,
        () = drained => Ok(()),
    }
}

/// The run lives in the response's body: when the client goes, the body is dropped, and with it the run,
/// its model call and its tool calls.
async fn start_run(
    State(engine): State<Arc<Engine>>,
    request: Result<Json<RunRequest>, JsonRejection>,
) -> Response {
    match request {
        Ok(Json(request)) => {
            // Whoever has the answer can tell the run something.
            let inbox = engine.inboxes.open(request.run_id.clone());
            let stoppable = engine.stops.open(request.run_id.clone());
            let keep_alive = KeepAlive::new().interval(engine.settings.keep_alive);
            Sse::new(run_events(engine, request, inbox, stoppable)).keep_alive(keep_alive).into_response()
        }
        Err(rejection) => refuse(&rejection),
    }
}

/// What a run would send first. It lives in the request: when the client goes, so does it.
async fn preview(
    State(engine): State<Arc<Engine>>,
    request: Result<Json<RunRequest>, JsonRejection>,
) -> Response {
    let request = match request {
        Ok(Json(request)) => request,
        Err(rejection) => return refuse(&rejection),
    };
    match run::preview::preview(request, engine.surroundings()).await {
        Ok(preview) => Json(preview).into_response(),
        Err(problem) => told(problem),
    }
}

/// Stops what the engine itself does for a call, now or as soon as it begins; its run goes on. 404 when the run does not.
async fn stop_call(
    State(engine): State<Arc<Engine>>,
    Path((run_id, call_id)): Path<(RunId, CallId)>,
) -> StatusCode {
    if engine.stops.stop(&run_id, call_id) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

/// Has a run come to rest before its next model call or tool call; it ends with the outcome `paused` then. 404 when the
/// run does not go on.
async fn pause(State(engine): State<Arc<Engine>>, Path(run_id): Path<RunId>) -> StatusCode {
    if engine.inboxes.pause(&run_id, true) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

/// Has it go on after all. 404 when the run does not go on.
async fn unpause(State(engine): State<Arc<Engine>>, Path(run_id): Path<RunId>) -> StatusCode {
    if engine.inboxes.pause(&run_id, false) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

/// Tells a run something that its model is to hear at the next step: an event with the entry says when it did. 404
/// when the run does not go on.
async fn tell(
    State(engine): State<Arc<Engine>>,
    Path(run_id): Path<RunId>,
    message: Result<Json<UserMessage>, JsonRejection>,
) -> Response {
    match message {
        Ok(Json(message)) => {
            let status = if engine.inboxes.put(&run_id, message) {
                StatusCode::ACCEPTED
            } else {
                StatusCode::NOT_FOUND
            };
            status.into_response()
        }
        Err(rejection) => refuse(&rejection),
    }
}

/// Takes back what a run was told. 404 when its model has heard it already.
async fn take_back(
    State(engine): State<Arc<Engine>>,
    Path((run_id, message_id)): Path<(RunId, MessageId)>,
) -> StatusCode {
    let taken = engine.inboxes.withdraw(&run_id, &message_id);
    if taken { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

/// Has a run pin open files from its next step on, or not any more: an event with the entry says when it does. 404 when
/// the run does not go on.
async fn pin(
    State(engine): State<Arc<Engine>>,
    Path(run_id): Path<RunId>,
    wanted: Result<Json<Vec<PinFile>>, JsonRejection>,
) -> Response {
    let wanted = match wanted {
        Ok(Json(wanted)) => wanted,
        Err(rejection) => return refuse(&rejection),
    };
    let goes_on = engine.inboxes.pin(&run_id, wanted);
    (if goes_on { StatusCode::ACCEPTED } else { StatusCode::NOT_FOUND }).into_response()
}

fn refuse(rejection: &JsonRejection) -> Response {
    let problem =
        Problem::new(rejection.status().as_u16(), "engine_bad_request", "The run request is not valid")
            .detail(rejection.body_text())
            .hint("Gateway and engine must be of the same version.");
    told(problem)
}

fn told(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, content_type, Json(problem)).into_response()
}

fn run_events(
    engine: Arc<Engine>,
    request: RunRequest,
    inbox: Inbox,
    stoppable: StoppableRun,
) -> impl Stream<Item = Result<Event, Infallible>> {
    async_stream::stream! {
        let span = tracing::info_span!("run", run_id = %request.run_id);
        let (events, mut receiver) = EventSink::channel();
        let run = guarded(&engine, request, events, inbox).instrument(span);
        let mut run = std::pin::pin!(run);
        let outcome = loop {
            tokio::select! {
                biased;
                Some(event) = receiver.recv() => yield Ok(to_sse(&event)),
                outcome = &mut run => break outcome,
            }
        };
        drop(stoppable);
        while let Some(event) = receiver.recv().await {
            yield Ok(to_sse(&event));
        }
        yield Ok(to_sse(&EngineEvent::Finished { outcome }));
    }
}

/// The run with everything that can end it from outside, so that it always has exactly one outcome.
async fn guarded(engine: &Engine, request: RunRequest, events: EventSink, inbox: Inbox) -> RunOutcome {
    let work = run::execute(request, engine.surroundings(), events, inbox);
    tokio::select! {
        outcome = AssertUnwindSafe(work).catch_unwind() => outcome.unwrap_or_else(|_| {
            tracing::error!("a run panicked");
            RunOutcome::Failed {
                problem: Problem::new(500, "engine_fault", "The engine has a fault")
                    .detail("the run was ended by an unexpected condition; the engine's log has particulars")
                    .hint("Continue the conversation; if it happens again, report it."),
            }
        }),
        () = engine.stop.cancelled() => RunOutcome::Failed {
            problem: Problem::new(503, "engine_stopping", "Slipway is shutting down")
                .detail("the run was interrupted")
                .hint("Continue after the restart."),
        },
    }
}

fn to_sse(event: &EngineEvent) -> Event {
    Event::default().json_data(event).unwrap_or_else(|error| {
        tracing::error!(%error, "an event cannot be written as JSON");
        Event::default().comment("an event could not be written")
    })
}
