//! Deleting conversations, bringing them back, and removing them when nobody did.

use std::time::Duration;

use slipway_fail_points::{Point, reach};
use slipway_protocol::ConversationId;
use slipway_protocol::api::{Conversation, Deletion};

use super::commands::{begin_stop, carry_out_stop, existing, finish};
use super::waiting;
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::deletions::{self, Presence};
use crate::store::{StoreError, conversations, now_ms};

/// How often it is looked whether a conversation is to be removed.
const INTERVAL: Duration = Duration::from_secs(20);
/// How long the tool host may take to end a conversation's shell.
const SHELL_END_LIMIT: Duration = Duration::from_secs(2);

/// Deletes a conversation, stopping its run. For so long it can be brought back; then it is removed.
///
/// # Errors
/// When there is no such conversation or the database fails.
pub async fn delete(app: &AppState, id: ConversationId, undo: Duration) -> Result<Deletion, ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        let stored = existing(&mut write, &id).await?;
        let stopping = if waiting::is_waiting(&stored.conversation) {
            None
        } else {
            begin_stop(&mut write, &stored).await?
        };
        let undo_until = write.now() + i64::try_from(undo.as_millis()).unwrap_or(i64::MAX);
        deletions::hide(&mut write, &id, undo_until).await?;
        reach(Point::DeleteBeforeCommit);
        write.commit().await?;
        reach(Point::DeleteAfterCommit);
        if let Some(run_id) = stopping {
            carry_out_stop(&state, &stored, &run_id).await?;
        }
        state.desktop.forget(&id);
        if undo.is_zero() {
            remove(&state, &id).await?;
        }
        Ok(Deletion { undo_until })
    })
    .await
}

/// Deletes a conversation with nothing left to bring back, whether it is there or was deleted already.
///
/// # Errors
/// When the database fails.
pub async fn delete_for_good(app: &AppState, id: ConversationId) -> Result<(), ApiError> {
    match delete(app, id.clone(), Duration::ZERO).await {
        Err(ApiError::Problem(problem)) if problem.status == 404 => {}
        done => return done.map(drop),
    }
    let mut write = app.store.write().await?;
    deletions::end_undo(&mut write, &id).await?;
    write.commit().await?;
    Ok(remove(app, &id).await?)
}

/// Brings a deleted conversation back; nothing happens to one that is there.
///
/// # Errors
/// When it is gone or the database fails.
pub async fn undo(app: &AppState, id: ConversationId) -> Result<Conversation, ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        match deletions::presence(write.connection(), &id).await? {
            Some(Presence::Present) => {}
            Some(Presence::Until(until)) if until > write.now() => {
                deletions::bring_back(&mut write, &id).await?;
            }
            Some(Presence::Until(_)) | None => return Err(ApiError::not_found("conversation", id)),
        }
        let conversation = existing(&mut write, &id).await?.conversation;
        reach(Point::UndoBeforeCommit);
        write.commit().await?;
        reach(Point::UndoAfterCommit);
        Ok(conversation)
    })
    .await
}

/// Removes deleted conversations whose time is over, until the gateway stops. What a crash has left is done then.
pub async fn keep_clean(app: AppState) {
    loop {
        if let Err(error) = remove_due(&app).await {
            tracing::warn!(%error, "deleted conversations are not removed yet");
        }
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

async fn remove_due(app: &AppState) -> Result<(), StoreError> {
    let mut read = app.store.read().await?;
    let due = deletions::due(&mut read, now_ms()).await?;
    drop(read);
    for id in due {
        remove(app, &id).await?;
    }
    Ok(())
}

/// Removes a deleted conversation for good, with its shell.
async fn remove(app: &AppState, id: &ConversationId) -> Result<(), StoreError> {
    let mut write = app.store.write().await?;
    let stored = conversations::get(write.connection(), id).await?;
    if !deletions::remove(&mut write, id).await? {
        return Ok(());
    }
    reach(Point::RemoveBeforeCommit);
    write.commit().await?;
    reach(Point::RemoveAfterCommit);
    let conversation = stored.map(|stored| stored.conversation);
    let workspace = conversation.as_ref().map(|gone| gone.workspace_id.clone()).unwrap_or_default();
    let run_id = conversation.and_then(|conversation| conversation.run_id);
    if let Some(run) = run_id.and_then(|run_id| app.runs.get(&run_id)) {
        run.stop.cancel();
    }
    app.checkpoints.forgot_some();
    if let Some(client) = app.sandboxes.client_in(&workspace) {
        match tokio::time::timeout(SHELL_END_LIMIT, client.end_conversation(id)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a deleted conversation's shell was not ended"),
            Err(_elapsed) => tracing::warn!("the tool host did not end a deleted conversation's shell"),
        }
    }
    Ok(())
}
