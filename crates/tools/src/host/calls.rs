//! Calls under way: their answers as streams of lines, and how they are cancelled.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use slipway_fail_points::{Point, reach};
use slipway_protocol::credentials::Hider;
use slipway_protocol::id::InvocationId;
use slipway_protocol::tool::{ToolInvocation, ToolOutcome, ToolStreamItem};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::registry::{OutputSink, Registry, ToolContext};
use crate::workspace::Workspace;

/// Pieces of live output that wait for the connection; when full, the tool waits or joins pieces.
const WAITING_PIECES: usize = 64;

/// Most bytes of live output in one line of the answer.
const MAX_PIECE_BYTES: usize = 64 * 1024;

/// How long calls may take to end when the host stops; a little more than a tool gets.
const STOP_LIMIT: Duration = Duration::from_millis(2500);

/// The calls of a host that have not ended.
#[derive(Default)]
pub(super) struct Calls {
    running: Arc<Mutex<HashMap<InvocationId, CancellationToken>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// A call with the same id has not ended yet.
#[derive(Debug)]
pub(super) struct AlreadyRunning;

impl Calls {
    /// Starts a call. The stream yields its lines as they come about, and cancels the call when dropped.
    pub(super) fn start(
        &self,
        registry: &Arc<Registry>,
        workspace: &Arc<Workspace>,
        name: String,
        invocation: ToolInvocation,
    ) -> Result<impl Stream<Item = Bytes> + Send + use<>, AlreadyRunning> {
        let cancel = self.stop.child_token();
        let entry = self.enter(invocation.invocation_id.clone(), cancel.clone())?;
        let (output, outputs) = OutputSink::channel(WAITING_PIECES);
        let context = ToolContext {
            workspace: Arc::clone(workspace),
            conversation_id: invocation.conversation_id,
            invocation_id: invocation.invocation_id,
            step: invocation.step,
            output,
            cancel: cancel.clone(),
        };
        let (sender, result) = oneshot::channel();
        let registry = Arc::clone(registry);
        self.tasks.spawn(async move {
            reach(Point::CallReceived);
            let outcome = registry.dispatch(&name, invocation.arguments, context).await;
            reach(Point::CallDone);
            drop(entry);
            // Fails when the caller is gone, who then does not want it.
            let _ = sender.send(outcome);
        });
        let answer =
            Answer { outputs, hider: Hider::default(), result: Some(result), _guard: cancel.drop_guard() };
        Ok(futures::stream::unfold(answer, |mut answer| async move {
            answer.next_lines().await.map(|lines| (lines, answer))
        }))
    }

    /// Runs other work of the connection as a task that ends with the host.
    pub(super) fn attach<F>(&self, work: F)
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.run_until_cancelled(work).await;
        });
    }

    /// Cancels a call, if it is running.
    pub(super) fn cancel(&self, invocation: &InvocationId) {
        if let Some(token) = self.lock().get(invocation) {
            token.cancel();
        }
    }

    /// Cancels all calls and waits, for a limited time, until they have ended.
    pub(super) async fn stop_all(&self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(STOP_LIMIT, self.tasks.wait()).await.is_err() {
            tracing::warn!("some calls did not end in time");
        }
    }

    fn enter(&self, id: InvocationId, cancel: CancellationToken) -> Result<RunningEntry, AlreadyRunning> {
        match self.lock().entry(id.clone()) {
            Entry::Occupied(_) => return Err(AlreadyRunning),
            Entry::Vacant(vacant) => vacant.insert(cancel),
        };
        Ok(RunningEntry { id, running: Arc::clone(&self.running) })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<InvocationId, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a call off the list when it has ended, however it did.
struct RunningEntry {
    id: InvocationId,
    running: Arc<Mutex<HashMap<InvocationId, CancellationToken>>>,
}

impl Drop for RunningEntry {
    fn drop(&mut self) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

struct Answer {
    outputs: mpsc::Receiver<String>,
    hider: Hider,
    /// Taken once the result was passed on.
    result: Option<oneshot::Receiver<ToolOutcome>>,
    _guard: DropGuard,
}

impl Answer {
    /// The next lines; `None` after the result.
    async fn next_lines(&mut self) -> Option<Bytes> {
        let result = self.result.as_mut()?;
        let outcome = tokio::select! {
            biased;
            // Nothing when all of it may be the beginning of a credential.
            Some(text) = self.outputs.recv() => return Some(output_lines(&self.hider.push(&text)).into()),
            outcome = result => outcome,
        };
        self.result = None;
        // A background process may hold the sink for long after the result.
        self.outputs.close();
        let mut lines = Vec::new();
        while let Ok(text) = self.outputs.try_recv() {
            lines.extend(output_lines(&self.hider.push(&text)));
        }
        lines.extend(output_lines(&self.hider.finish()));
        let outcome = outcome.unwrap_or_else(|_| ToolOutcome::error("The call ended without a result."));
        lines.extend(line(&ToolStreamItem::Result(Box::new(outcome))));
        Some(lines.into())
    }
}

fn output_lines(text: &str) -> Vec<u8> {
    let mut lines = Vec::with_capacity(text.len() + 64);
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(MAX_PIECE_BYTES));
        lines.extend(line(&ToolStreamItem::Output { text: piece.to_owned() }));
        rest = after;
    }
    lines
}

fn line(item: &ToolStreamItem) -> Vec<u8> {
    // Strings, numbers and maps with string keys always serialize.
    let mut line = serde_json::to_vec(item).unwrap_or_default();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_output_is_split_between_characters() {
        let text = "ü".repeat(MAX_PIECE_BYTES);
        let lines = String::from_utf8(output_lines(&text)).expect("JSON is UTF-8");
        let pieces: Vec<String> = lines
            .lines()
            .map(|line| match serde_json::from_str(line).expect("an item") {
                ToolStreamItem::Output { text } => text,
                ToolStreamItem::Result(_) | ToolStreamItem::Held => panic!("not a result"),
            })
            .collect();
        assert!(pieces.len() >= 2 && pieces.iter().all(|piece| piece.len() <= MAX_PIECE_BYTES));
        assert_eq!(pieces.concat(), text);
    }
}
