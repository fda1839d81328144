//! `/v1/conversations/{conversation}/terminals`: the person's own shells; see [`slipway_protocol::terminal`].

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde::Deserialize;
use slipway_protocol::id::{ConversationId, TerminalId};
use slipway_protocol::terminal::{OpenTerminal, RenameTerminal, Terminal, TerminalList};

use super::Host;
use super::byte_stream::joined;
use super::problem::HostError;
use super::routes::{HostState, malformed};
use crate::terminals::TerminalError;

/// Bytes that a reader may run ahead of its connection.
const BUFFER: usize = 64 * 1024;

pub(super) fn routes() -> Router<Arc<Host>> {
    let all = "/v1/conversations/{conversation}/terminals";
    Router::new()
        .route(all, get(list).post(open))
        .route(&format!("{all}/{{terminal}}"), patch(rename).delete(close))
        .route(&format!("{all}/{{terminal}}/stream"), post(stream))
}

type Named = Path<(ConversationId, TerminalId)>;

async fn list(State(host): HostState, Path(conversation): Path<ConversationId>) -> Json<TerminalList> {
    Json(host.terminals.list(&conversation))
}

async fn open(
    State(host): HostState,
    Path(conversation): Path<ConversationId>,
    wanted: Result<Json<OpenTerminal>, JsonRejection>,
) -> Result<Json<Terminal>, HostError> {
    let Json(wanted) = wanted.map_err(|rejection| malformed(&rejection))?;
    Ok(Json(host.terminals.open(&conversation, &wanted)?))
}

async fn rename(
    State(host): HostState,
    Path((conversation, terminal)): Named,
    wanted: Result<Json<RenameTerminal>, JsonRejection>,
) -> Result<Json<Terminal>, HostError> {
    let Json(RenameTerminal { name }) = wanted.map_err(|rejection| malformed(&rejection))?;
    Ok(Json(host.terminals.rename(&conversation, &terminal, &name)?))
}

async fn close(
    State(host): HostState,
    Path((conversation, terminal)): Named,
) -> Result<StatusCode, HostError> {
    host.terminals.close(&conversation, &terminal).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct StreamQuery {
    /// Offset of the first byte wanted; all that is kept when there is none.
    from: Option<u64>,
}

async fn stream(
    State(host): HostState,
    Path((conversation, terminal)): Named,
    Query(StreamQuery { from }): Query<StreamQuery>,
    upload: Body,
) -> Result<Response, HostError> {
    let (here, there) = tokio::io::duplex(BUFFER);
    let reader = host.terminals.attend(&conversation, &terminal, from, here)?;
    host.calls.attach(reader);
    Ok(joined(&host, there, upload))
}

impl From<TerminalError> for HostError {
    fn from(error: TerminalError) -> Self {
        let (status, code, title, hint) = match &error {
            TerminalError::Missing(_) => {
                (StatusCode::NOT_FOUND, "terminal_missing", "This shell is gone", "Open a new one.")
            }
            TerminalError::TooMany(_) => (
                StatusCode::CONFLICT,
                "too_many_terminals",
                "There are too many shells",
                "Close one that you do not need.",
            ),
            TerminalError::Invalid(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_terminal",
                "A shell cannot be like this",
                "Ask for another size or name.",
            ),
            TerminalError::Start(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "terminal_failed",
                "The shell cannot be started",
                "Look at what the sandbox uses: there may be too many processes or no memory left.",
            ),
        };
        let problem = Self::new(status, code, title).detail(error.to_string());
        Self(problem.0.hint(hint))
    }
}
