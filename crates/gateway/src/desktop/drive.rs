//! `/desktop/control` and `/desktop/start`: taking over, giving back, and why there may be nothing to drive.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use slipway_protocol::Problem;
use slipway_protocol::event::EventBody;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::ApiResult;
use crate::api::extract::JsonBody;
use crate::app::AppState;
use crate::store::StoreError;

/// Control goes back to the model when no page has shown the desktop for so long: nobody drives then.
const ABSENT_LIMIT: Duration = Duration::from_secs(60);
const ABSENT_LOOK: Duration = Duration::from_secs(5);

/// Who drives the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Driver {
    /// The model, by the tool `computer`.
    Agent,
    /// The person; the model's input is refused.
    Person,
}

/// `/desktop/control`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct DesktopDriver {
    /// Who drives.
    driver: Driver,
}

/// The routes, without the prefix `/api/v1`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, change)).routes(routes!(start))
}

/// Tells who drives the desktop.
#[utoipa::path(get, path = "/desktop/control", tag = "desktop", operation_id = "get_desktop_control",
    responses((status = 200, body = DesktopDriver),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>) -> Json<DesktopDriver> {
    Json(present(&app))
}

/// Takes control of the desktop, or gives it back to the model. Control goes back by itself when no page has
/// shown the desktop for a minute.
#[utoipa::path(put, path = "/desktop/control", tag = "desktop", operation_id = "set_desktop_control",
    request_body = DesktopDriver,
    responses((status = 200, body = DesktopDriver),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn change(
    State(app): State<AppState>,
    JsonBody(wanted): JsonBody<DesktopDriver>,
) -> ApiResult<Json<DesktopDriver>> {
    match wanted.driver {
        Driver::Person => {
            if let Some(given_back) = app.desktop.take() {
                app.tasks.spawn(release_when_absent(app.clone(), given_back));
                announce(&app).await?;
            }
        }
        Driver::Agent => {
            if app.desktop.give_back() {
                announce(&app).await?;
            }
        }
    }
    Ok(Json(present(&app)))
}

/// Starts the desktop when it is not running; the answer says why it cannot be started.
#[utoipa::path(post, path = "/desktop/start", tag = "desktop", operation_id = "start_desktop",
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn start(State(app): State<AppState>) -> ApiResult<StatusCode> {
    super::connect(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn present(app: &AppState) -> DesktopDriver {
    let driver = if app.desktop.person_drives() { Driver::Person } else { Driver::Agent };
    DesktopDriver { driver }
}

/// Gives control back when the person has gone without doing so.
async fn release_when_absent(app: AppState, given_back: CancellationToken) {
    let mut absent = Duration::ZERO;
    while absent < ABSENT_LIMIT {
        tokio::select! {
            () = given_back.cancelled() => return,
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(ABSENT_LOOK) => {}
        }
        absent = if app.desktop.viewers() == 0 { absent + ABSENT_LOOK } else { Duration::ZERO };
    }
    tracing::info!("nobody looks at the desktop any more, so the model has control again");
    if app.desktop.give_back()
        && let Err(error) = announce(&app).await
    {
        tracing::error!(%error, "clients are not told who drives the desktop");
    }
}

async fn announce(app: &AppState) -> Result<(), StoreError> {
    let mut write = app.store.write().await?;
    write.record(None, EventBody::SandboxUpdated { sandbox: app.sandbox_status() }).await?;
    write.commit().await
}
