//! A scanned state: its trees, and where the contents are that they name.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use slipway_protocol::checkpoint::{MAX_UNKEPT_NAMED, Node, ObjectId, Scan, Tree, UnkeptFile};

use super::id_of;
use super::scan::Seen;

/// What a scan came to.
pub(super) struct Manifest {
    scan: Scan,
    trees: HashMap<ObjectId, Vec<u8>>,
    contents: HashMap<ObjectId, PathBuf>,
}

impl Manifest {
    pub(super) fn of(seen: &Seen) -> Self {
        let mut directories = BTreeMap::from([(PathBuf::new(), Tree::default())]);
        let mut contents = HashMap::new();
        let mut unkept = seen.unreadable.clone();
        let mut files = 0;
        for found in &seen.found {
            match &found.node {
                Node::Directory { .. } => {
                    directories.entry(found.path.clone()).or_default();
                }
                Node::File { content, .. } => {
                    contents.insert(*content, found.path.clone());
                }
                Node::Unkept { reason, .. } => unkept
                    .push(UnkeptFile { path: found.path.to_string_lossy().into_owned(), reason: *reason }),
                Node::Link { .. } => {}
            }
            files += u64::from(!found.node.is_directory());
            let (parent, name) = split(&found.path);
            directories.entry(parent.to_owned()).or_default().0.insert(name.to_vec(), found.node.clone());
        }
        let (root, trees) = named(directories);
        let unkept_count = unkept.len() as u64;
        unkept.sort_by(|one, other| one.path.cmp(&other.path));
        unkept.truncate(MAX_UNKEPT_NAMED);
        Self { scan: Scan { root, files, unkept, unkept_count }, trees, contents }
    }

    pub(super) fn scan(&self) -> Scan {
        self.scan.clone()
    }

    pub(super) fn tree(&self, id: &ObjectId) -> Option<Vec<u8>> {
        self.trees.get(id).cloned()
    }

    /// A file that had this content.
    pub(super) fn path_of(&self, content: &ObjectId) -> Option<PathBuf> {
        self.contents.get(content).cloned()
    }
}

/// Names every tree by its content, which holds the names of those below it.
fn named(mut directories: BTreeMap<PathBuf, Tree>) -> (ObjectId, HashMap<ObjectId, Vec<u8>>) {
    let mut trees = HashMap::new();
    // A path comes after all that it begins with, so the last is always one whose trees below are named.
    while let Some((path, tree)) = directories.pop_last() {
        let bytes = tree.encode();
        let id = id_of(&bytes);
        trees.insert(id, bytes);
        if path.as_os_str().is_empty() {
            return (id, trees);
        }
        let (parent, name) = split(&path);
        let above = directories.get_mut(parent).and_then(|tree| tree.0.get_mut(name));
        if let Some(Node::Directory { tree, .. }) = above {
            *tree = id;
        }
    }
    (id_of(&[]), trees)
}

fn split(path: &Path) -> (&Path, &[u8]) {
    (path.parent().unwrap_or(Path::new("")), path.file_name().map(OsStr::as_bytes).unwrap_or_default())
}
