//! Going back to a recorded state, in whole or in part.
//!
//! The present state is recorded first, so every restoration can be undone by another one. What is to be done is
//! noted in the database before it begins ([`Restoration`]) and is the same however often it is done, so a
//! restoration that a crash has broken off is finished at the next start ([`finish_all`]). Only paths that one of
//! the two states names are touched, and each only while it is as the present state has it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use slipway_fail_points::{Point, reach};
use slipway_protocol::api::{CheckpointKind, RestoreFailure, RestoreFiles, RestorePreview, RestoreReceipt};
use slipway_protocol::checkpoint::{Node, Operation, Outcome};
use slipway_protocol::event::EventBody;
use slipway_protocol::{CheckpointId, ConversationId, Problem};
use slipway_tools::client::{ClientError, ToolHostClient};

use super::capture::{Occasion, Taken, take};
use super::changes::{self, Change};
use super::objects::Kind;
use super::plan::{Plan, chosen};
use super::{CheckpointError, Turn, blocking, hunk, ignored, notice};
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::checkpoints::{self as rows, Restoration, StoredCheckpoint};
use crate::store::{conversations, workspaces};

/// How long a connection that broke has for being noticed, before a restoration is tried over the next one.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);
/// Most paths of a preview.
const MOST_PATHS: usize = 500;

/// What a restoration would do, and what it would overwrite.
struct Intended {
    plan: Plan,
    conflicts: Vec<String>,
}

/// Tells what a restoration would do.
///
/// # Errors
/// When there is no such checkpoint, or states cannot be recorded or compared.
pub async fn preview(
    app: &AppState,
    id: &ConversationId,
    wanted: &RestoreFiles,
) -> Result<RestorePreview, ApiError> {
    let mut turn = turn_of(app, id).await?;
    let target = existing(app, id, &wanted.checkpoint_id).await?;
    let taken = take(app, &mut turn, &before_restore(id)).await?;
    let Intended { plan, conflicts } = intend(app, id, &target, &taken, wanted).await?;
    let total = plan.steps.len() as u64;
    let files = plan.steps.into_iter().take(MOST_PATHS).collect();
    Ok(RestorePreview { total, files, conflicts, impossible: plan.impossible })
}

/// Restores files.
///
/// # Errors
/// When a run goes on, there is no such checkpoint, files were changed by somebody else since and the request does
/// not name them, or states cannot be recorded, compared or written.
pub async fn apply(
    app: &AppState,
    id: &ConversationId,
    wanted: &RestoreFiles,
) -> Result<RestoreReceipt, ApiError> {
    let mut turn = turn_of(app, id).await?;
    if app.runs.are_in(&turn.workspace) {
        return Err(run_active());
    }
    let target = existing(app, id, &wanted.checkpoint_id).await?;
    let taken = take(app, &mut turn, &before_restore(id)).await?;
    let Intended { plan, conflicts } = intend(app, id, &target, &taken, wanted).await?;
    let overwritten: BTreeSet<&String> = wanted.overwrite.iter().collect();
    let refused: Vec<String> = conflicts.into_iter().filter(|path| !overwritten.contains(path)).collect();
    if !refused.is_empty() {
        return Err(changed_since(&refused));
    }
    let before = taken.stored.checkpoint.id.clone();
    let restoration =
        Restoration { before: before.clone(), conversation_id: id.clone(), operations: plan.operations };
    let mut write = app.store.write().await?;
    taken.record(&mut write).await?;
    rows::begin_restoration(&mut write, &restoration).await?;
    write.commit().await?;
    reach(Point::RestoreNoted);
    let carried_out = carry_out(app, &mut turn, &restoration).await;
    if carried_out.is_err() {
        drop(turn);
        finish_all(app).await?;
    }
    let (after, done, failed) = carried_out?;
    let unkept = plan.impossible.into_iter().map(|file| RestoreFailure {
        path: file.path,
        reason: "its content is not kept, so it is left as it is".to_owned(),
    });
    Ok(RestoreReceipt { before, after, restored: done, failed: failed.into_iter().chain(unkept).collect() })
}

