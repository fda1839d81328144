//! What a tree of files shows of a conversation's changes: a kind for each file, and how many below each directory.

use std::collections::BTreeMap;

use slipway_protocol::ConversationId;
use slipway_protocol::api::{ChangeMarks, DirectoryMark, FileMark};

use super::listing::{Pair, own_pairs, span};
use super::{CheckpointError, blocking};
use crate::app::AppState;
use crate::store::checkpoints as rows;

/// Most files, and most directories, that are named.
const MOST: usize = 2000;

/// What the agent changed in a conversation, without looking into the files.
///
/// # Errors
/// When states cannot be compared.
pub async fn marks_of(app: &AppState, id: &ConversationId) -> Result<ChangeMarks, CheckpointError> {
    let mut read = app.store.read().await?;
    let stored = rows::all(&mut read, id, None).await?;
    drop(read);
    let span = span(&stored, None);
    let Some(roots) = span.roots else {
        return Ok(ChangeMarks { to: span.to, total: 0, files: Vec::new(), directories: Vec::new() });
    };
    let objects = app.checkpoints.objects().clone();
    let pairs = blocking(move || own_pairs(&objects, roots, &span.touched)).await?;
    Ok(ChangeMarks {
        to: span.to,
        total: pairs.len() as u64,
        directories: directories(pairs.iter().map(|pair| pair.path.as_str())),
        files: pairs.iter().take(MOST).map(mark).collect(),
    })
}

fn mark(pair: &Pair) -> FileMark {
    FileMark { path: pair.path.clone(), kind: pair.kind() }
}

/// The directories that the paths are in, with how many are in or below each.
fn directories<'path>(paths: impl Iterator<Item = &'path str>) -> Vec<DirectoryMark> {
    let mut counts: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for path in paths {
        for (depth, (end, _)) in path.match_indices('/').enumerate() {
            *counts.entry((depth, &path[..end])).or_default() += 1;
        }
    }
    let mark = |((_, path), changes): ((usize, &str), u64)| DirectoryMark { path: path.to_owned(), changes };
    counts.into_iter().take(MOST).map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_count_what_is_below_them_and_come_by_depth() {
        let found = directories(["a", "z/deep/x", "z/deep/y", "z/w", "b c/ü/v"].into_iter());
        let found: Vec<_> = found.iter().map(|one| (one.path.as_str(), one.changes)).collect();
        assert_eq!(found, [("b c", 1), ("z", 3), ("b c/ü", 1), ("z/deep", 2)]);
    }

    #[test]
    fn the_directories_near_the_root_are_named_when_there_are_too_many() {
        let paths: Vec<String> = (0..MOST).map(|number| format!("many/{number}/file")).collect();
        let found = directories(paths.iter().map(String::as_str));
        assert_eq!((found.len(), found[0].path.as_str(), found[0].changes), (MOST, "many", MOST as u64));
    }
}
