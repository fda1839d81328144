//! The desktop: a WebSocket bridge to the RFB (VNC) stream of the tool host. Who has not taken control only looks.

use std::time::Duration;

use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{State, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_tools::client::ClientError;
use tokio::io::{AsyncRead, AsyncWrite};

mod bridge;
mod control;
pub mod drive;
mod gate;
mod viewer;

pub use self::control::DesktopControl;
pub(crate) use self::control::Turn;
use self::viewer::ViewerId;
use crate::api::ApiError;
use crate::api::extract::{Own, QueryParts};
use crate::app::AppState;
use crate::auth::{Viewer, ended};

/// What a viewer may say in the address.
#[derive(Debug, Deserialize)]
struct Introduction {
    /// The page's name for itself; one without a name never drives.
    #[serde(default)]
    viewer: Option<ViewerId>,
}

/// Longest WebSocket message from a browser, in bytes; clipboard contents are the largest.
const MAX_MESSAGE: usize = 4 << 20;

/// How long the desktop may take to start.
const OPEN_LIMIT: Duration = Duration::from_secs(15);

/// Routes under `/api/v1`.
pub fn api_routes() -> Router<AppState> {
    // Conversations share the sandbox's desktop for now, so both paths lead to the same one.
    Router::new().route("/desktop", get(open)).route("/conversations/{id}/desktop", get(open_in_conversation))
}

/// Routes of the stand-alone desktop page's listener.
pub fn page_routes() -> Router<AppState> {
    let (drive, _) = drive::routes().split_for_parts();
    Router::new().route("/websockify", get(open)).route("/api/v1/desktop", get(open)).nest("/api/v1", drive)
}

/// Opens the desktop in a conversation of the person's.
async fn open_in_conversation(
    Own(_): Own,
    state: State<AppState>,
    viewer: Viewer,
    introduction: QueryParts<Introduction>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    open(state, viewer, introduction, upgrade).await
}

/// Opens the desktop's stream, starting the desktop when it is not running, then the WebSocket.
async fn open(
    State(app): State<AppState>,
    person: Viewer,
    QueryParts(introduction): QueryParts<Introduction>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|rejection| {
        Problem::new(rejection.status().as_u16(), "websocket_needed", "This address is for WebSockets only")
            .detail(rejection.body_text())
    })?;
    let desktop = connect(&app).await?;
    let viewer = app.desktop.view(introduction.viewer);
    let (state, tasks) = (app.clone(), app.tasks.clone());
    let bridge = move |socket| {
        tasks.track_future(async move {
            tokio::select! {
                () = bridge::run(socket, desktop, viewer) => {}
                () = state.shutdown.cancelled() => {}
                () = ended::over(&state, &person) => {}
            }
        })
    };
    Ok(upgrade.protocols(["binary"]).max_message_size(MAX_MESSAGE).on_upgrade(bridge).into_response())
}

/// The desktop's stream; the desktop is started when it is not running.
async fn connect(app: &AppState) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + use<>, Problem> {
    let client = app.sandboxes.client().ok_or_else(not_attached)?;
    let opened = tokio::time::timeout(OPEN_LIMIT, client.desktop()).await;
    opened.map_err(|_| timed_out())?.map_err(|error| {
        let reason = match error {
            ClientError::Refused { problem, .. } => problem.detail,
            other => other.to_string(),
        };
        Problem::new(502, "desktop_failed", "The desktop cannot be shown")
            .detail(reason)
            .hint("Look at the sandbox's log with `slipway logs`.")
    })
}

fn timed_out() -> Problem {
    Problem::new(504, "desktop_timeout", "The desktop does not start")
        .detail(format!("It was not there within {} seconds.", OPEN_LIMIT.as_secs()))
        .hint("Look at the sandbox's log with `slipway logs`.")
}

fn not_attached() -> Problem {
    Problem::new(503, "sandbox_not_attached", "The sandbox is not there")
        .detail("No tool host is attached to this gateway.")
        .hint("It attaches by itself within seconds; if not, look at `slipway logs`.")
}
