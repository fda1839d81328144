//! A call that was let through: its answer on the way to the engine, and what ends it early.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures::{Stream, StreamExt};
use slipway_fail_points::{Point, reach};
use slipway_protocol::InvocationId;
use slipway_protocol::tool::{ToolOutcome, ToolStatus, ToolStreamItem};
use slipway_tools::client::{ClientError, ToolHostClient};
use tokio_util::sync::CancellationToken;

use super::active::ActiveRun;
use super::{pictures, stop_call};
use crate::app::AppState;
use crate::desktop::Turn;

/// How long the engine of a stopped run may take to hang up. Until then it gets no answer: with one it would
/// ask the model once more.
pub(super) const HANG_UP_LIMIT: Duration = Duration::from_secs(5);
/// How long the tool host may take to acknowledge that it cancels a call.
const CANCEL_LIMIT: Duration = Duration::from_millis(500);
/// After this the tool host is told once more to cancel a call that has not ended: it may have heard of that before it
/// heard of the call.
const CANCEL_AGAIN: Duration = Duration::from_millis(500);

/// A call that was let through.
pub(super) struct OpenCall {
    pub(super) app: AppState,
    /// Who carries it out; `None` when that is the gateway itself.
    pub(super) client: Option<ToolHostClient>,
    pub(super) turn: Turn,
    pub(super) name: String,
    pub(super) invocation_id: InvocationId,
    pub(super) run: Arc<ActiveRun>,
    /// Fires when the person stops this call alone.
    pub(super) stop: CancellationToken,
}

impl OpenCall {
    /// The lines of the answer. Dropping the stream, or stopping the run, cancels the call; one that is not
    /// known to have ended stays among those in flight, and is cancelled once more when the run ends.
    pub(super) fn forward(
        self,
        items: impl Stream<Item = Result<ToolStreamItem, ClientError>> + Send + 'static,
    ) -> impl Stream<Item = Result<Bytes, serde_json::Error>> + Send + 'static {
        self.run.call_began(self.invocation_id.clone());
        let stop = self.run.stop.clone();
        let lines = async_stream::stream! {
            tokio::pin!(items);
            let (mut is_taken_over, mut is_stopping) = (false, false);
            loop {
                let next = tokio::select! {
                    next = items.next() => next,
                    () = self.turn.taken_over(), if !is_taken_over => {
                        is_taken_over = true;
                        self.cancel().await;
                        continue;
                    }
                    () = self.is_to_stop(is_stopping) => {
                        is_stopping = true;
                        if self.client.is_some() {
                            self.cancel().await;
                            continue;
                        }
                        let given_up = ToolOutcome::new(ToolStatus::Stopped, "It had found nothing yet.");
                        Some(Ok(ToolStreamItem::Result(Box::new(given_up))))
                    }
                };
                let item = match next {
                    Some(Ok(item)) => item,
                    Some(Err(error)) => broken(&self.name, &error),
                    None => break,
                };
                if let ToolStreamItem::Result(mut outcome) = item {
                    reach(Point::CallResultReceived);
                    if self.stop.is_cancelled() {
                        stop_call::tell(&mut outcome);
                    }
                    self.turn.end(self.client.as_ref(), &mut outcome).await;
                    pictures::keep(&self.app, &self.run, &mut outcome).await;
                    self.run.call_ended(&self.invocation_id, outcome.status);
                    yield line(&ToolStreamItem::Result(outcome));
                    break;
                }
                yield line(&item);
            }
        };
        let stopped = stop.clone();
        let last = futures::stream::once(async move {
            if stopped.is_cancelled() {
                tokio::time::sleep(HANG_UP_LIMIT).await;
            }
        });
        lines.take_until(stop.cancelled_owned()).chain(last.filter_map(|()| std::future::ready(None)))
    }

    /// Waits until the call is to be stopped, or stopped once more.
    async fn is_to_stop(&self, again: bool) {
        if again {
            tokio::time::sleep(CANCEL_AGAIN).await;
        } else {
            self.stop.cancelled().await;
        }
    }

    /// Has the tool host end the call. The result tells how far it came; when this fails, it ends by itself.
    async fn cancel(&self) {
        let Some(client) = &self.client else { return };
        match tokio::time::timeout(CANCEL_LIMIT, client.cancel(&self.invocation_id)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, id = %self.invocation_id, "a call could not be cancelled")
            }
            Err(_elapsed) => {
                tracing::warn!(id = %self.invocation_id, "nobody acknowledged that a call is cancelled")
            }
        }
    }
}

/// A line of an answer.
pub(super) fn line(item: &ToolStreamItem) -> Result<Bytes, serde_json::Error> {
    let mut line = serde_json::to_vec(item)?;
    line.push(b'\n');
    Ok(line.into())
}

/// What the model is told when the tool host failed during the call.
fn broken(tool: &str, error: &ClientError) -> ToolStreamItem {
    tracing::warn!(%error, tool, "a tool call broke");
    let outcome = match error {
        ClientError::Refused { problem, .. } => {
            ToolOutcome::error(format!("The call was refused: {}. {}", problem.title, problem.detail))
        }
        other => ToolOutcome::new(
            ToolStatus::Interrupted,
            format!(
                "The connection to the sandbox broke during this call ({other}), so it is not known \
                 whether it took effect. Look at the present state before you go on."
            ),
        ),
    };
    ToolStreamItem::Result(Box::new(outcome))
}
