//! Finding files by what their paths are like.

use slipway_protocol::workspace::FoundFiles;
use tokio_util::sync::CancellationToken;

use super::FileError;
use crate::search::{paths, walk};
use crate::workspace::{Access, Workspace};

/// Paths that are told by default, and at most.
const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 200;

/// The files whose paths hold the characters of `query` in that order, best first; without a query all, by path. What
/// ignore files name is left out.
///
/// # Errors
/// When the workspace is not there.
pub fn find(workspace: &Workspace, query: &str, limit: Option<usize>) -> Result<FoundFiles, FileError> {
    let root = workspace.resolve_inside("", Access::Read)?.absolute;
    let (mut files, _) = walk::some_files(&root, &root, paths::MAX_FILES, &CancellationToken::new());
    let query = query.trim();
    let found = if query.is_empty() {
        files.sort_unstable();
        files.iter().map(|path| path.to_string_lossy().into_owned()).collect()
    } else {
        paths::by_likeness(query, &files)
    };
    let shown = limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let more = found.len().saturating_sub(shown) as u64;
    Ok(FoundFiles { paths: found.into_iter().take(shown).collect(), more })
}