/// Finishes restorations that were broken off. To be called once, before anything can begin a run.
///
/// # Errors
/// When the database fails.
pub async fn finish_all(app: &AppState) -> Result<(), CheckpointError> {
    let mut read = app.store.read().await?;
    let open = rows::open_restorations(&mut read).await?;
    drop(read);
    if open.is_empty() {
        return Ok(());
    }
    tracing::warn!(
        count = open.len(),
        "a restoration was broken off; it is finished when the sandbox is there"
    );
    // Nothing may be recorded or written by a run until its workspace is whole again.
    let mut turns = BTreeMap::new();
    for restoration in open {
        let mut read = app.store.read().await?;
        let workspace = workspaces::of_conversation(&mut read, &restoration.conversation_id).await?;
        drop(read);
        let (_, open) = match turns.entry(workspace) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => {
                let turn = app.checkpoints.turn(vacant.key()).await;
                vacant.insert((turn, Vec::new()))
            }
        };
        open.push(restoration);
    }
    let state = app.clone();
    app.tasks.spawn(async move {
        for (mut turn, open) in turns.into_values() {
            for restoration in &open {
                let finishing = finish(&state, &mut turn, restoration);
                match state.shutdown.run_until_cancelled(finishing).await {
                    Some(Err(error)) => tracing::error!(%error, "a restoration cannot be finished"),
                    Some(Ok(())) => {}
                    None => return,
                }
            }
        }
    });
    Ok(())
}

/// The turn in the workspace of a conversation.
async fn turn_of(app: &AppState, id: &ConversationId) -> Result<Turn, CheckpointError> {
    let mut read = app.store.read().await?;
    let workspace = workspaces::of_conversation(&mut read, id).await?;
    drop(read);
    Ok(app.checkpoints.turn(&workspace).await)
}

async fn finish(app: &AppState, turn: &mut Turn, restoration: &Restoration) -> Result<(), CheckpointError> {
    loop {
        while app.sandboxes.wait_for_client(Duration::from_secs(3600)).await.is_none() {}
        match carry_out(app, turn, restoration).await {
            // The connection that is there at first may be the one that just broke.
            Err(
                CheckpointError::NoSandbox
                | CheckpointError::Client(ClientError::Disconnected(_) | ClientError::Incomplete),
            ) => tokio::time::sleep(RECONNECT_PAUSE).await,
            outcome => return outcome.map(drop),
        }
    }
}

/// Does what is noted, and notes that it is done: the state after it, how many paths were changed, and what could
/// not be done.
async fn carry_out(
    app: &AppState,
    turn: &mut Turn,
    restoration: &Restoration,
) -> Result<(CheckpointId, u64, Vec<RestoreFailure>), CheckpointError> {
    let client = app.sandboxes.client_in(&turn.workspace).ok_or(CheckpointError::NoSandbox)?;
    let outcomes = send(app, &client, &restoration.operations).await?;
    reach(Point::RestoreApplied);
    let (mut paths, mut failed) = (BTreeSet::new(), Vec::new());
    for (operation, outcome) in restoration.operations.iter().zip(outcomes) {
        let path = String::from_utf8_lossy(&operation.path).into_owned();
        let is_directory =
            [&operation.expected, &operation.wanted].into_iter().flatten().all(Node::is_directory);
        match reason(outcome) {
            Some(reason) => failed.push(RestoreFailure { path, reason }),
            None if !is_directory => {
                paths.insert(path);
            }
            None => {}
        }
    }
    let id = &restoration.conversation_id;
    let occasion = Occasion { kind: CheckpointKind::Restored, ..before_restore(id) };
    let taken = take(app, turn, &occasion).await?;
    let mut write = app.store.write().await?;
    rows::end_restoration(&mut write, &restoration.before).await?;
    let checkpoint = taken.stored.checkpoint.clone();
    let (after, restored) = (checkpoint.id.clone(), paths.len() as u64);
    if conversations::get(write.connection(), id).await?.is_some() {
        taken.record(&mut write).await?;
        let before = restoration.before.clone();
        let event = EventBody::CheckpointRestored { checkpoint: Box::new(checkpoint), before };
        write.record(Some(id), event).await?;
        if !paths.is_empty() {
            notice::tell(&mut write, id, &paths.into_iter().collect::<Vec<_>>()).await?;
        }
    }
    reach(Point::RestoreBeforeCommit);
    write.commit().await?;
    reach(Point::RestoreAfterCommit);
    Ok((after, restored, failed))
}

