//! Looking at every file of the workspace, in parallel, reading only those that may have changed.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkState};
use sha2::{Digest as _, Sha256};
use slipway_protocol::checkpoint::{MAX_CONTENT_BYTES, Node, ObjectId, UnkeptFile, UnkeptReason};

use super::cache::{self, Cache, Stamp};
use super::left_out;
use super::{MAX_ENTRIES, ScanError};
use crate::search::walk::{Ignored, builder, threads};

/// The permission bits of a mode.
const PERMISSIONS: u32 = 0o7777;
/// How often a file is read that changes meanwhile.
const ATTEMPTS: usize = 3;
/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;

/// Stands in a directory's node until its tree is known.
const NO_TREE: ObjectId = ObjectId([0; 32]);

/// What a scan saw.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) found: Vec<Found>,
    /// Directories that could not be read: what is in them is not known.
    pub(super) unreadable: Vec<UnkeptFile>,
}

/// What is at a path below the workspace.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
    pub(super) is_settled: bool,
    /// A directory's tree is not known yet.
    pub(super) node: Node,
    /// Whether the cache knew it.
    is_known: bool,
}

impl Seen {
    /// Whether it is exactly what the cache knows.
    pub(super) fn is_as_known(&self, cache: &Cache) -> bool {
        self.found.len() == cache.len() && self.found.iter().all(|found| found.is_known)
    }
}

/// Looks at everything below `root`.
///
/// # Errors
/// See [`ScanError`].
pub(super) fn look(root: &Path, cache: &Cache) -> Result<Seen, ScanError> {
    root.read_dir().map_err(ScanError::Unreadable)?;
    let mut builder = builder(root, Ignored::LeftOut);
    // Rules above the workspace are not the workspace's, and `.ignore` is for searches only. Threads that are
    // started here work as the workspace's owner, as this one does.
    builder.parents(false).ignore(false).filter_entry(left_out::is_kept).threads(threads());
    let all = Mutex::new(Seen::default());
    let count = AtomicUsize::new(0);
    let now = cache::now();
    builder.build_parallel().run(|| {
        let mut gathered = Gathered { own: Seen::default(), all: &all };
        let count = &count;
        Box::new(move |entry| {
            match entry {
                Ok(entry) if entry.depth() == 0 => {}
                Ok(entry) => {
                    if count.fetch_add(1, Ordering::Relaxed) >= MAX_ENTRIES {
                        return WalkState::Quit;
                    }
                    gathered.own.found.extend(find(root, &entry, cache, now));
                }
                Err(error) => gathered.own.unreadable.extend(unreadable(root, &error)),
            }
            WalkState::Continue
        })
    });
    if count.into_inner() > MAX_ENTRIES {
        return Err(ScanError::TooMany);
    }
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// What one thread has seen; joins the rest when the thread is done.
struct Gathered<'a> {
    own: Seen,
    all: &'a Mutex<Seen>,
}

impl Drop for Gathered<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.found.append(&mut self.own.found);
        all.unreadable.append(&mut self.own.unreadable);
    }
}

/// What is at an entry; `None` for what states cannot hold (sockets, devices, pipes) and what is gone already.
fn find(root: &Path, entry: &DirEntry, cache: &Cache, now: i128) -> Option<Found> {
    let metadata = entry.path().symlink_metadata().ok()?;
    let path = entry.path().strip_prefix(root).ok()?;
    let stamp = Stamp::of(&metadata);
    let found = |node, is_known, stamp: Stamp| Found {
        path: path.to_owned(),
        stamp,
        is_settled: stamp.is_settled(now),
        node,
        is_known,
    };
    let mode = metadata.mode() & PERMISSIONS;
    if metadata.is_dir() {
        let is_known = cache.directory(path) == Some(mode);
        return Some(found(Node::Directory { mode, tree: NO_TREE }, is_known, stamp));
    }
    if let Some(node) = cache.get(path, &stamp) {
        return Some(found(node.clone(), true, stamp));
    }
    if metadata.is_symlink() {
        let target = entry.path().read_link().ok()?.into_os_string().into_vec();
        return Some(found(Node::Link { target }, false, stamp));
    }
    if !metadata.is_file() {
        return None;
    }
    let (node, stamp) = file(entry.path(), &metadata);
    Some(found(node, false, stamp))
}

/// A regular file's node, and the stamp that it had when it was read.
fn file(path: &Path, metadata: &Metadata) -> (Node, Stamp) {
    let unkept = |metadata: &Metadata, reason| Node::Unkept {
        mode: metadata.mode() & PERMISSIONS,
        size: metadata.size(),
        modified_ns: metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec()),
        reason,
    };
    if metadata.size() > MAX_CONTENT_BYTES {
        return (unkept(metadata, UnkeptReason::TooLarge), Stamp::of(metadata));
    }
    for _ in 0..ATTEMPTS {
        match hash(path) {
            Ok((content, read)) => {
                if let Some(content) = content {
                    let (mode, size) = (read.mode() & PERMISSIONS, read.size());
                    return (Node::File { mode, size, content }, Stamp::of(&read));
                }
            }
            Err(_) => return (unkept(metadata, UnkeptReason::Unreadable), Stamp::of(metadata)),
        }
    }
    (unkept(metadata, UnkeptReason::Changing), Stamp::of(metadata))
}

/// The id of a file's content, if it did not change while it was read, and its metadata.
fn hash(path: &Path) -> io::Result<(Option<ObjectId>, Metadata)> {
    let mut file = open(path)?;
    let before = file.metadata()?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; PIECE];
    let mut total = 0_u64;
    loop {
        let count = file.read(&mut buffer)?;
        let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else { break };
        total += count as u64;
        if total > MAX_CONTENT_BYTES {
            return Ok((None, before));
        }
        digest.update(piece);
    }
    let after = file.metadata()?;
    let is_same = Stamp::of(&before) == Stamp::of(&after) && total == after.size();
    Ok((is_same.then(|| ObjectId(digest.finalize().into())), after))
}

/// A regular file's bytes, if they are few enough to be kept.
///
/// # Errors
/// When it cannot be read or is something else.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(MAX_CONTENT_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_CONTENT_BYTES { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Opens a regular file, never waiting for a pipe and never following a link.
fn open(path: &Path) -> io::Result<File> {
    let flags = nix::libc::O_NONBLOCK | nix::libc::O_NOFOLLOW;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

fn unreadable(root: &Path, error: &ignore::Error) -> Option<UnkeptFile> {
    if error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return None;
    }
    let path = path_of(error)?;
    let path = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    Some(UnkeptFile { path, reason: UnkeptReason::Unreadable })
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}
