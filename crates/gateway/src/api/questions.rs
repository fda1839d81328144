//! `/conversations/{id}/questions`: answers to what the model asks.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use slipway_protocol::Problem;
use slipway_protocol::api::{AnswerQuestion, AnswerReceipt};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiResult;
use super::extract::{JsonBody, OfCall, Own, PathParts};
use super::messages::check_client_id;
use crate::app::AppState;
use crate::runs::commands;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(answer))
}

/// Answers a question of the model.
///
/// The run that asked goes on once all its questions are answered. Sending the same `client_id` again changes
/// nothing; another answer to a question that was answered is refused.
#[utoipa::path(post, path = "/conversations/{id}/questions/{call_id}/answer", tag = "messages",
    operation_id = "answer_question", params(("id" = String, Path), ("call_id" = String, Path)),
    request_body = AnswerQuestion,
    responses((status = 202, body = AnswerReceipt),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn answer(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<OfCall>,
    JsonBody(body): JsonBody<AnswerQuestion>,
) -> ApiResult<(StatusCode, Json<AnswerReceipt>)> {
    check_client_id(&body.client_id)?;
    let receipt = commands::answer(&app, id, path.call_id, body).await?;
    Ok((StatusCode::ACCEPTED, Json(receipt)))
}
