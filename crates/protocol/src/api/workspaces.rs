//! Workspaces of an instance.

use serde::{Deserialize, Serialize};

use crate::id::WorkspaceId;

/// A workspace: a directory in the sandbox with files, checkpoints and open files of its own. Conversations name one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Workspace {
    /// Its id, which is the name of its directory; `default` for the one that every instance has.
    pub id: WorkspaceId,
    /// What the person calls it; empty for the one that every instance has.
    pub name: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was put into the trash, from where it comes back for a week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<i64>,
}

/// `GET /workspaces`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WorkspaceList {
    /// The one that every instance has, then the person's own, the oldest first; those in the trash at the end.
    pub items: Vec<Workspace>,
    /// Whether the sandbox that is attached can have further ones, and the person may make them.
    pub can_create: bool,
}

/// `POST /workspaces` and `PATCH /workspaces/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameWorkspace {
    /// What it is to be called: one line of at most 60 characters.
    pub name: String,
}