async fn send(
    app: &AppState,
    client: &ToolHostClient,
    operations: &[Operation],
) -> Result<Vec<Outcome>, CheckpointError> {
    let objects = app.checkpoints.objects().clone();
    let sent = futures::stream::iter(operations.to_vec()).then(move |operation| {
        let objects = objects.clone();
        async move {
            let content = match operation.wanted.as_ref().and_then(Node::content) {
                Some(id) => blocking(move || objects.get(Kind::Content, &id)).await?.into(),
                None => Bytes::new(),
            };
            Ok::<_, CheckpointError>((operation, content))
        }
    });
    let applied = client.apply(sent).await??;
    if applied.outcomes.len() != operations.len() {
        return Err(CheckpointError::Wrong);
    }
    Ok(applied.outcomes)
}

/// Why something was not done.
fn reason(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Done => None,
        Outcome::Changed => Some("it changed meanwhile, and was left alone".to_owned()),
        Outcome::NotEmpty => Some("the directory holds files that are not recorded, and stays".to_owned()),
        Outcome::Failed { reason } => Some(reason),
    }
}

async fn intend(
    app: &AppState,
    id: &ConversationId,
    target: &StoredCheckpoint,
    present: &Taken,
    wanted: &RestoreFiles,
) -> Result<Intended, ApiError> {
    let objects = app.checkpoints.objects().clone();
    let (from, root) = (target.root, present.stored.root);
    let changes: Vec<Change> = match wanted.hunk.clone() {
        Some(choice) => {
            let to = existing(app, id, &choice.to).await?.root;
            let undone = blocking(move || hunk::undo(&objects, (&from, &to, &root), &choice)).await?;
            vec![undone.map_err(ApiError::Problem)?]
        }
        None => {
            let all = blocking(move || {
                ignored::spared(&objects, &from, changes::between(&objects, Some(&root), &from)?)
            })
            .await?;
            chosen(all, &wanted.paths)
        }
    };
    let foreign = foreign_paths(app, id, target, present).await?;
    let plan = Plan::of(&changes);
    let steps = plan.steps.iter().map(|step| step.path.clone());
    let conflicts = steps.filter(|path| foreign.contains(path)).collect();
    Ok(Intended { plan, conflicts })
}

/// Files that somebody else than the conversation's agent has changed since a state.
async fn foreign_paths(
    app: &AppState,
    id: &ConversationId,
    since: &StoredCheckpoint,
    present: &Taken,
) -> Result<BTreeSet<String>, CheckpointError> {
    let mut read = app.store.read().await?;
    let later = rows::after(&mut read, present.workspace.as_str(), since.ordinal).await?;
    drop(read);
    let own = |stored: &StoredCheckpoint| {
        stored.checkpoint.conversation_id == *id
            && matches!(stored.checkpoint.kind, CheckpointKind::Step | CheckpointKind::Restored)
    };
    let transitions: Vec<_> = later
        .iter()
        .filter(|stored| !own(stored))
        .chain([&present.stored])
        .filter_map(|stored| Some((stored.parent_root?, stored.root)))
        .collect();
    let objects = app.checkpoints.objects().clone();
    blocking(move || {
        let mut paths = BTreeSet::new();
        for (from, to) in transitions {
            paths.extend(changes::files_between(&objects, Some(&from), &to)?);
        }
        Ok(paths)
    })
    .await
}

async fn existing(
    app: &AppState,
    conversation: &ConversationId,
    id: &CheckpointId,
) -> Result<StoredCheckpoint, ApiError> {
    let mut read = app.store.read().await?;
    let stored = rows::get(&mut read, conversation, id).await?;
    stored.ok_or_else(|| ApiError::not_found("checkpoint", id))
}

fn before_restore(id: &ConversationId) -> Occasion {
    let kind = CheckpointKind::BeforeRestore;
    Occasion { conversation_id: id.clone(), run_id: None, step: None, kind }
}

fn run_active() -> ApiError {
    Problem::new(409, "run_active", "The model is at work in this workspace")
        .detail("Files cannot be restored while a run may change them.")
        .hint("Wait until it is done, or stop it first.")
        .into()
}

fn changed_since(paths: &[String]) -> ApiError {
    const NAMED: usize = 10;
    let named = paths.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = paths.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Problem::new(409, "changed_since", "Files were changed by somebody else than the agent since then")
        .detail(format!("Restoring would overwrite {named}{more}."))
        .hint("Send their paths in `overwrite` to restore them all the same.")
        .into()
}
