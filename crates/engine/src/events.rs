//! The way of a run's events to its client.

use slipway_protocol::CallId;
use slipway_protocol::run::EngineEvent;
use tokio::sync::mpsc;

/// Events that may wait for the client; then the run waits.
const WAITING_EVENTS: usize = 64;

/// Where a run sends its events.
#[derive(Debug, Clone)]
pub(crate) struct EventSink {
    tx: mpsc::Sender<EngineEvent>,
    /// The call of the sub-agent whose events these are.
    under: Option<CallId>,
}

impl EventSink {
    /// A sink and the end at which its events come out.
    pub(crate) fn channel() -> (Self, mpsc::Receiver<EngineEvent>) {
        let (tx, rx) = mpsc::channel(WAITING_EVENTS);
        (Self { tx, under: None }, rx)
    }

    /// A sink for events that nobody is to see.
    pub(crate) fn nowhere() -> Self {
        Self::channel().0
    }

    /// The same way, for the events of a sub-agent that works inside this call.
    pub(crate) fn under(&self, call_id: CallId) -> Self {
        Self { tx: self.tx.clone(), under: Some(call_id) }
    }

    /// The call of the sub-agent whose events these are.
    pub(crate) fn call(&self) -> Option<&CallId> {
        self.under.as_ref()
    }

    /// Sends an event; waits while the client is behind. When the client is gone the event is lost, and
    /// the run, which lives no longer than its client, is about to be dropped.
    pub(crate) async fn send(&self, event: EngineEvent) {
        let event = match &self.under {
            Some(call_id) => EngineEvent::Nested { call_id: call_id.clone(), event: Box::new(event) },
            None => event,
        };
        let _ = self.tx.send(event).await;
    }
}
