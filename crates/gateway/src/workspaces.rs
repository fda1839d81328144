//! Several workspaces of one sandbox: whose they are, making and deleting them, and the tool host's side of each.
//!
//! Every instance has one, `default`, which all people share. Further ones are a person's own: rows of
//! `workspaces`, each with a directory that the tool host makes beside the others. A conversation names one for good.

mod id;
mod routes;

use slipway_protocol::api::Workspace;
use slipway_protocol::{ConversationId, Problem, UserId, WorkspaceId};
use slipway_tools::client::ToolHostClient;
use sqlx::AnyConnection;

pub use self::routes::routes;
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::{StoreError, workspaces as rows};

/// How long a workspace comes back from the trash, in ms: what the tool host keeps.
const KEPT_MS: i64 = 7 * 24 * 3600 * 1000;

/// The workspace of this name that `viewer` may use; the one that every instance has is everybody's. Somebody
/// else's is answered like one that is not there.
///
/// # Errors
/// When there is none (404), it is in the trash (409), or the database fails.
pub async fn usable(
    connection: &mut AnyConnection,
    viewer: &UserId,
    id: &WorkspaceId,
) -> Result<(), ApiError> {
    if id.is_default() {
        return Ok(());
    }
    match own(connection, viewer, id).await?.deleted_at {
        None => Ok(()),
        Some(_) => Err(gone(id).into()),
    }
}

/// A workspace of `viewer`'s, in the trash or not.
async fn own(
    connection: &mut AnyConnection,
    viewer: &UserId,
    id: &WorkspaceId,
) -> Result<Workspace, ApiError> {
    match rows::get(connection, id).await? {
        Some((workspace, owner)) if owner == *viewer => Ok(workspace),
        _ => Err(ApiError::not_found("workspace", id)),
    }
}

/// Why no run can begin in a workspace, if it is so.
///
/// # Errors
/// When the database fails.
pub async fn obstacle(
    connection: &mut AnyConnection,
    id: &WorkspaceId,
) -> Result<Option<Problem>, StoreError> {
    if id.is_default() {
        return Ok(None);
    }
    let found = rows::get(connection, id).await?;
    Ok(found.is_none_or(|(workspace, _)| workspace.deleted_at.is_some()).then(|| gone(id)))
}

/// The tool host, asked about the workspace of this conversation; `None` when it is not attached.
///
/// # Errors
/// When the database fails.
pub async fn client_of(app: &AppState, id: &ConversationId) -> Result<Option<ToolHostClient>, StoreError> {
    let mut read = app.store.read().await?;
    let workspace = rows::of_conversation(&mut read, id).await?;
    Ok(app.sandboxes.client_in(&workspace))
}

fn gone(id: &WorkspaceId) -> Problem {
    Problem::new(409, "workspace_gone", "The workspace is in the trash")
        .detail(format!("The workspace {id} was deleted."))
        .hint("Bring it back in Settings, Workspaces, within a week; or begin a new conversation in another one.")
}
