//! The WebSocket of a shell.

use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{State, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_tools::terminals::MAX_MESSAGE_BYTES;

use super::{TerminalPath, bridge, client, failed};
use crate::api::ApiResult;
use crate::api::extract::{Own, PathParts, QueryParts};
use crate::app::AppState;
use crate::auth::{Viewer, ended};

/// The route, which the document cannot describe.
pub fn api_routes() -> Router<AppState> {
    Router::new().route("/conversations/{id}/terminals/{terminal_id}/stream", get(open))
}

#[derive(Deserialize)]
struct StreamQuery {
    /// Offset of the first byte wanted; all that is kept when there is none.
    from: Option<u64>,
}

/// Opens the stream of a shell; see [`slipway_protocol::terminal`]. It ends with the session that opened it; the shell
/// does not.
async fn open(
    State(app): State<AppState>,
    Own(id): Own,
    person: Viewer,
    PathParts(path): PathParts<TerminalPath>,
    QueryParts(StreamQuery { from }): QueryParts<StreamQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let upgrade = upgrade.map_err(|rejection| {
        Problem::new(rejection.status().as_u16(), "websocket_needed", "This address is for WebSockets only")
            .detail(rejection.body_text())
    })?;
    let shell = client(&app, &id).await?.terminal(&id, &path.terminal_id, from).await.map_err(failed)?;
    let (state, tasks) = (app.clone(), app.tasks.clone());
    let carry = move |socket| {
        tasks.track_future(async move {
            tokio::select! {
                () = bridge::run(socket, shell) => {}
                () = state.shutdown.cancelled() => {}
                () = ended::over(&state, &person) => {}
            }
        })
    };
    Ok(upgrade.max_message_size(MAX_MESSAGE_BYTES).on_upgrade(carry).into_response())
}
