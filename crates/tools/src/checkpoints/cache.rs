//! What was there at the scan before, and when that proves that nothing has changed.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use slipway_protocol::checkpoint::Node;

use super::scan::{Found, Seen};

/// A file that changed so shortly before it was looked at may change again within the same tick of the file
/// system's clock, so its stamp proves nothing. Ticks are 4 to 10 ms; git's index has the same rule.
const RACY_NS: i128 = 100_000_000;

/// What changes when a file does. The time of change (`ctime`) is among it, which no program can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    mode: u32,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            mode: metadata.mode(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether a later change is sure to show when it is compared with a stamp that is taken at `now` or later,
    /// in ns since the epoch.
    pub(super) fn is_settled(&self, now: i128) -> bool {
        now - (i128::from(self.changed.0) * 1_000_000_000 + i128::from(self.changed.1)) > RACY_NS
    }
}

/// Nanoseconds since the epoch.
pub(super) fn now() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
}

/// What was found at paths below the workspace.
#[derive(Default)]
pub(super) struct Cache {
    known: HashMap<PathBuf, Known>,
}

struct Known {
    stamp: Stamp,
    is_settled: bool,
    node: Node,
}

impl Cache {
    /// What is there, if the stamp proves that it is what was there before.
    pub(super) fn get(&self, path: &Path, stamp: &Stamp) -> Option<&Node> {
        let known = self.known.get(path)?;
        (known.is_settled && known.stamp == *stamp).then_some(&known.node)
    }

    /// How many paths are known.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// The mode of a directory.
    pub(super) fn directory(&self, path: &Path) -> Option<u32> {
        match self.known.get(path)?.node {
            Node::Directory { mode, .. } => Some(mode),
            Node::File { .. } | Node::Link { .. } | Node::Unkept { .. } => None,
        }
    }
}

impl From<Seen> for Cache {
    fn from(seen: Seen) -> Self {
        let known = seen.found.into_iter().map(|found| {
            let Found { path, stamp, is_settled, node, .. } = found;
            (path, Known { stamp, is_settled, node })
        });
        Self { known: known.collect() }
    }
}
