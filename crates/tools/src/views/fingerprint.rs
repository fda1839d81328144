//! Content hashes, and how to know without reading that a file has not changed.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

/// Files whose fingerprint is remembered; when full, all are forgotten.
const MAX_FILES: usize = 4096;

/// A file that changed so shortly before it was read may change again within the same tick of the file
/// system's clock, so its stamp proves nothing.
const RACY_NANOSECONDS: i128 = 100_000_000;

/// Bytes of the digest that are kept.
const HASH_BYTES: usize = 16;

/// A content hash as 32 hexadecimal digits.
pub(super) fn hash_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().take(HASH_BYTES).fold(String::with_capacity(2 * HASH_BYTES), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What changes when a file does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn is_settled(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let changed = i128::from(self.changed.0) * 1_000_000_000 + i128::from(self.changed.1);
        i128::try_from(now).is_ok_and(|now| now - changed > RACY_NANOSECONDS)
    }
}

/// Hashes by path and stamp.
#[derive(Default)]
pub(super) struct Fingerprints {
    files: HashMap<PathBuf, (Stamp, String)>,
}

impl Fingerprints {
    pub(super) fn get(&self, path: &Path, stamp: &Stamp) -> Option<String> {
        self.files.get(path).filter(|(known, _)| known == stamp).map(|(_, hash)| hash.clone())
    }

    /// Remembers the hash of what was read after `stamp` was taken.
    pub(super) fn set(&mut self, path: &Path, stamp: Stamp, hash: &str) {
        if !stamp.is_settled() {
            self.files.remove(path);
            return;
        }
        if self.files.len() >= MAX_FILES {
            self.files.clear();
        }
        self.files.insert(path.to_owned(), (stamp, hash.to_owned()));
    }
}
