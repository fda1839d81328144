//! Cloning repositories into the workspace: started, looked at and stopped by the person; the tool host does it.
//!
//! A user name and token in an address go to the tool host for this one clone and are kept nowhere: what is shown and
//! logged is the address without them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::State;
use futures::StreamExt as _;
use http::StatusCode;
use serde::Deserialize;
use slipway_protocol::workspace::{CloneLine, CloneRepository, CloneState, CloneStatus};
use slipway_protocol::{Problem, WorkspaceId};
use slipway_tools::client::{ClientError, ToolHostClient};
use slipway_tools::workspace_files::RepositoryAddress;
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::place::{Within, WorkspaceQuery};
use super::{client, failed};
use crate::api::extract::{JsonBody, PathParts, PathValue, QueryParts};
use crate::api::pages::{self, Part, PartQuery};
use crate::api::{ApiError, ApiResult};
use crate::app::AppState;

/// Clones at a time, and how many are remembered when they are over.
const MAX_RUNNING: usize = 4;
const MAX_REMEMBERED: usize = 20;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, start)).routes(routes!(stop))
}

/// The clones of this gateway, the newest last. Cheap to clone.
#[derive(Clone, Default)]
pub struct Clones(Arc<Mutex<Vec<Cloning>>>);

struct Cloning {
    workspace: WorkspaceId,
    status: CloneStatus,
    stop: CancellationToken,
}

impl Clones {
    fn lock(&self) -> MutexGuard<'_, Vec<Cloning>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut CloneStatus)) {
        if let Some(clone) = self.lock().iter_mut().find(|clone| clone.status.id == id) {
            change(&mut clone.status);
        }
    }

    /// Whether one goes on in this workspace.
    pub fn are_running_in(&self, workspace: &WorkspaceId) -> bool {
        let is_running = |clone: &Cloning| clone.status.state == CloneState::Running;
        self.lock().iter().any(|clone| clone.workspace == *workspace && is_running(clone))
    }

    fn add(&self, workspace: &WorkspaceId, status: CloneStatus) -> Result<CancellationToken, Problem> {
        let mut all = self.lock();
        let running = all.iter().filter(|clone| clone.status.state == CloneState::Running).count();
        if running >= MAX_RUNNING {
            return Err(Problem::new(409, "too_many_clones", "Enough repositories are being cloned")
                .detail(format!("At most {MAX_RUNNING} go on at a time."))
                .hint("Wait until one is done, or stop one."));
        }
        if all.len() >= MAX_REMEMBERED
            && let Some(old) = all.iter().position(|clone| clone.status.state != CloneState::Running)
        {
            all.remove(old);
        }
        let stop = CancellationToken::new();
        all.push(Cloning { workspace: workspace.clone(), status, stop: stop.clone() });
        Ok(stop)
    }
}

/// Lists the clones that go on, and the last ones that are over.
#[utoipa::path(get, path = "/workspace/clones", tag = "workspace", operation_id = "list_workspace_clones",
    params(WorkspaceQuery, PartQuery),
    responses((status = 200, body = Vec<CloneStatus>),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(query): QueryParts<PartQuery>,
) -> ApiResult<Part<CloneStatus>> {
    let limit = pages::limit(query.limit, pages::MOST, pages::MOST)?;
    let all = app.clones.lock();
    let there = all.iter().filter(|clone| clone.workspace == workspace);
    let there = there.map(|clone| clone.status.clone()).collect();
    Part::behind(there, query.after.as_deref(), limit, |clone: &CloneStatus| clone.id.clone())
}

/// Begins to clone a repository into a directory that does not exist yet. Submodules are not fetched and hooks not
/// run; a user name and token in the address are used for this and kept nowhere.
#[utoipa::path(post, path = "/workspace/clones", tag = "workspace", operation_id = "clone_repository",
    params(WorkspaceQuery), request_body = CloneRepository,
    responses((status = 202, body = CloneStatus),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn start(
    State(app): State<AppState>,
    Within(workspace): Within,
    JsonBody(request): JsonBody<CloneRepository>,
) -> ApiResult<(StatusCode, Json<CloneStatus>)> {
    let address = RepositoryAddress::parse(&request.url).map_err(|error| error.problem())?;
    let path = request.path.clone().filter(|path| !path.trim().is_empty()).unwrap_or_else(|| address.name());
    let client = client(&app, &workspace)?;
    let status = CloneStatus {
        id: uuid::Uuid::now_v7().simple().to_string(),
        url: address.shown().to_owned(),
        path: path.clone(),
        state: CloneState::Running,
        phase: String::new(),
        percent: None,
        problem: None,
    };
    let stop = app.clones.add(&workspace, status.clone())?;
    let (clones, id, shutdown) = (app.clones.clone(), status.id.clone(), app.shutdown.clone());
    let request = CloneRepository { path: Some(path), ..request };
    app.tasks.spawn(async move {
        tokio::select! {
            () = follow(&clones, &id, &client, &request) => {}
            () = stop.cancelled() => {
                // Dropping the stream has the tool host end git and clean up.
                clones.change(&id, |status| status.state = CloneState::Cancelled);
            }
            () = shutdown.cancelled() => {}
        }
    });
    Ok((StatusCode::ACCEPTED, Json(status)))
}

async fn follow(clones: &Clones, id: &str, client: &ToolHostClient, request: &CloneRepository) {
    let lines = match client.clone_repository(request).await {
        Ok(lines) => lines,
        Err(error) => return fail(clones, id, failed(error)),
    };
    tokio::pin!(lines);
    while let Some(line) = lines.next().await {
        match line {
            Ok(CloneLine::Progress { phase, percent }) => clones.change(id, |status| {
                status.phase = phase;
                status.percent = percent;
            }),
            Ok(CloneLine::Done) => return clones.change(id, |status| status.state = CloneState::Done),
            Ok(CloneLine::Failed { problem }) => return fail(clones, id, problem.into()),
            Err(error) => return fail(clones, id, failed(error)),
        }
    }
    fail(clones, id, failed(ClientError::Incomplete));
}

fn fail(clones: &Clones, id: &str, error: ApiError) {
    clones.change(id, |status| {
        status.state = CloneState::Failed;
        status.problem = Some(error.into_problem());
    });
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ClonePath {
    id: String,
}

impl PathValue for ClonePath {}

/// Stops a clone; nothing of it is left. One that is over is forgotten.
#[utoipa::path(delete, path = "/workspace/clones/{id}", tag = "workspace", operation_id = "stop_workspace_clone",
    params(ClonePath, WorkspaceQuery),
    responses((status = 204, description = "It is stopped, or forgotten"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn stop(
    State(app): State<AppState>,
    Within(workspace): Within,
    PathParts(ClonePath { id }): PathParts<ClonePath>,
) -> ApiResult<StatusCode> {
    let mut all = app.clones.lock();
    let Some(at) = all.iter().position(|clone| clone.status.id == id && clone.workspace == workspace) else {
        return Err(ApiError::not_found("clone", id));
    };
    match all.get(at) {
        Some(clone) if clone.status.state == CloneState::Running => clone.stop.cancel(),
        _ => drop(all.remove(at)),
    }
    Ok(StatusCode::NO_CONTENT)
}
