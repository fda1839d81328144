//! Telling of changes in directories and repositories that somebody looks at.

use futures::StreamExt as _;
use slipway_protocol::event::EventBody;
use slipway_protocol::workspace::ChangedDirectories;
use slipway_tools::client::{ClientError, ToolHostClient};

use crate::app::AppState;
use crate::store::{StoreError, workspaces};

/// Turns the tool host's notices into events, for as long as it is attached.
pub async fn follow_changes(app: &AppState, client: &ToolHostClient) {
    let notices = match client.workspace_changes().await {
        Ok(notices) => notices,
        Err(ClientError::Disconnected(_)) => return,
        Err(error) => {
            tracing::warn!(%error, "the tool host does not tell of changed files");
            return;
        }
    };
    tokio::pin!(notices);
    while let Some(Ok(notice)) = notices.next().await {
        if let Err(error) = tell(app, notice).await {
            tracing::warn!(%error, "a change of files was not recorded");
        }
    }
}

async fn tell(app: &AppState, changed: ChangedDirectories) -> Result<(), StoreError> {
    let ChangedDirectories { workspace, directories, git } = changed;
    let files = (!directories.is_empty()).then_some(EventBody::FilesChanged { paths: directories });
    let git = git.map(|git| EventBody::GitChanged { workspace: workspace.clone(), git });
    let mut write = app.store.write().await?;
    let owner = workspaces::get(write.connection(), &workspace).await?.map(|(_, owner)| owner);
    for body in files.into_iter().chain(git) {
        match &owner {
            _ if workspace.is_default() => write.record(None, body).await?,
            Some(owner) => write.record_to(owner, body).await?,
            None => {}
        }
    }
    write.commit().await
}
