//! Deleting objects that no checkpoint needs any more, and the oldest checkpoints when they take up too much.

use std::collections::HashSet;
use std::time::Duration;

use slipway_protocol::checkpoint::{Node, ObjectId};

use super::objects::{Kind, ObjectError, Objects};
use super::{CheckpointError, blocking};
use crate::app::AppState;
use crate::store::checkpoints as rows;

/// How often it is looked whether there is something to delete.
const INTERVAL: Duration = Duration::from_secs(60);
/// Checkpoints that are given up at a time when all take up too much.
const GIVEN_UP: u32 = 100;

/// Deletes what is not needed, now and whenever conversations were deleted, until the gateway stops.
pub async fn keep_small(app: AppState) {
    loop {
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "objects that nobody needs stay");
        }
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

/// Finishes what a crash has broken off. To be called before anything is recorded.
///
/// # Errors
/// When files or the database fail.
pub async fn finish(app: &AppState) -> Result<(), CheckpointError> {
    if app.checkpoints.objects().sweep_mark().exists() { sweep(app).await } else { Ok(()) }
}

async fn sweep(app: &AppState) -> Result<(), CheckpointError> {
    let _alone = app.checkpoints.alone().await;
    let objects = app.checkpoints.objects().clone();
    loop {
        let was_broken_off = objects.sweep_mark().exists();
        if app.checkpoints.take_garbage() || was_broken_off {
            clean(app, &objects).await?;
        }
        if !app.checkpoints.has_grown() {
            return Ok(());
        }
        let sized = objects.clone();
        if blocking(move || sized.size()).await? <= app.config.checkpoint_bytes {
            app.checkpoints.set_grown(false);
            return Ok(());
        }
        let mut write = app.store.write().await?;
        let given_up = rows::delete_oldest(&mut write, GIVEN_UP).await?;
        write.commit().await?;
        if given_up == 0 {
            app.checkpoints.set_grown(false);
            return Ok(());
        }
        tracing::warn!(given_up, "checkpoints take up more than allowed: the oldest are given up");
        app.checkpoints.forgot_some();
    }
}

/// Deletes all objects that no checkpoint and no open restoration needs.
async fn clean(app: &AppState, objects: &Objects) -> Result<(), CheckpointError> {
    let mut read = app.store.read().await?;
    let roots = rows::roots(&mut read).await?;
    let restorations = rows::open_restorations(&mut read).await?;
    drop(read);
    let wanted = restorations.iter().flat_map(|restoration| &restoration.operations);
    let contents = wanted.filter_map(|operation| operation.wanted.as_ref()?.content()).collect();
    let objects = objects.clone();
    let deleted = blocking(move || delete_unneeded(&objects, roots, contents)).await?;
    if deleted > 0 {
        tracing::info!(deleted, "objects that no checkpoint needs are deleted");
    }
    Ok(())
}

/// Deletes all objects that neither these states nor these contents are. Trees go first; while that is unfinished a
/// mark is there, so that a tree whose parts are gone is deleted before anybody relies on it.
fn delete_unneeded(
    objects: &Objects,
    roots: Vec<ObjectId>,
    mut contents: HashSet<ObjectId>,
) -> Result<u64, ObjectError> {
    let mut trees = HashSet::new();
    let mut open = roots;
    while let Some(id) = open.pop() {
        if !objects.has(Kind::Tree, &id) || !trees.insert(id) {
            continue;
        }
        // One that is damaged is of no use, but must not keep all others from being looked at.
        let Ok(tree) = objects.tree(&id) else { continue };
        for node in tree.0.into_values() {
            match node {
                Node::Directory { tree, .. } => open.push(tree),
                Node::File { content, .. } => {
                    contents.insert(content);
                }
                Node::Link { .. } | Node::Unkept { .. } => {}
            }
        }
    }
    let mark = objects.sweep_mark();
    if let Some(directory) = mark.parent() {
        std::fs::create_dir_all(directory)?;
    }
    std::fs::write(&mark, b"")?;
    let deleted = objects.retain(Kind::Tree, |id| trees.contains(id))?
        + objects.retain(Kind::Content, |id| contents.contains(id))?;
    std::fs::remove_file(mark)?;
    Ok(deleted)
}
