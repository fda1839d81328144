//! `/conversations/{id}/draft` and `/account/draft`: what a person has typed and not sent yet, for all their browsers.

use axum::Json;
use axum::extract::State;
use slipway_protocol::Problem;
use slipway_protocol::api::Draft;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, Own};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;

/// Longest draft, in bytes.
const MAX_TEXT: usize = 256 << 10;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, save)).routes(routes!(read_new, save_new))
}

/// Gives what you have typed and not sent; an empty text where that is nothing.
#[utoipa::path(get, path = "/conversations/{id}/draft", tag = "messages", operation_id = "get_draft",
    params(("id" = String, Path)),
    responses((status = 200, body = Draft),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>, viewer: Viewer, Own(id): Own) -> ApiResult<Json<Draft>> {
    Ok(Json(app.store.draft(viewer.user(), Some(&id)).await?))
}

/// Keeps what you have typed, unless something newer is there; answers with the one that is there then.
#[utoipa::path(put, path = "/conversations/{id}/draft", tag = "messages", operation_id = "save_draft",
    params(("id" = String, Path)), request_body = Draft,
    responses((status = 200, body = Draft),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save(
    State(app): State<AppState>,
    viewer: Viewer,
    Own(id): Own,
    JsonBody(draft): JsonBody<Draft>,
) -> ApiResult<Json<Draft>> {
    check(&draft)?;
    Ok(Json(app.store.save_draft(viewer.user(), Some(&id), &draft).await?))
}

/// Gives what you have typed for a new conversation.
#[utoipa::path(get, path = "/account/draft", tag = "messages", operation_id = "get_new_draft",
    responses((status = 200, body = Draft),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read_new(State(app): State<AppState>, viewer: Viewer) -> ApiResult<Json<Draft>> {
    Ok(Json(app.store.draft(viewer.user(), None).await?))
}

/// Keeps what you have typed for a new conversation, as for one that is there.
#[utoipa::path(put, path = "/account/draft", tag = "messages", operation_id = "save_new_draft",
    request_body = Draft,
    responses((status = 200, body = Draft),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save_new(
    State(app): State<AppState>,
    viewer: Viewer,
    JsonBody(draft): JsonBody<Draft>,
) -> ApiResult<Json<Draft>> {
    check(&draft)?;
    Ok(Json(app.store.save_draft(viewer.user(), None, &draft).await?))
}

fn check(draft: &Draft) -> ApiResult<()> {
    if draft.text.len() > MAX_TEXT {
        return Err(ApiError::invalid("The text is longer than 262144 bytes."));
    }
    Ok(())
}
