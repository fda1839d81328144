//! Noticing that something else was checked out, committed or begun, while somebody looks at it.
//!
//! A few files are looked at rather than git asked, for the reasons of
//! [`crate::workspace_files::WatchedDirectories`].

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use slipway_protocol::git::WorkspaceGit;

use super::repositories::{directories, repositories};
use crate::workspace::Workspace;

/// For how long it is looked at; who goes on showing it asks again before.
const INTEREST: Duration = Duration::from_secs(180);

/// The repositories of a workspace as they were when somebody was last told of them.
#[derive(Default)]
pub struct WatchedGit {
    told: Mutex<Option<Told>>,
}

struct Told {
    seen: Seen,
    asked: Instant,
}

#[derive(PartialEq, Eq)]
struct Seen {
    git: WorkspaceGit,
    /// Stands for what is committed and staged.
    marks: Vec<Option<Mark>>,
}

/// Inode, size and time of a file.
type Mark = (u64, u64, i64, i64);

impl WatchedGit {
    /// The repositories, for somebody who wants to hear of changes. To be called as the workspace's owner.
    pub fn ask(&self, workspace: &Workspace) -> WorkspaceGit {
        let seen = look(workspace);
        let git = seen.git.clone();
        *self.told() = Some(Told { seen, asked: Instant::now() });
        git
    }

    /// The repositories, if they have changed since somebody was last told of them. To be called as the workspace's
    /// owner.
    pub fn changed(&self, workspace: &Workspace) -> Option<WorkspaceGit> {
        {
            let mut told = self.told();
            if told.as_ref().is_none_or(|told| told.asked.elapsed() >= INTEREST) {
                *told = None;
                return None;
            }
        }
        let now = look(workspace);
        let mut told = self.told();
        let told = told.as_mut().filter(|told| told.seen != now)?;
        told.seen = now;
        Some(told.seen.git.clone())
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Option<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn look(workspace: &Workspace) -> Seen {
    // The marks first: what changes in between is told rather than missed.
    let found = directories(workspace.root());
    let marks = found.iter().flat_map(|(_, git)| [mark(&git.join("index")), mark(&git.join("logs/HEAD"))]);
    let marks = marks.collect();
    Seen { git: repositories(workspace), marks }
}

fn mark(path: &Path) -> Option<Mark> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some((metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec()))
}
