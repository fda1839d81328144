//! What differs between two states. Trees that both have are not looked into, so it costs only what differs.

use std::collections::BTreeSet;

use slipway_protocol::checkpoint::{Node, ObjectId, Tree};

use super::objects::{ObjectError, Objects};

/// A path at which two states differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Below the workspace's root, as bytes.
    pub(super) path: Vec<u8>,
    pub(super) before: Option<Node>,
    pub(super) after: Option<Node>,
}

impl Change {
    /// Whether it is about a file or a link, on one side at least.
    pub(super) fn is_of_file(&self) -> bool {
        [&self.before, &self.after].into_iter().flatten().any(|node| !node.is_directory())
    }

    /// The path as people read it.
    pub(super) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }
}

/// The changes from one state (nothing, when there is none) to another, by path.
///
/// # Errors
/// When a tree is lost.
pub(super) fn between(
    objects: &Objects,
    from: Option<&ObjectId>,
    to: &ObjectId,
) -> Result<Vec<Change>, ObjectError> {
    let mut changes = Vec::new();
    if from != Some(to) {
        compare(objects, &mut Vec::new(), from, Some(to), &mut changes)?;
    }
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(changes)
}

/// The paths of the files that differ, as people read them.
///
/// # Errors
/// As [`between`].
pub(super) fn files_between(
    objects: &Objects,
    from: Option<&ObjectId>,
    to: &ObjectId,
) -> Result<Vec<String>, ObjectError> {
    let changes = between(objects, from, to)?;
    Ok(changes.iter().filter(|change| change.is_of_file()).map(Change::shown).collect())
}

/// What is at a path of a state.
///
/// # Errors
/// As [`between`].
pub(super) fn node_at(objects: &Objects, root: &ObjectId, path: &[u8]) -> Result<Option<Node>, ObjectError> {
    let mut tree = *root;
    let mut names = path.split(|byte| *byte == b'/').peekable();
    while let Some(name) = names.next() {
        match objects.tree(&tree)?.0.remove(name) {
            Some(node) if names.peek().is_none() => return Ok(Some(node)),
            Some(Node::Directory { tree: below, .. }) => tree = below,
            _ => return Ok(None),
        }
    }
    Ok(None)
}

fn compare(
    objects: &Objects,
    path: &mut Vec<u8>,
    from: Option<&ObjectId>,
    to: Option<&ObjectId>,
    changes: &mut Vec<Change>,
) -> Result<(), ObjectError> {
    let tree = |id: Option<&ObjectId>| id.map_or_else(|| Ok(Tree::default()), |id| objects.tree(id));
    let (old, new) = (tree(from)?, tree(to)?);
    let names: BTreeSet<&Vec<u8>> = old.0.keys().chain(new.0.keys()).collect();
    for name in names {
        let (before, after) = (old.0.get(name), new.0.get(name));
        if before == after {
            continue;
        }
        let length = path.len();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend(name);
        let is_alike = before.zip(after).is_some_and(|(before, after)| before.is_like(after));
        if !is_alike {
            changes.push(Change { path: path.clone(), before: before.cloned(), after: after.cloned() });
        }
        let (below_old, below_new) = (below(before), below(after));
        if below_old != below_new {
            compare(objects, path, below_old, below_new, changes)?;
        }
        path.truncate(length);
    }
    Ok(())
}

fn below(node: Option<&Node>) -> Option<&ObjectId> {
    match node {
        Some(Node::Directory { tree, .. }) => Some(tree),
        _ => None,
    }
}
