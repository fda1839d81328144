//! Getting what a state consists of from the tool host: what is kept already is not asked for.

use std::collections::{HashMap, HashSet};

use slipway_protocol::checkpoint::{MAX_CONTENT_BYTES, Node, ObjectId, Tree, WantedObjects};
use slipway_tools::client::ToolHostClient;

use super::objects::{Kind, ObjectError, Objects, id_of};
use super::{CheckpointError, blocking};

/// Objects that are asked for at a time.
const AT_ONCE: usize = 512;
/// Most new trees of one state.
const MAX_TREES: usize = 300_000;

/// Whether all of a state is kept now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fetched {
    /// It is.
    All,
    /// Files changed since the scan; there is a newer state.
    Changed,
}

/// Makes sure that a scanned state is kept with all that it names. Trees are kept after what they name, so that
/// one that is there is always whole, whenever this is broken off.
///
/// # Errors
/// When the tool host fails or sends something wrong, or an object cannot be written.
pub(super) async fn fetch(
    objects: &Objects,
    client: &ToolHostClient,
    root: ObjectId,
) -> Result<Fetched, CheckpointError> {
    if objects.has(Kind::Tree, &root) {
        return Ok(Fetched::All);
    }
    let mut trees: HashMap<ObjectId, (Vec<u8>, Tree)> = HashMap::new();
    let mut contents = HashSet::new();
    let mut wanted = vec![root];
    while !wanted.is_empty() {
        let mut below = HashSet::new();
        for ids in wanted.chunks(AT_ONCE) {
            let asked = WantedObjects { trees: ids.to_vec(), contents: Vec::new() };
            let mut stream = client.objects(&asked).await?;
            for id in ids {
                let Some(bytes) = next(&mut stream, id).await? else { return Ok(Fetched::Changed) };
                let tree = Tree::decode(&bytes).map_err(|_malformed| CheckpointError::Wrong)?;
                for node in tree.0.values() {
                    match node {
                        Node::Directory { tree, .. } => {
                            below.insert(*tree);
                        }
                        Node::File { content, size, .. } if *size <= MAX_CONTENT_BYTES => {
                            contents.insert(*content);
                        }
                        Node::File { .. } => return Err(CheckpointError::Wrong),
                        Node::Link { .. } | Node::Unkept { .. } => {}
                    }
                }
                trees.insert(*id, (bytes, tree));
            }
        }
        below.retain(|id| !trees.contains_key(id) && !objects.has(Kind::Tree, id));
        wanted = below.into_iter().collect();
        if trees.len() + wanted.len() > MAX_TREES {
            return Err(CheckpointError::Wrong);
        }
    }
    contents.retain(|id| !objects.has(Kind::Content, id));
    if fetch_contents(objects, client, contents).await? == Fetched::Changed {
        return Ok(Fetched::Changed);
    }
    let objects = objects.clone();
    blocking(move || keep_trees(&objects, &mut trees, root)).await?;
    Ok(Fetched::All)
}

async fn fetch_contents(
    objects: &Objects,
    client: &ToolHostClient,
    contents: HashSet<ObjectId>,
) -> Result<Fetched, CheckpointError> {
    let contents: Vec<ObjectId> = contents.into_iter().collect();
    let mut all = Fetched::All;
    for ids in contents.chunks(AT_ONCE) {
        let asked = WantedObjects { trees: Vec::new(), contents: ids.to_vec() };
        let mut stream = client.objects(&asked).await?;
        for id in ids {
            // The others are as good for the next attempt.
            let Some(bytes) = next(&mut stream, id).await? else {
                all = Fetched::Changed;
                continue;
            };
            let (objects, id) = (objects.clone(), *id);
            blocking(move || objects.put(Kind::Content, &id, &bytes)).await?;
        }
    }
    Ok(all)
}

/// The next object, which must be this one.
async fn next(
    stream: &mut slipway_tools::client::ObjectStream,
    id: &ObjectId,
) -> Result<Option<Vec<u8>>, CheckpointError> {
    let (frame, bytes) = stream.next().await?.ok_or(CheckpointError::Wrong)?;
    let Some(bytes) = bytes else { return Ok(None) };
    if frame.id != *id || id_of(&bytes) != *id {
        return Err(CheckpointError::Wrong);
    }
    Ok(Some(bytes.into()))
}

/// Keeps a tree after those below it.
fn keep_trees(
    objects: &Objects,
    trees: &mut HashMap<ObjectId, (Vec<u8>, Tree)>,
    root: ObjectId,
) -> Result<(), ObjectError> {
    // Without recursion: directories may be nested deeper than a stack is.
    let mut open = vec![(root, false)];
    while let Some((id, is_below_kept)) = open.pop() {
        let Some((bytes, tree)) = trees.get(&id) else { continue };
        if is_below_kept {
            objects.put(Kind::Tree, &id, bytes)?;
            trees.remove(&id);
            continue;
        }
        open.push((id, true));
        for node in tree.0.values() {
            if let Node::Directory { tree, .. } = node {
                open.push((*tree, false));
            }
        }
    }
    Ok(())
}
