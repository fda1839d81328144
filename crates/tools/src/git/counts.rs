//! How many lines were added and removed, or why that is not counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use slipway_protocol::api::{DiffNote, FileChange, FileChangeKind};

use super::as_owner;
use super::content::{self, Content};
use super::status::{Known, parse_counts};
use super::uncommitted::{Looked, within};
use crate::workspace::Workspace;

/// The empty tree, which git has without storing it. (Where ids are longer it is another one: then there are no numbers
/// before the first commit.)
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
/// Most bytes of git's answer.
const MAX_ANSWER: usize = 1 << 20;

/// Files of a repository with their numbers of lines.
pub(super) async fn counted(
    workspace: &Arc<Workspace>,
    looked: &Looked<'_>,
    files: Vec<FileChange>,
) -> Vec<FileChange> {
    let is_new = |change: &FileChange| looked.status.tracked.get(&change.path) == Some(&Known::New);
    let known = of_known(looked, files.iter().filter(|change| !is_new(change))).await;
    let repository = looked.repository.clone();
    let files = files.into_iter().map(|change| {
        let counted = known.get(&change.path).copied();
        (is_new(&change), counted, change)
    });
    let files: Vec<_> = files.collect();
    as_owner(workspace, move |workspace| {
        let count = |(is_new, counted, change): (bool, Option<Option<(u32, u32)>>, FileChange)| {
            if change.note.is_some() {
                return change;
            }
            let now = content::now(workspace, &within(&repository, &change.path));
            let numbers = match (is_new, counted, &now) {
                (_, _, Content::TooLarge) => Err(DiffNote::TooLarge),
                (true, _, Content::Bytes(bytes)) if content::is_binary(bytes) => Err(DiffNote::Binary),
                (true, _, Content::Bytes(bytes)) => Ok(Some((content::lines(bytes), 0))),
                (true, _, Content::None) => Ok(None),
                (false, Some(Some(numbers)), _) => Ok(Some(numbers)),
                (false, Some(None), _) => Err(DiffNote::Binary),
                // Only staged, or only another mode.
                (false, None, _) if change.kind == FileChangeKind::Modified => Ok(Some((0, 0))),
                (false, None, _) => Ok(None),
            };
            let note = numbers.err();
            let numbers = numbers.ok().flatten();
            let (additions, deletions) = (numbers.map(|one| one.0), numbers.map(|one| one.1));
            FileChange { additions, deletions, note, ..change }
        };
        files.into_iter().map(count).collect()
    })
    .await
}

/// Of files that git knows; nothing when it does not answer: the list is good without.
async fn of_known<'f>(
    looked: &Looked<'_>,
    files: impl Iterator<Item = &'f FileChange>,
) -> BTreeMap<String, Option<(u32, u32)>> {
    let paths = files.filter(|change| change.note.is_none());
    let paths = paths.flat_map(|change| [Some(change.path.as_str()), change.old_path.as_deref()]);
    let paths: Vec<&str> = paths.flatten().collect();
    if paths.is_empty() {
        return BTreeMap::new();
    }
    let base = if looked.status.has_commit { "HEAD" } else { EMPTY_TREE };
    let mut arguments = vec!["diff", "--numstat", "-z", "--find-renames", "--no-ext-diff", "--no-textconv"];
    arguments.extend(["--ignore-submodules=dirty", base, "--"]);
    arguments.extend(paths);
    match looked.git.print(arguments, MAX_ANSWER).await {
        Ok(printed) => parse_counts(&printed.bytes),
        Err(error) => {
            tracing::debug!(%error, "lines that are not committed were not counted");
            BTreeMap::new()
        }
    }
}
