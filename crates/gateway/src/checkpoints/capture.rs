//! Recording the workspace's present state.

use std::time::{Duration, Instant};

use slipway_fail_points::{Point, reach};
use slipway_protocol::api::{Checkpoint, CheckpointKind};
use slipway_protocol::checkpoint::{ObjectId, Scan};
use slipway_protocol::event::EventBody;
use slipway_protocol::{CheckpointId, ConversationId, RunId, WorkspaceId};
use slipway_tools::client::ToolHostClient;

use super::changes::files_between;
use super::fetch::{Fetched, fetch};
use super::{CheckpointError, Turn, blocking};
use crate::app::AppState;
use crate::store::checkpoints::{self as rows, StoredCheckpoint};
use crate::store::{Write, conversations, now_ms};

/// How often a state is scanned anew because files changed while it was recorded.
const ATTEMPTS: usize = 3;
/// How long recording may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Most paths that an event names.
const MOST_PATHS: usize = 200;

/// Whose state it is, and why it is recorded.
#[derive(Debug, Clone)]
pub(super) struct Occasion {
    pub(super) conversation_id: ConversationId,
    pub(super) run_id: Option<RunId>,
    pub(super) step: Option<u32>,
    pub(super) kind: CheckpointKind,
}

/// A state that is kept, and how it came out of the newest one that was known.
pub(super) struct Taken {
    pub(super) stored: StoredCheckpoint,
    pub(super) workspace: WorkspaceId,
    /// Paths of files that changed since.
    paths: Vec<String>,
}

/// Keeps the present state without a checkpoint, so that the next one has less to do.
///
/// # Errors
/// See [`CheckpointError`].
pub(super) async fn keep_present(app: &AppState, turn: &Turn) -> Result<Scan, CheckpointError> {
    let client = app.sandboxes.client_in(&turn.workspace).ok_or(CheckpointError::NoSandbox)?;
    let keeping = keep(app, &client);
    tokio::time::timeout(LIMIT, keeping).await.map_err(|_| CheckpointError::TooSlow(LIMIT.as_secs()))?
}

async fn keep(app: &AppState, client: &ToolHostClient) -> Result<Scan, CheckpointError> {
    for _ in 0..ATTEMPTS {
        let scan = client.scan().await?;
        if fetch(app.checkpoints.objects(), client, scan.root).await? == Fetched::All {
            return Ok(scan);
        }
    }
    Err(CheckpointError::Changing)
}

/// Takes the present state, without recording it.
///
/// # Errors
/// See [`CheckpointError`].
pub(super) async fn take(
    app: &AppState,
    turn: &mut Turn,
    occasion: &Occasion,
) -> Result<Taken, CheckpointError> {
    let scan = keep_present(app, turn).await?;
    let mut read = app.store.read().await?;
    let newest = rows::newest_root(&mut read, turn.workspace.as_str()).await?;
    drop(read);
    let paths = differing(app, newest, scan.root).await?;
    *turn.recorded = Some(Instant::now());
    if newest != Some(scan.root) {
        app.checkpoints.set_grown(true);
    }
    reach(Point::StateTaken);
    let Occasion { conversation_id, run_id, step, kind } = occasion.clone();
    let checkpoint = Checkpoint {
        id: CheckpointId::generate(),
        conversation_id,
        run_id,
        step,
        kind,
        changed_files: paths.len() as u64,
        files: scan.files,
        unkept: scan.unkept,
        unkept_count: scan.unkept_count,
        created_at: now_ms(),
    };
    let stored = StoredCheckpoint { checkpoint, ordinal: 0, root: scan.root, parent_root: newest };
    Ok(Taken { stored, workspace: turn.workspace.clone(), paths })
}

async fn differing(
    app: &AppState,
    newest: Option<ObjectId>,
    root: ObjectId,
) -> Result<Vec<String>, CheckpointError> {
    // Of the very first state everything would be new.
    let Some(newest) = newest.filter(|newest| *newest != root) else { return Ok(Vec::new()) };
    let objects = app.checkpoints.objects().clone();
    let compared = blocking(move || files_between(&objects, Some(&newest), &root)).await;
    match compared {
        // Without the state before nobody can tell what changed, but this one is whole.
        Err(CheckpointError::Object(super::ObjectError::Lost(lost))) => {
            tracing::error!(%lost, "the state before is damaged");
            Ok(Vec::new())
        }
        other => other,
    }
}

impl Taken {
    /// Whether it is another state than the newest one that was known.
    pub(super) fn is_new(&self) -> bool {
        self.stored.parent_root != Some(self.stored.root)
    }

    /// Records it, and tells of it.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn record(&self, write: &mut Write) -> Result<(), CheckpointError> {
        let checkpoint = &self.stored.checkpoint;
        let id = &checkpoint.conversation_id;
        rows::insert(write, self.workspace.as_str(), &self.stored).await?;
        let created = EventBody::CheckpointCreated { checkpoint: Box::new(checkpoint.clone()) };
        write.record(Some(id), created).await?;
        if !self.paths.is_empty() {
            let paths = self.paths.iter().take(MOST_PATHS).cloned().collect();
            write.record(Some(id), EventBody::FilesChanged { paths }).await?;
        }
        Ok(())
    }
}

/// Records the present state: always when a run or a restoration begins, else only when it is a new one.
///
/// # Errors
/// See [`CheckpointError`].
pub(super) async fn capture(
    app: &AppState,
    turn: &mut Turn,
    occasion: &Occasion,
) -> Result<Option<StoredCheckpoint>, CheckpointError> {
    let taken = take(app, turn, occasion).await?;
    let is_due = match occasion.kind {
        CheckpointKind::BeforeRun | CheckpointKind::BeforeRestore | CheckpointKind::Restored => true,
        CheckpointKind::Step | CheckpointKind::Outside => taken.is_new(),
    };
    if !is_due {
        return Ok(None);
    }
    let mut write = app.store.write().await?;
    // A conversation may be deleted while its run ends.
    if conversations::get(write.connection(), &occasion.conversation_id).await?.is_none() {
        return Ok(None);
    }
    taken.record(&mut write).await?;
    reach(Point::StateBeforeCommit);
    write.commit().await?;
    reach(Point::StateAfterCommit);
    Ok(Some(taken.stored))
}
