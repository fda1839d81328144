//! `/conversations/{id}/approvals`: decisions about calls that wait for the person.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use slipway_protocol::Problem;
use slipway_protocol::api::{ApprovalReceipt, DecideApproval};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiResult;
use super::extract::{JsonBody, OfCall, Own, PathParts};
use super::messages::check_client_id;
use crate::app::AppState;
use crate::runs::approving;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(decide))
}

/// Decides about a call that waits.
///
/// The run goes on once everything that it waits for is decided and answered. Sending the same `client_id` again
/// changes nothing; another decision about a call that was decided about is refused.
#[utoipa::path(post, path = "/conversations/{id}/approvals/{call_id}", tag = "messages",
    operation_id = "decide_approval", params(("id" = String, Path), ("call_id" = String, Path)),
    request_body = DecideApproval,
    responses((status = 202, body = ApprovalReceipt),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn decide(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<OfCall>,
    JsonBody(body): JsonBody<DecideApproval>,
) -> ApiResult<(StatusCode, Json<ApprovalReceipt>)> {
    check_client_id(&body.client_id)?;
    let receipt = approving::decide(&app, id, path.call_id, body).await?;
    Ok((StatusCode::ACCEPTED, Json(receipt)))
}
