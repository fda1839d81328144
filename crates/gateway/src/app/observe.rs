//! A log line and a count for every request, with an id that its answer carries too.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tracing::Instrument;

use super::AppState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, names it in everything that is logged meanwhile, and in the answer.
pub(super) async fn observe(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let id = uuid::Uuid::now_v7().simple().to_string();
    // Never the query: a login link's token is in it.
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    let header = HeaderValue::from_str(&id);
    async move {
        let started = Instant::now();
        let mut response = next.run(request).await;
        let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        app.metrics.request(response.status());
        tracing::debug!(status = response.status().as_u16(), elapsed_ms, "answered");
        if let Ok(header) = header {
            response.headers_mut().insert(REQUEST_ID, header);
        }
        response
    }
    .instrument(span)
    .await
}
