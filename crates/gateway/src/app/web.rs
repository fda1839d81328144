//! The routers of the two listeners that browsers use.

use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Json, Router};
use slipway_protocol::Problem;
use tower_http::compression::CompressionLayer;

use super::{AppState, health, observe};
use crate::api::etags::Conditions;
use crate::api::{self, ApiError};
use crate::auth::{KnownHosts, guard, headers, login};
use crate::{desktop, openapi, ui};

/// Longest request body, in bytes.
const MAX_BODY: usize = 4 << 20;

/// The UI and the API.
pub(super) fn ui_router(app: AppState) -> Router {
    let (api, _) = api::routes().split_for_parts();
    let api = api
        .route("/openapi.json", get(async || Json(openapi::document())))
        .merge(desktop::api_routes())
        .merge(crate::terminals::api_routes())
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method);
    let conditions = Conditions { app: app.clone(), api: api.clone().with_state(app.clone()) };
    let api = api
        .layer(from_fn_with_state(conditions, api::etags::conditional))
        .layer(from_fn_with_state(app.clone(), api::answers::once));
    let router = Router::new().nest("/api/v1", api).fallback(ui::serve);
    guarded(router, app)
}

/// The stand-alone desktop page.
pub(super) fn desktop_router(app: AppState) -> Router {
    guarded(desktop::page_routes().fallback(ui::serve_desktop), app)
}

/// Adds what every listener needs: login, health, and the guards around everything.
fn guarded(router: Router<AppState>, app: AppState) -> Router {
    let hosts = KnownHosts::new(&app.config.hosts);
    router
        .route("/login", get(login::open).post(login::submit))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(app.clone(), guard::authenticate))
        .layer(from_fn(guard::check_origin))
        .layer(from_fn_with_state(hosts, guard::check_host))
        .layer(CompressionLayer::new())
        .layer(from_fn(headers::secure))
        .layer(from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

async fn unknown_path(OriginalUri(uri): OriginalUri) -> ApiError {
    ApiError::unknown_path(uri.path())
}

async fn wrong_method() -> ApiError {
    Problem::new(405, "wrong_method", "This API does not know the method")
        .hint("/api/v1/openapi.json lists everything.")
        .into()
}
