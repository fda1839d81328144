//! What a tool is given besides its arguments.

use std::sync::Arc;

use slipway_protocol::id::{ConversationId, InvocationId};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::workspace::Workspace;

/// The surroundings of one call.
#[derive(Clone)]
pub struct ToolContext {
    /// Where the tool works.
    pub workspace: Arc<Workspace>,
    /// Whose shell and state to use.
    pub conversation_id: ConversationId,
    /// This execution.
    pub invocation_id: InvocationId,
    /// The step in which the call was made.
    pub step: u32,
    /// Where live output for the person goes.
    pub output: OutputSink,
    /// Fires when the person stops the call, or nobody waits for it any more.
    pub cancel: CancellationToken,
}

impl ToolContext {
    /// Runs file work on the blocking pool, as the workspace's owner; a panic in it goes on in the
    /// caller, whose call it ends.
    pub async fn blocking<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> R {
        let workspace = Arc::clone(&self.workspace);
        match tokio::task::spawn_blocking(move || workspace.as_owner(work)).await {
            Ok(result) => result,
            Err(failure) => std::panic::resume_unwind(failure.into_panic()),
        }
    }
}

/// Live output of a call. Bounded: a slow reader makes [`OutputSink::send`] wait and [`OutputSink::offer`]
/// refuse.
#[derive(Clone)]
pub struct OutputSink {
    sender: mpsc::Sender<String>,
}

impl OutputSink {
    /// A sink for at most `capacity` pieces that were not read yet, and its reading end.
    pub fn channel(capacity: usize) -> (Self, mpsc::Receiver<String>) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Self { sender }, receiver)
    }

    /// A sink that nobody reads.
    pub fn discard() -> Self {
        Self::channel(1).0
    }

    /// Passes text on, waiting for room. Text that nobody reads any more is dropped.
    pub async fn send(&self, text: String) {
        let _ = self.sender.send(text).await;
    }

    /// Passes text on if there is room; otherwise gives it back, to be joined with what comes next.
    /// Text that nobody reads any more is dropped.
    ///
    /// # Errors
    /// The text, when there is no room.
    pub fn offer(&self, text: String) -> Result<(), String> {
        match self.sender.try_send(text) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(text)) => Err(text),
        }
    }
}
