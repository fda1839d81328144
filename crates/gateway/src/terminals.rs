//! The person's own shells in the sandbox, and what the agent's commands left running there. The tool host has both; this
//! gateway checks who asks, and passes on. Neither the model nor the event log hears of what happens in these shells.

mod bridge;
mod processes;
mod stream;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use slipway_protocol::terminal::{OpenTerminal, RenameTerminal, Terminal, TerminalList};
use slipway_protocol::{ConversationId, Problem, TerminalId};
use slipway_tools::client::{ClientError, ToolHostClient};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use self::stream::api_routes;
use crate::api::extract::{JsonBody, Own, PathParts, PathValue};
use crate::api::{ApiError, ApiResult};
use crate::app::AppState;
use crate::store::workspaces as rows;
use crate::{workspace, workspaces};

/// What the tool host refuses in words for the person.
const TOLD: [&str; 5] =
    ["terminal_missing", "too_many_terminals", "invalid_terminal", "terminal_failed", "process_missing"];

/// The routes, without the prefix `/api/v1`, that the document describes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, open)).routes(routes!(rename, close)).merge(processes::routes())
}

#[derive(Deserialize)]
struct TerminalPath {
    terminal_id: TerminalId,
}

impl PathValue for TerminalPath {}

/// Lists your shells in the conversation's workspace, the oldest first. They end when the sandbox is started anew.
#[utoipa::path(get, path = "/conversations/{id}/terminals", tag = "terminals", operation_id = "list_terminals",
    params(("id" = String, Path)),
    responses((status = 200, body = TerminalList),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<AppState>, Own(id): Own) -> ApiResult<Json<TerminalList>> {
    Ok(Json(client(&app, &id).await?.terminals(&id).await.map_err(failed)?))
}

/// Opens a shell in the conversation's workspace: as the user that the agent's shell is, with the same environment. Its
/// stream is a WebSocket at `/conversations/{id}/terminals/{terminal_id}/stream`.
#[utoipa::path(post, path = "/conversations/{id}/terminals", tag = "terminals", operation_id = "open_terminal",
    params(("id" = String, Path)), request_body = OpenTerminal,
    responses((status = 201, body = Terminal),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "There are too many"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn open(
    State(app): State<AppState>,
    Own(id): Own,
    JsonBody(wanted): JsonBody<OpenTerminal>,
) -> ApiResult<(StatusCode, Json<Terminal>)> {
    let opened = client(&app, &id).await?.open_terminal(&id, &wanted).await.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(opened)))
}

/// Renames a shell.
#[utoipa::path(patch, path = "/conversations/{id}/terminals/{terminal_id}", tag = "terminals",
    operation_id = "rename_terminal", params(("id" = String, Path), ("terminal_id" = String, Path)),
    request_body = RenameTerminal,
    responses((status = 200, body = Terminal),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn rename(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<TerminalPath>,
    JsonBody(wanted): JsonBody<RenameTerminal>,
) -> ApiResult<Json<Terminal>> {
    let client = client(&app, &id).await?;
    Ok(Json(client.rename_terminal(&id, &path.terminal_id, &wanted).await.map_err(failed)?))
}

/// Closes a shell: it ends with everything that it started, and what it printed is forgotten.
#[utoipa::path(delete, path = "/conversations/{id}/terminals/{terminal_id}", tag = "terminals",
    operation_id = "close_terminal", params(("id" = String, Path), ("terminal_id" = String, Path)),
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn close(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<TerminalPath>,
) -> ApiResult<StatusCode> {
    client(&app, &id).await?.close_terminal(&id, &path.terminal_id).await.map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The tool host, asked about the workspace of a conversation.
async fn client(app: &AppState, id: &ConversationId) -> ApiResult<ToolHostClient> {
    let mut read = app.store.read().await?;
    let place = rows::of_conversation(&mut read, id).await?;
    if let Some(problem) = workspaces::obstacle(&mut read, &place).await? {
        return Err(problem.into());
    }
    workspace::client(app, &place)
}

/// What the tool host said, in its own words where it has some.
fn failed(error: ClientError) -> ApiError {
    match error {
        ClientError::Refused { problem, .. } if TOLD.contains(&problem.code.as_str()) => {
            ApiError::Problem(*problem)
        }
        error => workspace::failed(error),
    }
}
