//! Which workspace a request is about.

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use serde::Deserialize;
use slipway_protocol::WorkspaceId;
use utoipa::IntoParams;

use crate::api::ApiError;
use crate::app::AppState;
use crate::auth::Viewer;
use crate::workspaces;

/// What the query says of it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WorkspaceQuery {
    /// The workspace; the one that every instance has by default.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    workspace: WorkspaceId,
}

/// The workspace that the query names, which the asking person may use.
pub(super) struct Within(pub(super) WorkspaceId);

impl FromRequestParts<AppState> for Within {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let viewer = Viewer::from_request_parts(parts, app).await?;
        let Query(WorkspaceQuery { workspace }) = Query::from_request_parts(parts, app).await?;
        if !workspace.is_default() {
            let mut read = app.store.read().await?;
            workspaces::usable(&mut read, viewer.user(), &workspace).await?;
        }
        Ok(Self(workspace))
    }
}
