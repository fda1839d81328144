//! Noticing that directories have changed that somebody looks at.
//!
//! Looked at regularly rather than told by the kernel: notices do not come for what is changed on the other side of
//! a mount (Docker Desktop), and one watch per directory would not last for a `node_modules`. What was listed in the
//! last minutes is looked at, and nothing else.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::workspace::{Access, Workspace};

/// For how long a listed directory is looked at; who goes on showing it lists it again before.
const INTEREST: Duration = Duration::from_secs(180);

/// Most directories that are looked at; the one listed longest ago gives way.
const MAX_DIRECTORIES: usize = 128;

/// Entries of a directory that are compared.
const MAX_COMPARED: usize = 4_000;

/// Directories that were listed a short while ago, as they were then.
#[derive(Default)]
pub struct WatchedDirectories {
    known: Mutex<HashMap<String, Known>>,
}

struct Known {
    fingerprint: u64,
    listed: Instant,
}

impl WatchedDirectories {
    /// Notes that somebody is about to list `path`.
    pub fn note(&self, workspace: &Workspace, path: &str) {
        let now = Instant::now();
        let fingerprint = fingerprint(workspace, path);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(path.to_owned(), Known { fingerprint, listed: now });
        if known.len() > MAX_DIRECTORIES
            && let Some(oldest) = known.iter().min_by_key(|(_, one)| one.listed).map(|(path, _)| path.clone())
        {
            known.remove(&oldest);
        }
    }

    /// Those that have changed since they were noted or last told, by name.
    pub fn changed(&self, workspace: &Workspace) -> Vec<String> {
        let paths: Vec<String> = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.retain(|_, one| one.listed.elapsed() < INTEREST);
            known.keys().cloned().collect()
        };
        let found: Vec<(String, u64)> = paths
            .into_iter()
            .map(|path| {
                let found = fingerprint(workspace, &path);
                (path, found)
            })
            .collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed: Vec<String> = found
            .into_iter()
            .filter_map(|(path, found)| {
                let one = known.get_mut(&path).filter(|one| one.fingerprint != found)?;
                one.fingerprint = found;
                Some(path)
            })
            .collect();
        changed.sort_unstable();
        changed
    }
}

/// Stands for the names, sizes, kinds and times in a directory, in any order; 0 when it cannot be read.
fn fingerprint(workspace: &Workspace, path: &str) -> u64 {
    let Ok(place) = workspace.resolve_inside(path, Access::Read) else { return 0 };
    let Ok(reader) = fs::read_dir(&place.absolute) else { return 0 };
    let own = fs::metadata(&place.absolute).map_or(0, |metadata| hash_of(Path::new(""), &metadata));
    reader.flatten().take(MAX_COMPARED).fold(own, |sum, entry| {
        // Of a link, the link; of a directory, its own time changes with what is directly in it only.
        match fs::symlink_metadata(entry.path()) {
            Ok(metadata) => sum.wrapping_add(hash_of(entry.file_name().as_ref(), &metadata)),
            Err(_) => sum,
        }
    })
}

fn hash_of(name: &Path, metadata: &fs::Metadata) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    (metadata.ino(), metadata.mode()).hash(&mut hasher);
    // A directory's own line does not change with what is in it.
    if !metadata.is_dir() {
        (metadata.len(), metadata.mtime(), metadata.mtime_nsec()).hash(&mut hasher);
    }
    hasher.finish()
}
