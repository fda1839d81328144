//! States of the workspace as a gateway reads them, and changing paths back.

mod applying;
mod scanning;

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use slipway_protocol::checkpoint::{Node, ObjectId, Scan, Tree, WantedObjects};

use crate::scene::Scene;

/// A state with everything in it, got as a gateway gets it.
pub(crate) struct State {
    pub(crate) scan: Scan,
    /// What is at each path, directories included.
    pub(crate) nodes: BTreeMap<Vec<u8>, Node>,
    /// Contents of the files.
    pub(crate) contents: BTreeMap<ObjectId, Vec<u8>>,
}

impl State {
    /// Reads the present one.
    pub(crate) async fn of(scene: &Scene) -> Self {
        let scan = scene.client.scan().await.expect("a scan");
        let mut state = Self { nodes: BTreeMap::new(), contents: BTreeMap::new(), scan };
        let mut open = vec![(Vec::new(), state.scan.root)];
        while let Some((path, id)) = open.pop() {
            let tree = Tree::decode(&object(scene, id, true).await.expect("there")).expect("a tree");
            for (name, node) in tree.0 {
                let path = if path.is_empty() { name } else { [path.as_slice(), b"/", &name].concat() };
                match &node {
                    Node::Directory { tree, .. } => open.push((path.clone(), *tree)),
                    Node::File { content, .. } => {
                        let bytes = object(scene, *content, false).await.expect("there");
                        state.contents.insert(*content, bytes);
                    }
                    Node::Link { .. } | Node::Unkept { .. } => {}
                }
                state.nodes.insert(path, node);
            }
        }
        state
    }

    pub(crate) fn paths(&self) -> Vec<&str> {
        self.nodes.keys().map(|path| std::str::from_utf8(path).expect("a text")).collect()
    }
}

/// An object of the newest scan.
pub(crate) async fn object(scene: &Scene, id: ObjectId, is_tree: bool) -> Option<Vec<u8>> {
    let mut wanted = WantedObjects::default();
    if is_tree { &mut wanted.trees } else { &mut wanted.contents }.push(id);
    let mut stream = scene.client.objects(&wanted).await.expect("an answer");
    let (frame, bytes) = stream.next().await.expect("a frame").expect("one frame");
    assert_eq!(frame.id, id);
    assert!(stream.next().await.expect("the end").is_none());
    bytes.map(Into::into)
}

/// What is on the disk: modes, contents and targets of links, by path.
pub(crate) fn on_disk(root: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).expect("readable") {
            let path = entry.expect("an entry").path();
            let metadata = path.symlink_metadata().expect("there");
            let content = if metadata.is_dir() {
                open.push(path.clone());
                Vec::new()
            } else if metadata.is_symlink() {
                path.read_link().expect("a link").as_os_str().as_bytes().to_vec()
            } else {
                std::fs::read(&path).expect("readable")
            };
            let below = path.strip_prefix(root).expect("below").to_owned();
            found.insert(below, (metadata.mode(), content));
        }
    }
    found
}
