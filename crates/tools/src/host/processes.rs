//! `/v1/conversations/{conversation}/processes`: what the agent's commands left running, for the person.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde::Deserialize;
use slipway_protocol::id::ConversationId;
use slipway_protocol::terminal::{ProcessList, ProcessOutput};

use super::Host;
use super::problem::HostError;
use super::routes::HostState;
use crate::process::person;

pub(super) fn routes() -> Router<Arc<Host>> {
    let all = "/v1/conversations/{conversation}/processes";
    Router::new()
        .route(all, get(list))
        .route(&format!("{all}/{{process}}"), delete(kill))
        .route(&format!("{all}/{{process}}/output"), get(output))
}

async fn list(State(host): HostState, Path(conversation): Path<ConversationId>) -> Json<ProcessList> {
    let items = person::list(&host.shells, &host.ports, &conversation).await;
    Json(ProcessList { items })
}

#[derive(Deserialize)]
struct OutputQuery {
    /// Offset of the first byte wanted.
    #[serde(default)]
    from: u64,
}

async fn output(
    State(host): HostState,
    Path((conversation, process)): Path<(ConversationId, String)>,
    Query(OutputQuery { from }): Query<OutputQuery>,
) -> Result<Json<ProcessOutput>, HostError> {
    let output = person::output(&host.shells, &conversation, &process, from).await;
    output.map(Json).ok_or_else(|| missing(&process))
}

async fn kill(
    State(host): HostState,
    Path((conversation, process)): Path<(ConversationId, String)>,
) -> Result<StatusCode, HostError> {
    match person::kill(&host.shells, &conversation, &process).await {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(missing(&process)),
    }
}

fn missing(process: &str) -> HostError {
    HostError::new(StatusCode::NOT_FOUND, "process_missing", "There is no such process")
        .detail(format!("Nothing that the agent left running has the id {process}: it has ended since."))
}
