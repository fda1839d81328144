//! Finding repositories, and reading where they stand.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use slipway_protocol::git::{GitHead, GitOperation, Repository, WorkspaceGit};

use crate::workspace::{Workspace, open_regular};

/// Most repositories that are named.
const MOST: usize = 20;

/// Entries of a workspace that are looked at.
const LOOKED_AT: usize = 2_000;

/// Most bytes of `HEAD` and of a `.git` file: paths have at most 4096.
const MAX_POINTER: u64 = 4_200;

/// What a branch's name is in `HEAD` where references are kept in another way (`reftable`).
const NOT_HERE: &str = ".invalid";

/// The repositories of a workspace. To be called as its owner.
pub fn repositories(workspace: &Workspace) -> WorkspaceGit {
    let mut found = directories(workspace.root());
    let more = found.len().saturating_sub(MOST) as u64;
    found.truncate(MOST);
    let repositories = found.into_iter().map(|(path, git)| repository(path, &git)).collect();
    WorkspaceGit { repositories, more }
}

/// Where git keeps what belongs to each repository, with the repository's path in the workspace.
pub(super) fn directories(root: &Path) -> Vec<(String, PathBuf)> {
    if let Some(git) = git_directory(root) {
        return vec![(String::new(), git)];
    }
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let mut found: Vec<(String, PathBuf)> = entries
        .take(LOOKED_AT)
        .flatten()
        // A link leads to what is told of elsewhere, or is none of the workspace's.
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, git_directory(&entry.path())?)))
        .collect();
    found.sort_unstable();
    found
}

/// `.git` of a directory, or where it says that this is: so it is in further work trees and submodules.
fn git_directory(directory: &Path) -> Option<PathBuf> {
    let own = directory.join(".git");
    let metadata = fs::metadata(&own).ok()?;
    if metadata.is_dir() {
        return Some(own);
    }
    let text = pointer(&own)?;
    let target = text.strip_prefix("gitdir:")?.trim();
    Some(directory.join(target))
}

fn repository(path: String, git: &Path) -> Repository {
    let head = pointer(&git.join("HEAD")).map_or(GitHead::Unknown, |text| head(&text));
    Repository { path, head, operation: operation(git) }
}

fn head(text: &str) -> GitHead {
    let text = text.trim();
    match text.strip_prefix("ref:").map(str::trim) {
        Some(reference) => match reference.strip_prefix("refs/heads/") {
            Some(name) if !name.is_empty() && name != NOT_HERE => GitHead::Branch { name: name.to_owned() },
            _ => GitHead::Unknown,
        },
        None if matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            GitHead::Detached { commit: text.to_owned() }
        }
        None => GitHead::Unknown,
    }
}

fn operation(git: &Path) -> Option<GitOperation> {
    let there = |name: &str| fs::symlink_metadata(git.join(name)).is_ok();
    // A rebase that stops at a conflict leaves a cherry-pick behind, too.
    [
        ("rebase-merge", GitOperation::Rebase),
        ("rebase-apply", GitOperation::Rebase),
        ("MERGE_HEAD", GitOperation::Merge),
        ("CHERRY_PICK_HEAD", GitOperation::CherryPick),
        ("REVERT_HEAD", GitOperation::Revert),
        ("BISECT_LOG", GitOperation::Bisect),
    ]
    .into_iter()
    .find_map(|(name, operation)| there(name).then_some(operation))
}

/// A short text; `None` when it cannot be read or is too long.
fn pointer(path: &Path) -> Option<String> {
    let (file, metadata) = open_regular(path).ok()?;
    if metadata.len() > MAX_POINTER {
        return None;
    }
    let mut text = String::new();
    file.take(MAX_POINTER).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_branches_or_commits_or_unknown() {
        let branch = |name: &str| GitHead::Branch { name: name.to_owned() };
        assert_eq!(head("ref: refs/heads/main\n"), branch("main"));
        assert_eq!(head("ref: refs/heads/feature/ä b\n"), branch("feature/ä b"));
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(head(&format!("{commit}\n")), GitHead::Detached { commit: commit.to_owned() });
        for other in ["", "ref: refs/heads/.invalid", "ref: refs/heads/", "ref: refs/tags/v1", "main", "0123"]
        {
            assert_eq!(head(other), GitHead::Unknown, "{other:?}");
        }
    }

    #[test]
    fn the_workspace_goes_before_what_is_in_it() {
        let folder = tempfile::tempdir().expect("scratch");
        let root = folder.path().canonicalize().expect("scratch");
        let workspace = Workspace::open(&root).expect("scratch");
        assert_eq!(repositories(&workspace), WorkspaceGit::default());
        for name in ["b", "a", "plain"] {
            fs::create_dir(root.join(name)).expect("scratch");
        }
        fs::create_dir(root.join("b/.git")).expect("scratch");
        fs::write(root.join("b/.git/HEAD"), "ref: refs/heads/main\n").expect("scratch");
        fs::write(root.join("b/.git/MERGE_HEAD"), "").expect("scratch");
        // A further work tree of it.
        fs::create_dir_all(root.join("b/.git/worktrees/a")).expect("scratch");
        fs::write(root.join("b/.git/worktrees/a/HEAD"), "ref: refs/heads/side\n").expect("scratch");
        fs::write(root.join("a/.git"), "gitdir: ../b/.git/worktrees/a\n").expect("scratch");
        std::os::unix::fs::symlink("b", root.join("link")).expect("scratch");
        let found = repositories(&workspace).repositories;
        let seen: Vec<_> = found.iter().map(|one| (one.path.as_str(), one.operation)).collect();
        assert_eq!(seen, [("a", None), ("b", Some(GitOperation::Merge))]);
        assert_eq!(found[0].head, GitHead::Branch { name: "side".to_owned() });

        fs::create_dir(root.join(".git")).expect("scratch");
        let own = repositories(&workspace).repositories;
        assert_eq!((own.len(), own[0].path.as_str(), &own[0].head), (1, "", &GitHead::Unknown));
    }
}
