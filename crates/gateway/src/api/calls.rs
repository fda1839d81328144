//! `/conversations/{id}/calls/{call_id}`: what is done inside a call, and stopping it.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_protocol::api::{CallStanding, OutputRange};
use slipway_protocol::message::Message;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{OfCall, Own, PathParts, QueryParts};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::runs::{full_output, stop_call};
use crate::store::{conversations, messages};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(nested_messages)).routes(routes!(call_output)).routes(routes!(stop))
}

/// Gives what the sub-agent of a call has said and done, oldest first.
#[utoipa::path(get, path = "/conversations/{id}/calls/{call_id}/messages", tag = "conversations",
    operation_id = "get_nested_messages", params(("id" = String, Path), ("call_id" = String, Path)),
    responses((status = 200, body = Vec<Message>),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn nested_messages(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<OfCall>,
) -> ApiResult<Json<Vec<Message>>> {
    let mut moment = app.store.read().await?;
    if conversations::get(&mut moment, &id).await?.is_none() {
        return Err(ApiError::not_found("conversation", id));
    }
    Ok(Json(messages::nested(&mut moment, &id, &path.call_id).await?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OutputQuery {
    /// First byte wanted.
    #[serde(default)]
    from: u64,
    /// Byte after the last one wanted; at most 256 KiB are answered at a time.
    to: Option<u64>,
}

/// Gives a range of a tool call's output: the whole of it while the sandbox has it, else what was kept.
#[utoipa::path(get, path = "/conversations/{id}/calls/{call_id}/output", tag = "conversations",
    operation_id = "get_call_output",
    params(("id" = String, Path), ("call_id" = String, Path), OutputQuery),
    responses((status = 200, body = OutputRange),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn call_output(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<OfCall>,
    QueryParts(query): QueryParts<OutputQuery>,
) -> ApiResult<Json<OutputRange>> {
    let to = query.to.unwrap_or(u64::MAX);
    if to < query.from {
        return Err(ApiError::invalid("`to` is before `from`."));
    }
    let range = full_output::range(&app, &id, &path.call_id, query.from, to).await?;
    range.map(Json).ok_or_else(|| ApiError::not_found("tool call with output", path.call_id))
}

/// Stops one call; its run and the other calls go on.
///
/// A command is ended with everything that it started; of a sub-agent the model gets what it has found. What was
/// printed until then is kept, and the model is told who stopped it. A call that has not begun does not begin. One that
/// has ended stays as it has, and the answer tells how.
#[utoipa::path(post, path = "/conversations/{id}/calls/{call_id}/stop", tag = "messages",
    operation_id = "stop_call", params(("id" = String, Path), ("call_id" = String, Path)),
    responses((status = 202, body = CallStanding),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn stop(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<OfCall>,
) -> ApiResult<(StatusCode, Json<CallStanding>)> {
    let standing = stop_call::stop(&app, id, path.call_id).await?;
    Ok((StatusCode::ACCEPTED, Json(standing)))
}
