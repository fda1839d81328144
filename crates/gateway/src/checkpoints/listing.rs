//! What changed in a step, a run or a conversation, file by file and line by line.

use std::collections::{BTreeMap, BTreeSet};

use slipway_protocol::api::{ChangeList, CheckpointKind, DiffNote, FileChange, FileChangeKind, FileDiff};
use slipway_protocol::checkpoint::{Node, ObjectId};
use slipway_protocol::{CheckpointId, ConversationId, RunId};

use super::changes::{self, Change};
use super::lines::{self, Comparison};
use super::objects::{Kind, ObjectError, Objects};
use super::{CheckpointError, blocking};
use crate::app::AppState;
use crate::store::checkpoints::{self as rows, StoredCheckpoint};

/// Files on one page.
const PAGE: usize = 100;

/// Of what the changes are wanted.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Of this run; of the whole conversation when there is none.
    pub run_id: Option<RunId>,
    /// Of this step of the run.
    pub step: Option<u32>,
}

/// Between which states, and which steps: what they touched counts.
pub(super) struct Span {
    from: Option<CheckpointId>,
    pub(super) to: Option<CheckpointId>,
    pub(super) roots: Option<(ObjectId, ObjectId)>,
    pub(super) touched: Vec<(ObjectId, ObjectId)>,
}

/// The files that the agent changed, a page at a time, by path after `after`.
///
/// # Errors
/// When states cannot be compared.
pub async fn changes_of(
    app: &AppState,
    id: &ConversationId,
    scope: &Scope,
    after: Option<String>,
) -> Result<ChangeList, CheckpointError> {
    let mut read = app.store.read().await?;
    let stored = rows::all(&mut read, id, scope.run_id.as_ref()).await?;
    drop(read);
    let Span { from, to, roots, touched } = span(&stored, scope.step);
    let Some((old, new)) = roots else {
        return Ok(ChangeList { from, to, total: 0, files: Vec::new(), next: None });
    };
    let objects = app.checkpoints.objects().clone();
    let (total, files, next) =
        blocking(move || page(&objects, (old, new), &touched, after.as_deref())).await?;
    Ok(ChangeList { from, to, total, files, next })
}

/// The lines of a file that changed between two checkpoints, from a hunk on.
///
/// # Errors
/// When states cannot be compared.
pub async fn diff_of(
    app: &AppState,
    (from, to): (&StoredCheckpoint, &StoredCheckpoint),
    path: String,
    old_path: Option<String>,
    first: u32,
) -> Result<Option<FileDiff>, CheckpointError> {
    let objects = app.checkpoints.objects().clone();
    let (old, new) = (from.root, to.root);
    blocking(move || {
        let before = changes::node_at(&objects, &old, old_path.as_ref().unwrap_or(&path).as_bytes())?;
        let after = changes::node_at(&objects, &new, path.as_bytes())?;
        let is_file = [&before, &after].into_iter().flatten().any(|node| !node.is_directory());
        if !is_file {
            return Ok(None);
        }
        diff(&objects, &Pair { path, old_path, before, after }, first).map(Some)
    })
    .await
}

pub(super) fn span(stored: &[StoredCheckpoint], step: Option<u32>) -> Span {
    let is_step = |stored: &&StoredCheckpoint| stored.checkpoint.kind == CheckpointKind::Step;
    let steps = stored.iter().filter(is_step);
    let touched = steps.clone().filter_map(|stored| Some((stored.parent_root?, stored.root))).collect();
    let wanted = |stored: &&StoredCheckpoint| stored.checkpoint.step == step;
    let (first, last) = match step {
        Some(_) => (steps.clone().find(wanted), steps.clone().rfind(wanted)),
        None => (steps.clone().next(), stored.last()),
    };
    let (Some(first), Some(last)) = (first, last) else {
        return Span { from: None, to: None, roots: None, touched };
    };
    let id = |stored: &StoredCheckpoint| stored.checkpoint.id.clone();
    // The checkpoint just before, which has the state that the first step began with.
    let before = stored.iter().rfind(|before| before.ordinal < first.ordinal);
    let begun = before.filter(|before| Some(before.root) == first.parent_root).map(id);
    let roots = first.parent_root.map(|root| (root, last.root));
    Span { from: begun, to: Some(id(last)), roots, touched }
}

type Page = (u64, Vec<FileChange>, Option<String>);

/// The files that differ between two states, of those that the steps `touched`, by path.
///
/// # Errors
/// When a tree is lost.
pub(super) fn own_pairs(
    objects: &Objects,
    (old, new): (ObjectId, ObjectId),
    touched: &[(ObjectId, ObjectId)],
) -> Result<Vec<Pair>, ObjectError> {
    let mut paths = BTreeSet::new();
    for (from, to) in touched {
        paths.extend(changes::between(objects, Some(from), to)?.into_iter().map(|change| change.path));
    }
    let changes = changes::between(objects, Some(&old), &new)?;
    let own = changes.into_iter().filter(|change| change.is_of_file() && paths.contains(&change.path));
    Ok(paired(&own.collect::<Vec<_>>()))
}

