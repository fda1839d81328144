//! `/conversations/import`: a conversation from a file.

use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRequest, State};
use http::StatusCode;
use slipway_protocol::Problem;
use slipway_protocol::api::Conversation;
use slipway_protocol::export::ConversationExport;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::import;

/// Longest file, in bytes.
const MAX_FILE: usize = 32 << 20;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read)).layer(DefaultBodyLimit::max(MAX_FILE))
}

/// A file in the format of exports, which other versions write too: fields that nobody knows are passed over.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
struct File<T>(T);

/// Makes a conversation from an exported one (JSON, at most 32 MiB).
///
/// It is a new one with ids of its own, the caller's, and marked as imported; importing a file twice makes two. Runs,
/// messages, calls and plans are as they were. Pictures, live output and recorded states are not in files, and
/// instructions and limits are this instance's.
#[utoipa::path(post, path = "/conversations/import", tag = "conversations", operation_id = "import_conversation",
    request_body = ConversationExport,
    responses((status = 201, body = Conversation),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(
    State(app): State<AppState>,
    viewer: Viewer,
    File(export): File<ConversationExport>,
) -> ApiResult<(StatusCode, Json<Conversation>)> {
    let conversation = import::import(&app, viewer.user().clone(), export).await?;
    Ok((StatusCode::CREATED, Json(conversation)))
}
