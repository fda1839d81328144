//! `/secret-key`: the key that secrets are encrypted with at rest, which is never told, and replacing it.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use slipway_protocol::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::secrets;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(rotate))
}

/// Where the key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum SecretKeyPlace {
    /// In the file `secret.key` of the data directory.
    DataDirectory,
    /// In the environment (`SLIPWAY_SECRET_KEY`).
    Environment,
}

/// What is known of the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
struct SecretKey {
    /// Where it is.
    place: SecretKeyPlace,
    /// Whether a new one takes its place when Slipway starts next.
    rotation_pending: bool,
}

/// Tells where the key is that secrets are encrypted with. The key itself is never told.
#[utoipa::path(get, path = "/secret-key", tag = "settings", operation_id = "get_secret_key",
    responses((status = 200, body = SecretKey),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>) -> Json<SecretKey> {
    Json(known(&app))
}

/// Replaces the key: at Slipway's next start all secrets are encrypted with a new one, in one transaction, and the old
/// key is deleted. Asked for twice, it is done once.
#[utoipa::path(post, path = "/secret-key/rotation", tag = "settings", operation_id = "rotate_secret_key",
    responses((status = 202, body = SecretKey),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn rotate(State(app): State<AppState>, viewer: Viewer) -> ApiResult<(StatusCode, Json<SecretKey>)> {
    viewer.must_be_owner()?;
    if known(&app).place == SecretKeyPlace::Environment {
        return Err(Problem::new(409, "secret_key_in_environment", "The key is not Slipway's to replace")
            .detail("It comes from the environment, as SLIPWAY_SECRET_KEY.")
            .hint("Start Slipway with a new one there, and with the one of now as SLIPWAY_OLD_SECRET_KEY.")
            .into());
    }
    let directory = app.config.data_dir.clone();
    let prepared = tokio::task::spawn_blocking(move || secrets::prepare(&directory)).await;
    prepared.map_err(ApiError::internal)?.map_err(ApiError::internal)?;
    Ok((StatusCode::ACCEPTED, Json(known(&app))))
}

fn known(app: &AppState) -> SecretKey {
    match app.config.secret_key {
        Some(_) => SecretKey { place: SecretKeyPlace::Environment, rotation_pending: false },
        None => SecretKey {
            place: SecretKeyPlace::DataDirectory,
            rotation_pending: secrets::is_prepared(&app.config.data_dir),
        },
    }
}
