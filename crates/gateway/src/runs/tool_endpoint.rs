//! The tools of a run, as engines call them, under `/runs/{run_id}/v1/…`: each run has a token of its own.
//!
//! A call is let through only when the answer that asks for it is in the transcript, and only after the
//! intent is recorded; so after a crash nobody has to guess whether something may have been executed.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use futures::StreamExt;
use http::request::Parts;
use http::{StatusCode, header};
use serde::Deserialize;
use slipway_fail_points::{Point, reach};
use slipway_protocol::tool::{ToolInvocation, ToolList, ToolStreamItem};
use slipway_protocol::view::{RefreshViews, RefreshedViews};
use slipway_protocol::{ImageId, InvocationId, Problem, RunId};
use slipway_tools::client::{ClientError, ToolHostClient};

use super::active::ActiveRun;
use super::approving::{self, Admission};
use super::open_call::{HANG_UP_LIMIT, OpenCall, line};
use super::patience::{again, storage_problem};
use super::{pictures, stop_call};
use crate::api::extract::{JsonBody, PathParts, PathValue};
use crate::api::{ApiError, ApiResult};
use crate::app::AppState;
use crate::checkpoints;
use crate::store::StoreError;
use crate::store::runs::{self, Intent};
use crate::web_search;

/// How long a call waits until the answer that asks for it is recorded.
const FENCE_LIMIT: Duration = Duration::from_secs(5);
/// How long a call waits for a sandbox that is away, for example while it restarts.
const SANDBOX_LIMIT: Duration = Duration::from_secs(5);
/// Longest request: arguments may hold whole files.
const MAX_BODY: usize = 64 << 20;

/// The routes, for a listener of their own: their only guard is the run's token.
pub fn router(app: AppState) -> Router {
    Router::new()
        .route("/runs/{run_id}/v1/tools", get(list))
        .route("/runs/{run_id}/v1/tools/{name}", post(call))
        .route("/runs/{run_id}/v1/calls/{invocation_id}", delete(cancel))
        .route("/runs/{run_id}/v1/views", post(refresh_views))
        .route("/runs/{run_id}/v1/images/{image_id}", get(picture))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(app)
}

/// The run whose token the request carries.
struct Authorised(Arc<ActiveRun>);

#[derive(Deserialize)]
struct RunPath {
    run_id: RunId,
}

impl PathValue for RunPath {}

#[derive(Deserialize)]
struct ToolPath {
    name: String,
}

impl PathValue for ToolPath {}

#[derive(Deserialize)]
struct ImagePath {
    image_id: ImageId,
}

impl PathValue for ImagePath {}

#[derive(Deserialize)]
struct CallPath {
    invocation_id: InvocationId,
}

impl PathValue for CallPath {}

impl FromRequestParts<AppState> for Authorised {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let id = run_of(parts, app).await?;
        accepted(parts, app.runs.get(&id)).map(Self).ok_or_else(unknown_run)
    }
}

/// The run whose token the request carries, which may be one that somebody only imagines: nothing is done for it, and
/// what it is shown does not count as shown.
struct Looking {
    run: Arc<ActiveRun>,
    only: bool,
}

impl FromRequestParts<AppState> for Looking {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let id = run_of(parts, app).await?;
        if let Some(run) = accepted(parts, app.runs.get(&id)) {
            return Ok(Self { run, only: false });
        }
        let run = accepted(parts, app.runs.imagined(&id)).ok_or_else(unknown_run)?;
        Ok(Self { run, only: true })
    }
}

async fn run_of(parts: &mut Parts, app: &AppState) -> Result<RunId, ApiError> {
    let PathParts(RunPath { run_id }) = PathParts::from_request_parts(parts, app).await?;
    Ok(run_id)
}

/// The run, if the request carries its token.
fn accepted(parts: &Parts, run: Option<Arc<ActiveRun>>) -> Option<Arc<ActiveRun>> {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "))?;
    run.filter(|run| run.accepts(token))
}

/// The same answer whether the run or the token is wrong.
fn unknown_run() -> ApiError {
    Problem::new(401, "run_unknown", "This run is not going on, or the token is wrong").into()
}

async fn list(State(app): State<AppState>, Looking { run, .. }: Looking) -> ApiResult<Json<ToolList>> {
    let mut list = sandbox(&app, &run).await?.tools().await.map_err(failed)?;
    list.tools.push(web_search::spec());
    run.set_tools(&list.tools);
    Ok(Json(list))
}

async fn refresh_views(
    State(app): State<AppState>,
    Looking { run, only }: Looking,
    JsonBody(mut refresh): JsonBody<RefreshViews>,
) -> ApiResult<Json<RefreshedViews>> {
    refresh.only_look = only;
    if !run.conversation_id.covers(&refresh.conversation_id) {
        return Err(foreign());
    }
    let refreshed = sandbox(&app, &run).await?.refresh_views(&refresh).await.map_err(failed)?;
    if run.stop.is_cancelled() {
        return Err(stopping().await);
    }
    Ok(Json(refreshed))
}

async fn picture(
    State(app): State<AppState>,
    Authorised(run): Authorised,
    PathParts(ImagePath { image_id }): PathParts<ImagePath>,
) -> ApiResult<Response> {
    pictures::answer(&app.store, &run.conversation_id, &image_id).await
}

