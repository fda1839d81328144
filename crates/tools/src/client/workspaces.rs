//! Several workspaces of one tool host.

use http::Method;
use slipway_protocol::id::WorkspaceId;

use super::{ClientError, ToolHostClient, empty, percent_encoded};

impl ToolHostClient {
    /// The same tool host, asked about this workspace.
    #[must_use]
    pub fn in_workspace(&self, workspace: &WorkspaceId) -> Self {
        Self { workspace: workspace.clone(), ..self.clone() }
    }

    /// Makes an empty workspace.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when there is one of this name.
    pub async fn create_workspace(&self, id: &WorkspaceId) -> Result<(), ClientError> {
        self.bytes(Method::PUT, &address(id), empty()).await.map(drop)
    }

    /// Ends what goes on in a workspace, and puts it into the trash for a week.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn trash_workspace(&self, id: &WorkspaceId) -> Result<(), ClientError> {
        self.delete(&address(id)).await
    }

    /// Brings a workspace back from the trash.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when it is not there any more.
    pub async fn restore_workspace(&self, id: &WorkspaceId) -> Result<(), ClientError> {
        self.bytes(Method::POST, &format!("{}/restore", address(id)), empty()).await.map(drop)
    }
}

fn address(id: &WorkspaceId) -> String {
    format!("/v1/workspaces/{}", percent_encoded(id.as_str()))
}
