//! What a person says to a run that goes on. The model hears it at the next step.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slipway_protocol::transcript::{Entry, UserMessage};
use slipway_protocol::{MessageId, RunId};

use crate::run::Run;

/// The runs that can be told something, and what they have not heard yet. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inboxes {
    waiting: Arc<Mutex<HashMap<RunId, Vec<UserMessage>>>>,
}

/// Lets a run be told something; dropping it ends that.
#[derive(Debug)]
pub(crate) struct Inbox {
    inboxes: Inboxes,
    run_id: RunId,
}

impl Inboxes {
    /// The inbox of a run that begins.
    pub(crate) fn open(&self, run_id: RunId) -> Inbox {
        self.lock().insert(run_id.clone(), Vec::new());
        Inbox { inboxes: self.clone(), run_id }
    }

    /// Tells a run something, once however often it is said; `false` when the run does not go on.
    pub(crate) fn put(&self, run_id: &RunId, message: UserMessage) -> bool {
        let mut waiting = self.lock();
        let Some(messages) = waiting.get_mut(run_id) else { return false };
        if messages.iter().all(|other| other.id != message.id) {
            messages.push(message);
        }
        true
    }

    /// Takes something back; `false` when the run has heard it or was never told.
    pub(crate) fn withdraw(&self, run_id: &RunId, message_id: &MessageId) -> bool {
        let mut waiting = self.lock();
        let Some(messages) = waiting.get_mut(run_id) else { return false };
        let before = messages.len();
        messages.retain(|message| message.id != *message_id);
        messages.len() < before
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Vec<UserMessage>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inbox {
    fn take(&self) -> Vec<UserMessage> {
        self.inboxes.lock().get_mut(&self.run_id).map(std::mem::take).unwrap_or_default()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.inboxes.lock().remove(&self.run_id);
    }
}

impl Run<'_> {
    /// Records what the person has said since the step before; whether there was anything.
    pub(super) async fn hear(&mut self) -> bool {
        let said = self.inbox.as_ref().map(Inbox::take).unwrap_or_default();
        let has_heard = !said.is_empty();
        for message in said {
            self.record(Entry::User(message)).await;
        }
        has_heard
    }
}
