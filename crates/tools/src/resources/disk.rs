//! The disk space that the workspace takes up. Walking through it is dear, so it happens only when its file
//! system has changed, and the less often the longer it takes.

use std::collections::HashSet;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use slipway_protocol::sandbox::Space;

/// Change of the file system that is not looked into at once, in bytes, unless the bound is near. Shrinking counts
/// as well: others may delete more than the agent writes.
const SLACK: u64 = 64 << 20;

/// The longest time that a smaller change stays unmeasured.
const PATIENCE: Duration = Duration::from_secs(5);

/// A walk may take up this part of the time: one in so many.
const SHARE: u32 = 20;

/// What a look found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// All is well, as far as is known without measuring.
    Well,
    /// The bound is passed.
    Full {
        /// The bound, in bytes.
        limit: u64,
    },
}

/// The workspace's disk space.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    limit: Option<u64>,
    last: Mutex<Measured>,
}

#[derive(Debug, Clone, Copy)]
struct Measured {
    bytes: u64,
    /// What all of the file system used then.
    occupied: u64,
    /// When; `None` before the first time.
    at: Option<Instant>,
    took: Duration,
}

impl Disk {
    pub(crate) fn new(root: PathBuf, limit: Option<u64>) -> Self {
        let last = Measured { bytes: 0, occupied: 0, at: None, took: Duration::ZERO };
        Self { root, limit, last: Mutex::new(last) }
    }

    pub(super) fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Bytes in use when last measured.
    pub(super) fn used(&self) -> u64 {
        self.last().bytes
    }

    /// Measures, unless the last walk took so long that its result has to do for a while.
    pub(crate) fn measure(&self) -> u64 {
        let last = self.last();
        if last.at.is_some_and(|at| at.elapsed() < last.took * SHARE) { last.bytes } else { self.walk() }
    }

    /// As [`Self::measure`], but at once where less is taken by now: who has made room must not be told otherwise, nor ended.
    pub(super) fn measure_for_verdict(&self) -> u64 {
        if occupied(&self.root) < self.last().occupied { self.walk() } else { self.measure() }
    }

    /// Looks whether the bound is passed; measures only when there is a reason to.
    pub(super) fn look(&self) -> Look {
        let Some(limit) = self.limit else { return Look::Well };
        let last = self.last();
        let used = if self.is_due(last, limit) { self.walk() } else { last.bytes };
        if used > limit { Look::Full { limit } } else { Look::Well }
    }

    fn is_due(&self, last: Measured, limit: u64) -> bool {
        let Some(at) = last.at else { return true };
        let room = limit.saturating_sub(last.bytes);
        // Beyond the bound every look counts: somebody may have made room.
        let slack = if last.bytes > limit { 1 } else { SLACK.min(room / 4).max(1) };
        let change = occupied(&self.root).abs_diff(last.occupied);
        let is_reason = change >= slack || (change > 0 && at.elapsed() >= PATIENCE);
        is_reason && at.elapsed() >= last.took * SHARE
    }

    fn walk(&self) -> u64 {
        let began = Instant::now();
        let occupied = occupied(&self.root);
        let bytes = size(&self.root);
        let measured = Measured { bytes, occupied, at: Some(Instant::now()), took: began.elapsed() };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = measured;
        bytes
    }

    fn last(&self) -> Measured {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The whole disk that `path` is on.
pub(super) fn space(path: &Path) -> io::Result<Space> {
    let system = nix::sys::statvfs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(system.fragment_size());
    Ok(Space { total_bytes: bytes(system.blocks()), free_bytes: bytes(system.blocks_available()) })
}

/// Bytes that are taken on the file system of `path`, by whomever.
fn occupied(path: &Path) -> u64 {
    nix::sys::statvfs::statvfs(path).map_or(0, |system| {
        system.blocks().saturating_sub(system.blocks_free()).saturating_mul(system.fragment_size())
    })
}

/// Disk space of everything below `root` on its file system; links are not followed, and what has several
/// names counts once.
fn size(root: &Path) -> u64 {
    const BLOCK: u64 = 512;
    let Ok(top) = std::fs::symlink_metadata(root) else { return 0 };
    let mut total = top.blocks() * BLOCK;
    let mut named_twice = HashSet::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.dev() != top.dev()
                || (metadata.nlink() > 1 && !metadata.is_dir() && !named_twice.insert(metadata.ino()))
            {
                continue;
            }
            total += metadata.blocks() * BLOCK;
            if metadata.is_dir() {
                directories.push(entry.path());
            }
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_counted_once_and_links_are_not_followed() {
        let folder = tempfile::tempdir().expect("scratch");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("deep")).expect("scratch");
        let before = size(folder.path());
        std::fs::write(path("deep/file"), vec![1; 1 << 20]).expect("scratch");
        std::fs::hard_link(path("deep/file"), path("again")).expect("scratch");
        std::os::unix::fs::symlink("/usr", path("system")).expect("scratch");
        std::os::unix::fs::symlink(".", path("loop")).expect("scratch");
        let grown = size(folder.path()) - before;
        assert!(((1 << 20)..(1 << 20) + (64 << 10)).contains(&grown), "{grown}");
    }

    #[test]
    fn the_bound_is_noticed_and_so_is_room_that_was_made() {
        let folder = tempfile::tempdir().expect("scratch");
        let disk = Disk::new(folder.path().to_owned(), Some(1 << 20));
        assert_eq!(disk.look(), Look::Well);
        std::fs::write(folder.path().join("big"), vec![1; 2 << 20]).expect("scratch");
        // However the rest of the machine's disk changes meanwhile, measuring is exact.
        disk.walk();
        assert_eq!(disk.look(), Look::Full { limit: 1 << 20 });
        std::fs::remove_file(folder.path().join("big")).expect("scratch");
        disk.walk();
        assert_eq!(disk.look(), Look::Well);
        assert_eq!(Disk::new(folder.path().to_owned(), None).look(), Look::Well);
    }

    #[test]
    fn who_has_made_room_is_believed_though_a_walk_takes_long() {
        let folder = tempfile::tempdir().expect("scratch");
        let file = folder.path().join("file");
        std::fs::write(&file, vec![1; 2 << 20]).expect("scratch");
        let disk = Disk::new(folder.path().to_owned(), Some(1 << 20));
        assert!(disk.measure() > 2 << 20);
        let remember = |took, occupied| {
            let mut last = disk.last.lock().expect("nobody panics");
            (last.took, last.occupied) = (took, occupied);
        };
        std::fs::remove_file(&file).expect("it is there");
        let long = Duration::from_secs(3600);
        remember(long, 0);
        assert!(disk.measure_for_verdict() > 2 << 20, "nothing was freed, as far as is known");
        remember(long, u64::MAX);
        assert!(disk.measure() > 2 << 20, "figures may be old");
        assert!(disk.measure_for_verdict() < 1 << 20);
    }
}