fn page(
    objects: &Objects,
    roots: (ObjectId, ObjectId),
    touched: &[(ObjectId, ObjectId)],
    after: Option<&str>,
) -> Result<Page, ObjectError> {
    let pairs = own_pairs(objects, roots, touched)?;
    let total = pairs.len() as u64;
    let mut rest = pairs.into_iter().filter(|pair| after.is_none_or(|after| pair.path.as_str() > after));
    let mut files = Vec::new();
    for pair in rest.by_ref().take(PAGE) {
        files.push(Compared::of(objects, &pair)?.change(&pair));
    }
    let next = rest.next().and_then(|_more| files.last()).map(|last| last.path.clone());
    Ok((total, files, next))
}

/// A file before and after.
pub(super) struct Pair {
    pub(super) path: String,
    old_path: Option<String>,
    before: Option<Node>,
    after: Option<Node>,
}

impl Pair {
    /// What happened to it.
    pub(super) fn kind(&self) -> FileChangeKind {
        match (&self.before, &self.after) {
            _ if self.old_path.is_some() => FileChangeKind::Renamed,
            (None, _) => FileChangeKind::Added,
            (_, None) => FileChangeKind::Deleted,
            _ => FileChangeKind::Modified,
        }
    }
}

/// The changes by path, where a file that came with the content of one that went is that one, renamed.
fn paired(changes: &[Change]) -> Vec<Pair> {
    let mut gone: BTreeMap<ObjectId, Vec<(String, Option<Node>)>> = BTreeMap::new();
    let file = |node: &Option<Node>| node.clone().filter(|node| !node.is_directory());
    for change in changes {
        if let (Some(Node::File { size: 1.., content, .. }), None) = (&change.before, file(&change.after)) {
            gone.entry(*content).or_default().push((change.shown(), change.before.clone()));
        }
    }
    let mut pairs = BTreeMap::new();
    let mut renamed = BTreeSet::new();
    for change in changes {
        let (before, after) = (file(&change.before), file(&change.after));
        let origin = match (&before, &after) {
            (None, Some(Node::File { content, .. })) => gone.get_mut(content).and_then(Vec::pop),
            _ => None,
        };
        let (old_path, before) = match origin {
            Some((origin, node)) => {
                renamed.insert(origin.clone());
                (Some(origin), node)
            }
            None => (None, before),
        };
        let path = change.shown();
        pairs.insert(path.clone(), Pair { path, old_path, before, after });
    }
    pairs.retain(|path, pair| pair.after.is_some() || !renamed.contains(path));
    pairs.into_values().collect()
}

/// Both contents of a file, or why they cannot be compared.
enum Compared {
    Contents(Vec<u8>, Vec<u8>),
    Unkept,
}

impl Compared {
    fn of(objects: &Objects, pair: &Pair) -> Result<Self, ObjectError> {
        let content = |node: &Option<Node>| match node {
            None | Some(Node::Directory { .. }) => Ok(Some(Vec::new())),
            Some(Node::File { content, .. }) => objects.get(Kind::Content, content).map(Some),
            Some(Node::Link { target }) => Ok(Some(target.clone())),
            Some(Node::Unkept { .. }) => Ok(None),
        };
        Ok(match (content(&pair.before)?, content(&pair.after)?) {
            (Some(old), Some(new)) => Self::Contents(old, new),
            _ => Self::Unkept,
        })
    }

    fn compare(&self) -> Result<Comparison<'_>, DiffNote> {
        match self {
            Self::Contents(old, new) => Comparison::of(old, new),
            Self::Unkept => Err(DiffNote::Unkept),
        }
    }

    fn change(&self, pair: &Pair) -> FileChange {
        let compared = self.compare();
        let counts = compared.as_ref().ok().map(Comparison::counts);
        let modes = mode(&pair.before).zip(mode(&pair.after)).filter(|(old, new)| old != new);
        FileChange {
            path: pair.path.clone(),
            old_path: pair.old_path.clone(),
            kind: pair.kind(),
            additions: counts.map(|(added, _)| added),
            deletions: counts.map(|(_, removed)| removed),
            note: compared.err(),
            old_mode: modes.map(|(old, _)| old),
            new_mode: modes.map(|(_, new)| new),
            conflict: false,
        }
    }
}

fn mode(node: &Option<Node>) -> Option<u32> {
    match node {
        Some(Node::File { mode, .. } | Node::Unkept { mode, .. }) => Some(*mode),
        _ => None,
    }
}

fn diff(objects: &Objects, pair: &Pair, first: u32) -> Result<FileDiff, ObjectError> {
    let contents = Compared::of(objects, pair)?;
    let all = contents.compare().map(|compared| compared.hunks()).unwrap_or_default();
    let (total, hunks, next) = lines::page(all, first);
    Ok(FileDiff { change: contents.change(pair), total, hunks, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: u8) -> Option<Node> {
        Some(Node::File { mode: 0o644, size: 1, content: ObjectId([content; 32]) })
    }

    fn change(path: &str, before: Option<Node>, after: Option<Node>) -> Change {
        Change { path: path.as_bytes().to_vec(), before, after }
    }

    #[test]
    fn a_file_that_moved_is_one_file() {
        let pairs = paired(&[
            change("a", file(1), None),
            change("b", file(2), file(3)),
            change("c", None, file(1)),
            change("d", None, file(1)),
            change("e", file(4), None),
        ]);
        let seen: Vec<_> = pairs.iter().map(|pair| (pair.path.as_str(), pair.old_path.as_deref())).collect();
        assert_eq!(seen, [("b", None), ("c", Some("a")), ("d", None), ("e", None)]);
    }
}