async fn cancel(
    State(app): State<AppState>,
    Authorised(run): Authorised,
    PathParts(CallPath { invocation_id }): PathParts<CallPath>,
) -> ApiResult<StatusCode> {
    if let Some(client) = app.sandboxes.client_in(&run.workspace) {
        client.cancel(&invocation_id).await.map_err(failed)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn call(
    State(app): State<AppState>,
    Authorised(run): Authorised,
    PathParts(ToolPath { name }): PathParts<ToolPath>,
    JsonBody(invocation): JsonBody<ToolInvocation>,
) -> ApiResult<Response> {
    if !run.conversation_id.covers(&invocation.conversation_id) {
        return Err(foreign());
    }
    tokio::select! {
        () = run.stop.cancelled() => return Err(stopping().await),
        fence = tokio::time::timeout(FENCE_LIMIT, run.allowed(&invocation.call_id)) => {
            fence.map_err(|_elapsed| unknown_call(&invocation))?;
        }
    }
    reach(Point::CallFenced);
    let stop = run.stop_of(&invocation.call_id);
    if let Some(item) = admitted(&app, &run, &name, &invocation).await?.instead() {
        return only(&item);
    }
    let client = if name == web_search::NAME { None } else { Some(sandbox(&app, &run).await?) };
    if client.is_some() && run.may_change(&name) {
        tokio::select! {
            () = run.stop.cancelled() => return Err(stopping().await),
            () = checkpoints::before_call(&app, &run, invocation.step) => {}
        }
    }
    if stop.is_cancelled() {
        return only(&ToolStreamItem::Result(Box::new(stop_call::not_begun())));
    }
    reach(Point::CallStateRecorded);
    if !intend(&app, &run, &name, &invocation).await? {
        return Err(repeated(&invocation));
    }
    reach(Point::CallIntended);
    let turn = app.desktop.begin(&name, &invocation);
    let items = match (&client, turn.refusal()) {
        (_, Some(outcome)) => {
            let refused = ToolStreamItem::Result(Box::new(outcome));
            futures::stream::once(std::future::ready(Ok(refused))).boxed()
        }
        (Some(client), None) => client.invoke(&name, &invocation).boxed(),
        (None, None) => {
            let (app, arguments) = (app.clone(), invocation.arguments);
            let answer = async move {
                let outcome = web_search::answer(&app, arguments).await;
                Ok(ToolStreamItem::Result(Box::new(outcome)))
            };
            futures::stream::once(answer).boxed()
        }
    };
    let call = OpenCall { app, client, turn, name, invocation_id: invocation.invocation_id, run, stop };
    let body = Body::from_stream(call.forward(items));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

/// An answer of one line: nothing is carried out.
fn only(item: &ToolStreamItem) -> Result<Response, ApiError> {
    let body = line(item).map_err(ApiError::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from(body)).into_response())
}

/// Whether a call is made, once that can be read.
async fn admitted(
    app: &AppState,
    run: &ActiveRun,
    tool: &str,
    invocation: &ToolInvocation,
) -> Result<Admission, StoreError> {
    loop {
        let attempt = approving::admit(app, run, tool, invocation).await;
        if !again(app, run, storage_problem(&attempt)).await {
            return attempt;
        }
    }
}

/// Records that a call is about to be executed; `false` when that execution was recorded before.
async fn intend(
    app: &AppState,
    run: &ActiveRun,
    tool: &str,
    invocation: &ToolInvocation,
) -> Result<bool, StoreError> {
    let intent = Intent {
        invocation_id: &invocation.invocation_id,
        conversation_id: &run.conversation_id,
        run_id: &run.id,
        call_id: &invocation.call_id,
        tool,
    };
    loop {
        let attempt = runs::begin_call(&app.store, &intent).await;
        if !again(app, run, storage_problem(&attempt)).await {
            return attempt;
        }
    }
}

/// The tool host, asked about the run's workspace.
async fn sandbox(app: &AppState, run: &ActiveRun) -> Result<ToolHostClient, Problem> {
    if let Some(client) = app.sandboxes.client_in(&run.workspace) {
        return Ok(client);
    }
    app.sandboxes.wait_for_client(SANDBOX_LIMIT).await;
    app.sandboxes.client_in(&run.workspace).ok_or_else(|| {
        Problem::new(503, "sandbox_unavailable", "The sandbox is not there")
            .detail("No tool host is attached.")
            .hint("Check the sandbox with `slipway ps` and `slipway logs`, then press Continue.")
    })
}

fn failed(error: ClientError) -> ApiError {
    match error {
        ClientError::Refused { problem, .. } => ApiError::Problem(*problem),
        other => Problem::new(502, "sandbox_failed", "The sandbox did not do this")
            .detail(other.to_string())
            .hint("Check the sandbox with `slipway ps` and `slipway logs`.")
            .into(),
    }
}

fn foreign() -> ApiError {
    Problem::new(403, "foreign_conversation", "The run belongs to another conversation").into()
}

/// What a stopped run is told, if its engine is still there to hear it.
async fn stopping() -> ApiError {
    tokio::time::sleep(HANG_UP_LIMIT).await;
    Problem::new(409, "run_stopping", "The run is being stopped").into()
}

fn unknown_call(invocation: &ToolInvocation) -> ApiError {
    Problem::new(409, "call_not_recorded", "The answer that asks for this call has not arrived")
        .detail(format!("No entry holds the call {}.", invocation.call_id))
        .into()
}

fn repeated(invocation: &ToolInvocation) -> ApiError {
    Problem::new(409, "call_repeated", "This call was let through before, and is never executed twice")
        .detail(format!("Its invocation is {}.", invocation.invocation_id))
        .into()
}
