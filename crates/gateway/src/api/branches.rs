//! `/conversations/{id}/messages/{message_id}/branch`: saying something in other words.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use slipway_protocol::Problem;
use slipway_protocol::api::{BranchMessage, BranchReceipt, StateBefore};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, OfMessage, Own, PathParts};
use super::messages::{check_attachments, check_client_id, check_text};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::checkpoints;
use crate::runs::branching;
use crate::store::branches;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(branch)).routes(routes!(before))
}

/// Says a message in other words.
///
/// The new wording goes on in a conversation of its own, which begins with what came before the message and draws from
/// the same budget. The old one stays as it is. Refused while a run goes on. Files are left as they are; see `before`.
#[utoipa::path(post, path = "/conversations/{id}/messages/{message_id}/branch", tag = "messages",
    operation_id = "branch_message", params(("id" = String, Path), ("message_id" = String, Path)),
    request_body = BranchMessage,
    responses((status = 201, body = BranchReceipt),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn branch(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<OfMessage>,
    JsonBody(wanted): JsonBody<BranchMessage>,
) -> ApiResult<(StatusCode, Json<BranchReceipt>)> {
    check_text(&wanted.text)?;
    check_client_id(&wanted.client_id)?;
    check_attachments(wanted.attachments.as_deref().unwrap_or_default())?;
    let receipt = branching::branch(&app, id, path.message_id, wanted).await?;
    Ok((StatusCode::CREATED, Json(receipt)))
}

/// Tells the state of the workspace before a message: restore it, with the conversation that it names, to have a new
/// wording begin where the old one did.
#[utoipa::path(get, path = "/conversations/{id}/messages/{message_id}/before", tag = "messages",
    operation_id = "get_state_before", params(("id" = String, Path), ("message_id" = String, Path)),
    responses((status = 200, body = StateBefore),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn before(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<OfMessage>,
) -> ApiResult<Json<StateBefore>> {
    let message_id = path.message_id;
    let mut read = app.store.read().await?;
    let Some(said) = branches::said(&mut read, &id, &message_id).await? else {
        return Err(ApiError::not_found("message of yours", message_id));
    };
    let Some(original) = &said.copy_of else {
        let checkpoint = checkpoints::before_message(&mut read, &id, &message_id, &said).await?;
        return Ok(Json(StateBefore { checkpoint }));
    };
    // States were recorded where the message was said first.
    let (id, message_id) = (&original.conversation_id, &original.message_id);
    let checkpoint = match branches::said(&mut read, id, message_id).await? {
        Some(said) => checkpoints::before_message(&mut read, id, message_id, &said).await?,
        None => None,
    };
    Ok(Json(StateBefore { checkpoint }))
}
