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

use super::control::Taking;
use super::viewer::ViewerId;
use crate::api::ApiResult;
use crate::api::extract::JsonBody;
use crate::app::AppState;
use crate::store::StoreError;

/// Control goes back to the model when the page that drives has been gone for so long: nobody drives then.
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

/// A change of who drives the desktop.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeDesktopDriver {
    /// Who is to drive.
    driver: Driver,
    /// The page from which the person drives: the name that it gave as `viewer` in its WebSocket's address. What
    /// other pages send is dropped. Without it the desktop is only kept from the model.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,64}$")]
    viewer: Option<ViewerId>,
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

/// Takes control of the desktop, or gives it back to the model. Control goes back by itself when the page that
/// drives has not shown the desktop for a minute.
#[utoipa::path(put, path = "/desktop/control", tag = "desktop", operation_id = "set_desktop_control",
    request_body = ChangeDesktopDriver,
    responses((status = 200, body = DesktopDriver),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn change(
    State(app): State<AppState>,
    JsonBody(wanted): JsonBody<ChangeDesktopDriver>,
) -> ApiResult<Json<DesktopDriver>> {
    match wanted.driver {
        Driver::Person => match app.desktop.take(wanted.viewer) {
            Taking::Taken(ended) => {
                app.tasks.spawn(release_when_absent(app.clone(), ended));
                announce(&app).await?;
            }
            Taking::Had => {}
            Taking::Elsewhere => return Err(driven_elsewhere().into()),
        },
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
async fn release_when_absent(app: AppState, ended: CancellationToken) {
    let mut absent = Duration::ZERO;
    while absent < ABSENT_LIMIT {
        tokio::select! {
            () = ended.cancelled() => return,
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(ABSENT_LOOK) => {}
        }
        absent = if app.desktop.is_watched() { Duration::ZERO } else { absent + ABSENT_LOOK };
    }
    tracing::info!("nobody looks at the desktop any more, so the model has control again");
    if app.desktop.give_back()
        && let Err(error) = announce(&app).await
    {
        tracing::error!(%error, "clients are not told who drives the desktop");
    }
}

fn driven_elsewhere() -> Problem {
    Problem::new(409, "desktop_driven_elsewhere", "The desktop is driven from another page")
        .detail("You have taken control in another page that still shows the desktop.")
        .hint("Give it back there or here, then take it.")
}

async fn announce(app: &AppState) -> Result<(), StoreError> {
    let mut write = app.store.write().await?;
    write.record(None, EventBody::SandboxUpdated { sandbox: app.sandbox_status() }).await?;
    write.commit().await
}
