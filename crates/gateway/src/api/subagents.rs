//! `/conversations/{id}/calls/{call_id}`: what sub-agents do, and stopping one.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use slipway_protocol::message::Message;
use slipway_protocol::{CallId, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Own, PathParts, PathValue};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::runs::subagents;
use crate::store::{conversations, messages};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(nested_messages)).routes(routes!(stop))
}

#[derive(Deserialize)]
struct CallPath {
    call_id: CallId,
}

impl PathValue for CallPath {}

/// Gives what the sub-agent of a call has said and done, oldest first.
#[utoipa::path(get, path = "/conversations/{id}/calls/{call_id}/messages", tag = "conversations",
    operation_id = "get_nested_messages", params(("id" = String, Path), ("call_id" = String, Path)),
    responses((status = 200, body = Vec<Message>),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn nested_messages(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<CallPath>,
) -> ApiResult<Json<Vec<Message>>> {
    let mut moment = app.store.read().await?;
    if conversations::get(&mut moment, &id).await?.is_none() {
        return Err(ApiError::not_found("conversation", id));
    }
    Ok(Json(messages::nested(&mut moment, &id, &path.call_id).await?))
}

/// Stops the sub-agent of a call; the run goes on with what it has found.
#[utoipa::path(post, path = "/conversations/{id}/calls/{call_id}/stop", tag = "messages",
    operation_id = "stop_subagent", params(("id" = String, Path), ("call_id" = String, Path)),
    responses((status = 202),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn stop(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<CallPath>,
) -> ApiResult<StatusCode> {
    subagents::stop(&app, &id, &path.call_id).await?;
    Ok(StatusCode::ACCEPTED)
}
