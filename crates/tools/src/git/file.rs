//! One file that is not committed, on both sides.

use std::ffi::OsString;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use slipway_protocol::api::{DiffNote, FileChange, FileChangeKind};
use slipway_protocol::git::UncommittedFile;

use super::as_owner;
use super::command::{Git, GitError};
use super::content::{self, Content};
use super::repositories::repositories;
use super::uncommitted::below;
use crate::workspace::Workspace;

/// A file as it was committed, under `old_path` if it has been renamed since, and as it is. `None` when it is on neither
/// side, or in no repository.
///
/// # Errors
/// When git does not tell.
pub async fn uncommitted_file(
    workspace: &Arc<Workspace>,
    environment: &[(OsString, OsString)],
    path: &str,
    old_path: Option<&str>,
) -> Result<Option<UncommittedFile>, GitError> {
    let found = as_owner(workspace, repositories).await.repositories;
    let Some(repository) = found.iter().find(|one| below(one, path).is_some()) else { return Ok(None) };
    let Some(before_path) = below(repository, old_path.unwrap_or(path)) else { return Ok(None) };
    let git = Git::open(workspace, environment, &repository.path).await?;
    let before = content::committed(&git, before_path).await?;
    let wanted = path.to_owned();
    let after = as_owner(workspace, move |workspace| content::now(workspace, &wanted)).await;
    let kind = match (&before, &after) {
        (Content::None, Content::None) => return Ok(None),
        (Content::None, _) => FileChangeKind::Added,
        (_, Content::None) => FileChangeKind::Deleted,
        _ if old_path.is_some() => FileChangeKind::Renamed,
        _ => FileChangeKind::Modified,
    };
    let is_large = [&before, &after].contains(&&Content::TooLarge);
    let change = FileChange {
        path: path.to_owned(),
        old_path: old_path.map(str::to_owned),
        kind,
        additions: None,
        deletions: None,
        note: is_large.then_some(DiffNote::TooLarge),
        old_mode: None,
        new_mode: None,
        conflict: false,
    };
    Ok(Some(UncommittedFile { change, before: encoded(before), after: encoded(after) }))
}

fn encoded(content: Content) -> String {
    match content {
        Content::Bytes(bytes) => BASE64_STANDARD.encode(bytes),
        Content::None | Content::TooLarge => String::new(),
    }
}
