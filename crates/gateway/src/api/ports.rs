//! `/ports`: what the agent's programs listen on, and the way to look at it.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use http::{HeaderMap, header};
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_protocol::sandbox::{OpenPort, PreviewFrame};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiResult;
use super::extract::{PathParts, PathValue};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::preview::{self, Place};
use crate::store::ownership;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(open)).routes(routes!(open_frame))
}

/// Lists the ports that the agent's programs listen on. The sandbox is everybody's; whose conversation a program
/// belongs to is told of your own only.
#[utoipa::path(get, path = "/ports", tag = "ports", operation_id = "list_ports",
    responses((status = 200, body = Vec<OpenPort>),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<AppState>, viewer: Viewer) -> ApiResult<Json<Vec<OpenPort>>> {
    let ports = app.sandboxes.ports();
    let ids: BTreeSet<_> = ports.iter().map(|port| port.conversation_id.clone()).collect();
    let mut moment = app.store.read().await?;
    let own = ownership::own_among(&mut moment, viewer.user(), ids).await?;
    let told = ports.iter().map(|port| OpenPort {
        conversation_id: Some(&port.conversation_id).filter(|id| own.contains(*id)).cloned(),
        ..OpenPort::of_nobody(port)
    });
    Ok(Json(told.collect()))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PortPath {
    port: u16,
}

impl PathValue for PortPath {}

/// Leads the browser to what a port serves, on a host name of its own.
#[utoipa::path(get, path = "/ports/{port}/preview", tag = "ports", operation_id = "open_preview", params(PortPath),
    responses((status = 303, description = "The preview's address, good once and for a minute"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn open(
    State(app): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    PathParts(PortPath { port }): PathParts<PortPath>,
) -> ApiResult<Redirect> {
    Ok(Redirect::to(&address(&app, &viewer, &headers, port, Place::Window)?))
}

/// Tells the address at which a frame of the UI shows what a port serves. It is good once and for a minute; after
/// that the frame has a cookie, and every path of the address's origin is to be had there.
#[utoipa::path(get, path = "/ports/{port}/preview/frame", tag = "ports", operation_id = "open_preview_frame",
    params(PortPath),
    responses((status = 200, body = PreviewFrame),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn open_frame(
    State(app): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    PathParts(PortPath { port }): PathParts<PortPath>,
) -> ApiResult<impl IntoResponse> {
    let address = address(&app, &viewer, &headers, port, Place::Frame)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(PreviewFrame { address })))
}

fn address(
    app: &AppState,
    viewer: &Viewer,
    headers: &HeaderMap,
    port: u16,
    place: Place,
) -> ApiResult<String> {
    if !app.sandboxes.status().ports.iter().any(|listening| listening.port == port) {
        return Err(Problem::new(404, "port_not_listening", "Nothing listens on this port")
            .detail(format!("No program of the agent listens on {port}."))
            .hint("GET /api/v1/ports lists what there is.")
            .into());
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    Ok(preview::address(app, viewer, port, host, place))
}
