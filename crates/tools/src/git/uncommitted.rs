//! The list of what is not committed in the repositories of a workspace.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;

use slipway_protocol::api::FileChange;
use slipway_protocol::git::{Repository, UncommittedChanges};
use slipway_protocol::problem::Problem;

use super::command::{Git, GitError};
use super::repositories::repositories;
use super::status::{self, Status};
use super::{as_owner, counts};
use crate::workspace::{Access, Workspace};
use crate::workspace_files::AREA;

/// Files on one page.
const PAGE: usize = 100;
/// Most bytes of git's list of the files of a repository: some ten thousands.
const MAX_LIST: usize = 4 << 20;
/// What git is asked. Of a submodule only the commit counts: looking into it would follow its configuration.
const STATUS: [&str; 8] = [
    "status",
    "--porcelain=v2",
    "-z",
    "--branch",
    "--no-ahead-behind",
    "--untracked-files=all",
    "--ignore-submodules=dirty",
    "--find-renames",
];

/// A repository that was looked at.
pub(super) struct Looked<'a> {
    pub(super) git: Git<'a>,
    pub(super) repository: &'a Repository,
    pub(super) status: Status,
    is_cut: bool,
    /// Stands for what git said.
    digest: u64,
}

/// A page of what is not committed, of paths after `after`. `environment` is what the shells get. What is wrong with one
/// repository is told in the answer.
pub async fn uncommitted(
    workspace: &Arc<Workspace>,
    environment: &[(OsString, OsString)],
    after: Option<&str>,
) -> UncommittedChanges {
    let found = as_owner(workspace, repositories).await;
    let (mut looked, mut problems) = (Vec::new(), Vec::new());
    for repository in &found.repositories {
        match look(workspace, environment, repository).await {
            Ok(one) => looked.push(one),
            Err(error) => problems.push(problem(repository, &error)),
        }
    }
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for (number, one) in looked.iter().enumerate() {
        all.extend(one.status.files.keys().map(|path| (within(one.repository, path), number)));
    }
    all.retain(|path, _| path != AREA && !path.starts_with(&format!("{AREA}/")));
    let total = all.len() as u64;
    let state = state(workspace, &looked, all.keys().cloned().collect()).await;
    let mut rest = all.into_iter().filter(|(path, _)| after.is_none_or(|after| path.as_str() > after));
    let page: Vec<(String, usize)> = rest.by_ref().take(PAGE).collect();
    let next = rest.next().and_then(|_more| page.last()).map(|(path, _)| path.clone());
    let mut files = Vec::with_capacity(page.len());
    for (number, one) in looked.iter().enumerate() {
        let own = page.iter().filter(|(_, of)| *of == number).map(|(path, _)| path);
        let own = own.filter_map(|path| one.status.files.get(below(one.repository, path)?));
        let counted = counts::counted(workspace, one, own.cloned().collect()).await;
        files.extend(counted.into_iter().map(|change| in_workspace(one.repository, change)));
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let is_cut = found.more > 0 || looked.iter().any(|one| one.is_cut);
    UncommittedChanges {
        repositories: found.repositories.clone(),
        state,
        total,
        is_cut,
        files,
        next,
        problems,
    }
}

async fn look<'a>(
    workspace: &'a Arc<Workspace>,
    environment: &'a [(OsString, OsString)],
    repository: &'a Repository,
) -> Result<Looked<'a>, GitError> {
    let git = Git::open(workspace, environment, &repository.path).await?;
    let printed = git.print(STATUS, MAX_LIST).await?;
    // What follows the last whole record is the beginning of one.
    let whole = printed.bytes.iter().rposition(|byte| *byte == 0).map_or(0, |last| last + 1);
    let bytes = printed.bytes.get(..whole).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Ok(Looked {
        git,
        repository,
        status: status::parse(bytes),
        is_cut: printed.is_cut,
        digest: hasher.finish(),
    })
}

/// Names the state of these files: what git said, and when each was changed.
async fn state(workspace: &Arc<Workspace>, looked: &[Looked<'_>], paths: Vec<String>) -> String {
    let mut hasher = DefaultHasher::new();
    for one in looked {
        one.digest.hash(&mut hasher);
    }
    let state = as_owner(workspace, move |workspace| {
        for path in &paths {
            let place = workspace.resolve_entry_inside(path, Access::Read).ok();
            let metadata = place.and_then(|place| fs::symlink_metadata(&place.absolute).ok());
            let mark = metadata.map(|one| (one.ino(), one.len(), one.mtime(), one.mtime_nsec()));
            (path, mark).hash(&mut hasher);
        }
        hasher.finish()
    });
    format!("{:016x}", state.await)
}

fn in_workspace(repository: &Repository, mut change: FileChange) -> FileChange {
    change.old_path = change.old_path.map(|path| within(repository, &path));
    change.path = within(repository, &change.path);
    change
}

/// A path of the repository as one of the workspace.
pub(super) fn within(repository: &Repository, path: &str) -> String {
    if repository.path.is_empty() { path.to_owned() } else { format!("{}/{path}", repository.path) }
}

/// A path of the workspace as one of the repository; `None` when it is not in it.
pub(super) fn below<'a>(repository: &Repository, path: &'a str) -> Option<&'a str> {
    if repository.path.is_empty() {
        return Some(path);
    }
    path.strip_prefix(repository.path.as_str())?.strip_prefix('/')
}

fn problem(repository: &Repository, error: &GitError) -> Problem {
    let name = if repository.path.is_empty() { "the workspace" } else { &repository.path };
    Problem::new(422, error.code(), format!("Git tells nothing of {name}"))
        .detail(error.to_string())
        .hint(error.hint())
}
