//! `DELETE /conversations/{id}`, and the way back.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_protocol::api::{Conversation, Deletion};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Own, OwnEvenIfDeleted, QueryParts};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::runs::deleting;

/// How long a deleted conversation can be brought back unless the request says otherwise, in seconds.
const UNDO_SECONDS: u32 = 600;
/// The longest that a request may say.
const MAX_UNDO_SECONDS: u32 = 24 * 60 * 60;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(remove)).routes(routes!(undo))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DeleteQuery {
    /// For how many seconds it can be brought back (600 when absent, at most a day); 0 removes it at once.
    undo_seconds: Option<u32>,
}

/// Deletes a conversation with everything in it; a run that goes on is stopped.
///
/// From now on it is not there, for anybody. Until `undo_until` it can be brought back; then its messages, events,
/// pictures and recorded states are removed for good. Files of the workspace stay.
#[utoipa::path(delete, path = "/conversations/{id}", tag = "conversations",
    operation_id = "delete_conversation", params(("id" = String, Path), DeleteQuery),
    responses((status = 200, body = Deletion),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn remove(
    State(app): State<AppState>,
    Own(id): Own,
    QueryParts(query): QueryParts<DeleteQuery>,
) -> ApiResult<Json<Deletion>> {
    let seconds = query.undo_seconds.unwrap_or(UNDO_SECONDS);
    if seconds > MAX_UNDO_SECONDS {
        return Err(ApiError::invalid(format!("`undo_seconds` is at most {MAX_UNDO_SECONDS}.")));
    }
    let undo = Duration::from_secs(u64::from(seconds));
    Ok(Json(deleting::delete(&app, id, undo).await?))
}

/// Brings a deleted conversation back, as long as it can be; nothing happens to one that is there.
#[utoipa::path(post, path = "/conversations/{id}/undelete", tag = "conversations",
    operation_id = "undelete_conversation", params(("id" = String, Path)),
    responses((status = 200, body = Conversation),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn undo(
    State(app): State<AppState>,
    OwnEvenIfDeleted(id): OwnEvenIfDeleted,
) -> ApiResult<Json<Conversation>> {
    Ok(Json(deleting::undo(&app, id).await?))
}
