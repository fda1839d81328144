//! `/readyz` and `/metrics`.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use futures::FutureExt as _;
use http::{StatusCode, header};
use serde_json::json;
use slipway_protocol::Problem;
use slipway_protocol::api::Role;
use url::Url;

use super::AppState;
use crate::api::ApiError;
use crate::auth::{Viewer, secrets_match};
use crate::metrics;

/// How long the database and an engine may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// Ready when the database and an engine answer and no other gateway has taken over; says too whether the sandbox
/// is attached, which may come later: runs wait for it.
pub(super) async fn ready(State(app): State<AppState>) -> Response {
    let engines = app.addresses.engines.iter().map(|engine| answers(&app, engine).boxed());
    let (database, engine) =
        tokio::join!(database(&app), async { futures::future::select_ok(engines).await.is_ok() });
    let replaced = app.lost_lease.is_cancelled();
    let ready = database && engine && !replaced;
    let body = json!({
        "ready": ready,
        "database": database,
        "engine": engine,
        "replaced": replaced,
        "sandbox_attached": app.sandboxes.status().attached,
    });
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body)).into_response()
}

async fn database(app: &AppState) -> bool {
    match tokio::time::timeout(LIMIT, app.store.settings()).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => {
            tracing::error!(%error, "the database does not answer");
            false
        }
        Err(_elapsed) => false,
    }
}

async fn answers(app: &AppState, engine: &Url) -> Result<(), ()> {
    let url = format!("{}/healthz", engine.as_str().trim_end_matches('/'));
    match app.http.get(url).timeout(LIMIT).send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        _ => Err(()),
    }
}

/// Counters and gauges, for administrators and for whoever has the token for just this.
pub(super) async fn metrics(State(app): State<AppState>, request: Request) -> Response {
    let is_admin = request.extensions().get::<Viewer>().is_some_and(|viewer| viewer.role() == Role::Admin);
    if !is_admin && !has_token(&app, &request) {
        return ApiError::from(
            Problem::new(401, "metrics_token_needed", "Metrics take a token")
                .detail("The request has neither an administrator's session nor the token for metrics.")
                .hint("Set SLIPWAY_METRICS_TOKEN, and send it as a bearer token (docs/observability.md)."),
        )
        .into_response();
    }
    let headers = [(header::CONTENT_TYPE, "text/plain; version=0.0.4"), (header::CACHE_CONTROL, "no-store")];
    (headers, metrics::render(&app)).into_response()
}

fn has_token(app: &AppState, request: &Request) -> bool {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = header.and_then(|value| value.strip_prefix("Bearer "));
    match (&app.config.metrics_token, given) {
        (Some(token), Some(given)) => secrets_match(token, given.trim()),
        _ => false,
    }
}
