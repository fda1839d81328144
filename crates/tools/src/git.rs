//! Git repositories in a workspace: which there are, where they stand, and what is not committed there.
//!
//! A repository may come from anywhere, and its configuration may name programs for git to run. Where one stands is
//! therefore read from git's files, so that nothing runs at all; for the rest git is asked in a way in which it follows no
//! such setting (`command`).

mod command;
mod content;
mod counts;
mod file;
pub(crate) mod group;
mod repositories;
mod status;
mod uncommitted;
mod watch;

use std::sync::Arc;

pub use self::command::GitError;
pub use self::file::uncommitted_file;
pub use self::repositories::repositories;
pub use self::uncommitted::uncommitted;
pub use self::watch::WatchedGit;
use crate::workspace::Workspace;

/// Runs file work on the blocking pool, as the workspace's owner.
async fn as_owner<R: Send + 'static>(
    workspace: &Arc<Workspace>,
    work: impl FnOnce(&Workspace) -> R + Send + 'static,
) -> R {
    let workspace = Arc::clone(workspace);
    match tokio::task::spawn_blocking(move || workspace.as_owner(|| work(&workspace))).await {
        Ok(result) => result,
        Err(failure) => std::panic::resume_unwind(failure.into_panic()),
    }
}
