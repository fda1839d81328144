//! People and what they may do.

use serde::{Deserialize, Serialize};

/// What somebody may do; each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look: at their own conversations, the workspace and the desktop.
    Viewer,
    /// Work: start conversations, change files, drive the desktop.
    Member,
    /// Decide for the instance: settings, providers and their keys, the sandbox, people.
    Admin,
}
