//! The way of a run's events to its client.

use slipway_protocol::run::EngineEvent;
use tokio::sync::mpsc;

/// Events that may wait for the client; then the run waits.
const WAITING_EVENTS: usize = 64;

/// Where a run sends its events.
#[derive(Debug, Clone)]
pub(crate) struct EventSink(mpsc::Sender<EngineEvent>);

impl EventSink {
    /// A sink and the end at which its events come out.
    pub(crate) fn channel() -> (Self, mpsc::Receiver<EngineEvent>) {
        let (tx, rx) = mpsc::channel(WAITING_EVENTS);
        (Self(tx), rx)
    }

    /// A sink for events that nobody is to see.
    pub(crate) fn nowhere() -> Self {
        Self::channel().0
    }

    /// Sends an event; waits while the client is behind. When the client is gone the event is lost, and
    /// the run, which lives no longer than its client, is about to be dropped.
    pub(crate) async fn send(&self, event: EngineEvent) {
        let _ = self.0.send(event).await;
    }
}
