//! `/events`: one stream for everything a client follows.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures::Stream;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use slipway_fail_points::{Point, reach};
use slipway_protocol::Problem;
use slipway_protocol::api::Topics;
use slipway_protocol::event::Event;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, PathParts, QueryParts};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::{Viewer, ended};
use crate::events::{OpenStream, ReadError, Start, TopicSet};
use crate::store::now_ms;

/// How often a client hears something even if nothing happens.
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(follow)).routes(routes!(set_topics))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Follow {
    /// What to follow, separated by commas: `user` for the conversation list and the instance,
    /// `conv:<id>` for a conversation.
    #[serde(default)]
    topics: String,
    /// Position to go on after; the header `Last-Event-ID` takes precedence. Absent: from now on.
    #[serde(default)]
    after: Option<String>,
}

/// Follows what happens.
///
/// A stream of server-sent events. The first is `hello` with `{"stream", "epoch", "at", "started_at"}`: the times are
/// the gateway's, in ms, now and when it was started; `ping` comes every 10 seconds; `reset` means that the position is
/// unknown and snapshots must be fetched again. All others hold an `Event`.
#[utoipa::path(get, path = "/events", tag = "events", operation_id = "follow_events",
    params(Follow),
    responses((status = 200, body = Event, content_type = "text/event-stream"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn follow(
    State(app): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    QueryParts(query): QueryParts<Follow>,
) -> ApiResult<Response> {
    let topics = TopicSet::of(&viewer, &app.store, query.topics.split(',')).await?;
    let last_event_id = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    // The position may come from another gateway, which is ahead.
    app.store.catch_up().await?;
    let start = Start::from_cursor(&app.store, last_event_id.or(query.after.as_deref())).await?;
    let stream = app.events.open(start, topics);
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // For reverse proxies that would otherwise hold events back.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(frames(app, viewer, stream, start))).into_response())
}

/// Changes what a stream follows.
///
/// The change holds for everything that happens after the answer.
#[utoipa::path(post, path = "/events/{stream}/topics", tag = "events", operation_id = "set_topics",
    params(("stream" = String, Path, description = "Name from the stream's event `hello`")),
    request_body = Topics,
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn set_topics(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(stream): PathParts<String>,
    JsonBody(body): JsonBody<Topics>,
) -> ApiResult<StatusCode> {
    let topics = TopicSet::of(&viewer, &app.store, body.topics.iter().map(String::as_str)).await?;
    if app.events.set_topics(&stream, topics) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("event stream", stream))
    }
}

/// The stream's bytes. It is polled only as fast as the client reads, and holds one batch at most.
fn frames(
    app: AppState,
    viewer: Viewer,
    mut open: OpenStream,
    start: Start,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    async_stream::stream! {
        let hello = serde_json::json!({
            "stream": open.id,
            "epoch": app.store.epoch(),
            "at": now_ms(),
            "started_at": app.metrics.started_at(),
        });
        let mut first = frame(&open.reader.cursor(), "hello", &hello.to_string());
        if start == Start::Reset {
            first += &reset(&open.reader.cursor());
        }
        yield Ok(first.into());
        let mut over = std::pin::pin!(ended::over(&app, &viewer));
        let mut ping = tokio::time::interval(PING_INTERVAL);
        ping.reset();
        loop {
            let bytes = tokio::select! {
                biased;
                () = app.shutdown.cancelled() => break,
                () = &mut over => break,
                _ = ping.tick() => frame(&open.reader.cursor(), "ping", "{}"),
                events = open.reader.next() => match events {
                    Ok(events) => events.iter().fold(String::new(), |mut bytes, event| {
                        write_frame(&mut bytes, app.store.epoch(), event.seq, &event.kind, &event.json);
                        bytes
                    }),
                    // It reads so slowly that the log no longer has what comes next.
                    Err(ReadError::TooSlow) => reset(&open.reader.skip()),
                    Err(error @ ReadError::Store(_)) => {
                        // The client comes back with its position and loses nothing.
                        tracing::error!(%error, "an event stream cannot go on");
                        break;
                    }
                },
            };
            yield Ok(bytes.into());
            reach(Point::StreamSent);
        }
    }
}

/// Tells the client that its position means nothing any more, and where it is now.
fn reset(cursor: &str) -> String {
    frame(cursor, "reset", &serde_json::json!({ "cursor": cursor }).to_string())
}

fn frame(cursor: &str, kind: &str, data: &str) -> String {
    format!("id: {cursor}\nevent: {kind}\ndata: {data}\n\n")
}

fn write_frame(bytes: &mut String, epoch: &str, seq: i64, kind: &str, data: &str) {
    // Writing to a string cannot fail.
    write!(bytes, "id: {epoch}-{seq}\nevent: {kind}\ndata: {data}\n\n").ok();
}
