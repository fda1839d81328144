//! `/conversations/{id}/messages` and the other things that make a conversation go on or stop.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use slipway_protocol::api::{EditQueued, OrderQueue, RunStanding, SendMessage, SendReceipt};
use slipway_protocol::transcript::Attachment;
use slipway_protocol::{Problem, RunId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, OfMessage, Own, PathParts};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::runs::{commands, pausing, queueing};

/// Longest message, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Longest id that a client may choose, in characters.
const MAX_CLIENT_ID: usize = 64;
/// Most attachments of one message.
const MAX_ATTACHMENTS: usize = 100;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(send))
        .routes(routes!(stop))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(send_queued))
        .routes(routes!(edit_queued, remove_queued))
        .routes(routes!(order_queue))
}

/// Sends a message.
///
/// It starts a run, or waits when one goes on. Sending the same `client_id` again changes nothing.
#[utoipa::path(post, path = "/conversations/{id}/messages", tag = "messages", operation_id = "send_message",
    params(("id" = String, Path)), request_body = SendMessage,
    responses((status = 202, body = SendReceipt),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn send(
    State(app): State<AppState>,
    Own(id): Own,
    JsonBody(message): JsonBody<SendMessage>,
) -> ApiResult<(StatusCode, Json<SendReceipt>)> {
    check(&message)?;
    let receipt = commands::send(&app, id, message).await?;
    Ok((StatusCode::ACCEPTED, Json(receipt)))
}

fn check(message: &SendMessage) -> ApiResult<()> {
    check_text(&message.text)?;
    check_client_id(&message.client_id)?;
    check_attachments(&message.attachments)
}

/// Refuses too many.
pub(super) fn check_attachments(attachments: &[Attachment]) -> ApiResult<()> {
    if attachments.len() > MAX_ATTACHMENTS {
        return Err(ApiError::invalid(format!("At most {MAX_ATTACHMENTS} attachments are possible.")));
    }
    Ok(())
}

/// Refuses what is blank or too long.
pub(super) fn check_text(text: &str) -> ApiResult<()> {
    if text.trim().is_empty() {
        return Err(Problem::new(422, "message_blank", "The message is blank")
            .hint("Write what is to be done.")
            .into());
    }
    if text.len() > MAX_TEXT {
        return Err(Problem::new(413, "message_too_long", "The message is too long")
            .detail(format!("It has {} bytes; at most {MAX_TEXT} are possible.", text.len()))
            .hint("Put long material into a file in the workspace and name the file.")
            .into());
    }
    Ok(())
}

/// Refuses ids that are empty or too long.
pub(super) fn check_client_id(id: &str) -> ApiResult<()> {
    let characters = id.chars().count();
    if characters == 0 || characters > MAX_CLIENT_ID {
        return Err(ApiError::invalid(format!("`client_id` must have 1 to {MAX_CLIENT_ID} characters.")));
    }
    Ok(())
}

/// Stops the run that goes on; nothing happens when none does.
#[utoipa::path(post, path = "/conversations/{id}/stop", tag = "messages", operation_id = "stop_run",
    params(("id" = String, Path)),
    responses((status = 202),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn stop(State(app): State<AppState>, Own(id): Own) -> ApiResult<StatusCode> {
    commands::stop(&app, id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Pauses the run that goes on.
///
/// It comes to rest before its next model call or tool call: its status is `pausing` until then and `paused` afterwards, also
/// over restarts. `continue` lets it go on, a message is said instead of what it was about to do, and a stop ends it.
#[utoipa::path(post, path = "/conversations/{id}/pause", tag = "messages", operation_id = "pause_run",
    params(("id" = String, Path)),
    responses((status = 202, body = RunStanding),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn pause(State(app): State<AppState>, Own(id): Own) -> ApiResult<(StatusCode, Json<RunStanding>)> {
    let standing = pausing::pause(&app, id).await?;
    Ok((StatusCode::ACCEPTED, Json(standing)))
}

/// A run that was started.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StartedRun {
    /// The run.
    run_id: RunId,
}

/// Lets a paused run go on, or continues after one that was stopped, reached a limit or failed.
#[utoipa::path(post, path = "/conversations/{id}/continue", tag = "messages", operation_id = "continue_run",
    params(("id" = String, Path)),
    responses((status = 202, body = StartedRun),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn resume(State(app): State<AppState>, Own(id): Own) -> ApiResult<(StatusCode, Json<StartedRun>)> {
    let run_id = commands::resume(&app, id).await?;
    Ok((StatusCode::ACCEPTED, Json(StartedRun { run_id })))
}

/// Sends a waiting message now; a run that goes on is stopped first.
#[utoipa::path(post, path = "/conversations/{id}/queue/{message_id}/send", tag = "messages",
    operation_id = "send_queued_message", params(("id" = String, Path), ("message_id" = String, Path)),
    responses((status = 202, body = SendReceipt),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn send_queued(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<OfMessage>,
) -> ApiResult<(StatusCode, Json<SendReceipt>)> {
    let receipt = commands::send_queued(&app, id, path.message_id).await?;
    Ok((StatusCode::ACCEPTED, Json(receipt)))
}

/// Changes what a waiting message says; one that was to be told to the run that goes on waits for its end then.
#[utoipa::path(patch, path = "/conversations/{id}/queue/{message_id}", tag = "messages",
    operation_id = "edit_queued_message", params(("id" = String, Path), ("message_id" = String, Path)),
    request_body = EditQueued,
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn edit_queued(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<OfMessage>,
    JsonBody(wanted): JsonBody<EditQueued>,
) -> ApiResult<StatusCode> {
    check_text(&wanted.text)?;
    queueing::edit(&app, id, path.message_id, wanted.text).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts the waiting messages into another order. Those that are to be sent however the run ends stay before the others.
#[utoipa::path(put, path = "/conversations/{id}/queue", tag = "messages", operation_id = "order_queue",
    params(("id" = String, Path)), request_body = OrderQueue,
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn order_queue(
    State(app): State<AppState>,
    Own(id): Own,
    JsonBody(wanted): JsonBody<OrderQueue>,
) -> ApiResult<StatusCode> {
    queueing::reorder(&app, id, wanted.message_ids).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a waiting message.
#[utoipa::path(delete, path = "/conversations/{id}/queue/{message_id}", tag = "messages",
    operation_id = "remove_queued_message", params(("id" = String, Path), ("message_id" = String, Path)),
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn remove_queued(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<OfMessage>,
) -> ApiResult<StatusCode> {
    queueing::remove(&app, id, path.message_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
