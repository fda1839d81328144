//! Changing what waits in a conversation's queue.

use slipway_fail_points::{Point, reach};
use slipway_protocol::{ConversationId, MessageId, Problem};

use super::commands::{existing, finish};
use super::{orders, steer};
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::gateways::Order;
use crate::store::{Write, queue};

/// Has a waiting message say something else. If it was to be told to the run that goes on, it waits for its end
/// instead: the model must not hear the old words.
///
/// # Errors
/// When there is no such message (any more) or the database fails.
pub async fn edit(
    app: &AppState,
    id: ConversationId,
    message_id: MessageId,
    text: String,
) -> Result<(), ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        if !queue::rewrite(&mut write, &id, &message_id, &text).await? {
            return Err(ApiError::not_found("waiting message", message_id));
        }
        take_back(
            &state,
            write,
            &id,
            &message_id,
            [Point::QueuedEditBeforeCommit, Point::QueuedEditAfterCommit],
        )
        .await
    })
    .await
}

/// Puts what waits into another order.
///
/// # Errors
/// When something else waits by now (409), or the database fails.
pub async fn reorder(app: &AppState, id: ConversationId, order: Vec<MessageId>) -> Result<(), ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        if !queue::reorder(&mut write, &id, &order).await? {
            return Err(Problem::new(409, "queue_changed", "The queue has changed meanwhile")
                .detail("Other messages wait now than those that were to be put in order.")
                .hint("Look at what waits now, and try again.")
                .into());
        }
        Ok(write.commit().await?)
    })
    .await
}

/// Takes a waiting message out of the queue.
///
/// # Errors
/// When there is no such message or the database fails.
pub async fn remove(app: &AppState, id: ConversationId, message_id: MessageId) -> Result<(), ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        if queue::take(&mut write, &id, &message_id).await?.is_none() {
            return Err(ApiError::not_found("waiting message", message_id));
        }
        let points = [Point::QueuedRemoveBeforeCommit, Point::QueuedRemoveAfterCommit];
        take_back(&state, write, &id, &message_id, points).await
    })
    .await
}

/// Commits a change of a waiting message, and takes the message back from the run that was to be told it, wherever
/// that is driven.
async fn take_back(
    app: &AppState,
    mut write: Write,
    id: &ConversationId,
    message_id: &MessageId,
    [before, after]: [Point; 2],
) -> Result<(), ApiError> {
    let stored = existing(&mut write, id).await?;
    let order = |run_id| Order::TakeBack { run_id, message_id: message_id.clone() };
    let elsewhere = orders::pass(&mut write, &stored, order).await?;
    reach(before);
    write.commit().await?;
    reach(after);
    if let Some(run_id) = stored.conversation.run_id.filter(|_| !elsewhere) {
        steer::take_back(app, &run_id, message_id);
    }
    Ok(())
}
