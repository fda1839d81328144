//! `/workspace`: the person's own way to the files in the sandbox. The tool host does the work; this gateway checks who
//! asks, bounds what is sent, and passes bytes on as they come, without ever touching the directory itself.

mod bounded;
mod browse;
mod change;
mod clones;
mod download;
mod follow;
mod git;
mod place;
mod upload;
mod write;

use http::StatusCode;
use slipway_protocol::{Problem, WorkspaceId};
use slipway_tools::client::{ClientError, ToolHostClient};
use utoipa_axum::router::OpenApiRouter;

pub use self::clones::Clones;
pub use self::follow::follow_changes;
use crate::api::{ApiError, ApiResult};
use crate::app::AppState;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(browse::routes())
        .merge(write::routes())
        .merge(change::routes())
        .merge(upload::routes())
        .merge(download::routes())
        .merge(clones::routes())
        .merge(git::routes())
}

/// The tool host, asked about a workspace.
pub(crate) fn client(app: &AppState, workspace: &WorkspaceId) -> ApiResult<ToolHostClient> {
    app.sandboxes.client_in(workspace).ok_or_else(|| {
        Problem::new(503, "sandbox_not_attached", "The sandbox is not there")
            .detail("The workspace is reached through the tool host, and none is attached to this gateway.")
            .hint("It attaches by itself within seconds; if not, look at `slipway logs`.")
            .into()
    })
}

/// What the tool host said, in its own words where it has some.
pub(crate) fn failed(error: ClientError) -> ApiError {
    match error {
        ClientError::Refused { problem, status, .. }
            if status != StatusCode::NOT_FOUND || is_file(&problem) =>
        {
            ApiError::Problem(*problem)
        }
        ClientError::Refused { .. } => {
            Problem::new(502, "sandbox_too_old", "The sandbox is of another version of Slipway")
                .detail("Its tool host does not know how to do this.")
                .hint("Make it anew: `slipway reset`, or in the settings of the sandbox.")
                .into()
        }
        error => Problem::new(502, "sandbox_failed", "The sandbox did not do this")
            .detail(error.to_string())
            .hint("Try again; if it keeps failing, look at the sandbox's log with `slipway logs`.")
            .into(),
    }
}

fn is_file(problem: &Problem) -> bool {
    ["file_missing", "workspace_missing"].contains(&problem.code.as_str())
}
