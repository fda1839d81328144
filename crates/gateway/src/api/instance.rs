//! `/instance`: what this instance is and how it stands.

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, header};
use slipway_protocol::Problem;
use slipway_protocol::api::{Instance, ProviderOrigin, Role};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiResult;
use super::settings;
use crate::app::AppState;
use crate::auth::Viewer;
use crate::providers;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read))
}

/// Tells what this instance is.
#[utoipa::path(get, path = "/instance", tag = "instance", operation_id = "get_instance",
    responses((status = 200, body = Instance),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>, viewer: Viewer, headers: HeaderMap) -> ApiResult<Json<Instance>> {
    let sandbox = app.sandbox_status();
    let has_desktop = sandbox.desktop || !sandbox.attached;
    let has_provider =
        providers::all(&app).await?.iter().any(|known| known.provider.origin != ProviderOrigin::BuiltIn);
    Ok(Json(Instance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        number: app.config.instance,
        desktop_url: has_desktop.then(|| desktop_url(&app, &headers)),
        // Nobody else could add a model.
        needs_setup: viewer.role() == Role::Admin
            && !has_provider
            && !settings::current(&app).await?.setup_done,
        sandbox,
        max_upload_bytes: app.config.max_upload_bytes,
        storage: app.store.trouble(),
    }))
}

/// On the host name that the person uses, because the session cookie belongs to that name.
fn desktop_url(app: &AppState, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    };
    format!("http://{name}:{}/", app.public_desktop_port())
}
