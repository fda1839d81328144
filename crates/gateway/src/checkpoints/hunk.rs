//! Undoing one hunk of the changes of a file.

use slipway_protocol::Problem;
use slipway_protocol::api::HunkChoice;
use slipway_protocol::checkpoint::{Node, ObjectId};

use super::changes::{Change, node_at};
use super::lines::Comparison;
use super::objects::{Kind, ObjectError, Objects, id_of};

/// The change to the present file that undoes the hunk; what the file then holds is kept as an object.
///
/// # Errors
/// When an object cannot be read or written; the inner problem when the hunk is not there (any more).
pub(super) fn undo(
    objects: &Objects,
    (from, to, present): (&ObjectId, &ObjectId, &ObjectId),
    choice: &HunkChoice,
) -> Result<Result<Change, Problem>, ObjectError> {
    let path = choice.path.as_bytes();
    let present = node_at(objects, present, path)?;
    let (Some(mode), Some(now)) = (present.as_ref().and_then(mode_of), content(objects, present.as_ref())?)
    else {
        return Ok(Err(gone(choice)));
    };
    let old = content(objects, node_at(objects, from, path)?.as_ref())?.unwrap_or_default();
    let new = content(objects, node_at(objects, to, path)?.as_ref())?.unwrap_or_default();
    let Ok(compared) = Comparison::of(&old, &new) else { return Ok(Err(gone(choice))) };
    let Some(undone) = compared.without(choice.index, &now) else { return Ok(Err(gone(choice))) };
    let id = id_of(&undone);
    objects.put(Kind::Content, &id, &undone)?;
    let after = Node::File { mode, size: undone.len() as u64, content: id };
    Ok(Ok(Change { path: path.to_vec(), before: present, after: Some(after) }))
}

/// A regular file's bytes, where they are kept.
fn content(objects: &Objects, node: Option<&Node>) -> Result<Option<Vec<u8>>, ObjectError> {
    node.and_then(Node::content).map(|id| objects.get(Kind::Content, &id)).transpose()
}

fn mode_of(node: &Node) -> Option<u32> {
    match node {
        Node::File { mode, .. } => Some(*mode),
        Node::Link { .. } | Node::Directory { .. } | Node::Unkept { .. } => None,
    }
}

fn gone(choice: &HunkChoice) -> Problem {
    Problem::new(409, "hunk_gone", "These lines cannot be undone by themselves any more")
        .detail(format!("{} has changed there since, or holds the same lines more than once.", choice.path))
        .hint("Load the changes again, or restore the whole file.")
}
