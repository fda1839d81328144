//! What a person says to a run that goes on: the model hears it at the next step, or the run comes to rest there, or
//! from there on it keeps a file open.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slipway_protocol::context::PinFile;
use slipway_protocol::transcript::{Entry, UserMessage};
use slipway_protocol::{MessageId, RunId};

use crate::run::Run;

/// The runs that can be told something. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inboxes {
    runs: Arc<Mutex<HashMap<RunId, Arc<Wishes>>>>,
}

/// What the person wants of a run.
#[derive(Debug, Default)]
struct Wishes {
    /// What its model has not heard yet.
    unheard: Mutex<Vec<UserMessage>>,
    /// Files that are to be pinned, or not any more, and not recorded yet.
    pins: Mutex<Vec<PinFile>>,
    /// Whether it is to come to rest.
    pause: AtomicBool,
}

/// Lets a run be told something; dropping it ends that.
#[derive(Debug)]
pub(crate) struct Inbox {
    inboxes: Inboxes,
    run_id: RunId,
    wishes: Arc<Wishes>,
}

impl Inboxes {
    /// The inbox of a run that begins.
    pub(crate) fn open(&self, run_id: RunId) -> Inbox {
        let wishes = Arc::default();
        self.lock().insert(run_id.clone(), Arc::clone(&wishes));
        Inbox { inboxes: self.clone(), run_id, wishes }
    }

    /// Tells a run something, once however often it is said; `false` when the run does not go on.
    pub(crate) fn put(&self, run_id: &RunId, message: UserMessage) -> bool {
        let Some(wishes) = self.of(run_id) else { return false };
        let mut unheard = wishes.unheard();
        if unheard.iter().all(|other| other.id != message.id) {
            unheard.push(message);
        }
        true
    }

    /// Takes something back; `false` when the run has heard it or was never told.
    pub(crate) fn withdraw(&self, run_id: &RunId, message_id: &MessageId) -> bool {
        let Some(wishes) = self.of(run_id) else { return false };
        let mut unheard = wishes.unheard();
        let before = unheard.len();
        unheard.retain(|message| message.id != *message_id);
        unheard.len() < before
    }

    /// Has a run pin files from its next step on, or not any more; of two wishes for a file the newer one counts. `false`
    /// when the run does not go on.
    pub(crate) fn pin(&self, run_id: &RunId, wanted: Vec<PinFile>) -> bool {
        let Some(wishes) = self.of(run_id) else { return false };
        let mut pins = wishes.pins();
        for wish in wanted {
            pins.retain(|other| other.path != wish.path);
            pins.push(wish);
        }
        true
    }

    /// Has a run come to rest at its next step, or not any more; `false` when the run does not go on.
    pub(crate) fn pause(&self, run_id: &RunId, pause: bool) -> bool {
        self.of(run_id).inspect(|wishes| wishes.pause.store(pause, Ordering::Release)).is_some()
    }

    fn of(&self, run_id: &RunId) -> Option<Arc<Wishes>> {
        self.lock().get(run_id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Arc<Wishes>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wishes {
    fn unheard(&self) -> MutexGuard<'_, Vec<UserMessage>> {
        self.unheard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pins(&self) -> MutexGuard<'_, Vec<PinFile>> {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut runs = self.inboxes.lock();
        // A run that has waited for the person goes on under the same id, perhaps before this is dropped.
        if runs.get(&self.run_id).is_some_and(|present| Arc::ptr_eq(present, &self.wishes)) {
            runs.remove(&self.run_id);
        }
    }
}

impl Run<'_> {
    /// Records what the person has said since the step before, and what they have pinned; whether they have said
    /// anything. Pins are no reason to ask the model once more.
    pub(super) async fn hear(&mut self) -> bool {
        let said = self.inbox.as_ref().map(|inbox| std::mem::take(&mut *inbox.wishes.unheard()));
        let said = said.unwrap_or_default();
        let has_heard = !said.is_empty();
        for message in said {
            self.record(Entry::User(message)).await;
        }
        self.pin_files().await;
        has_heard
    }

    /// Records pins that were set or taken back. Those of files that are closed meanwhile have lost their point.
    async fn pin_files(&mut self) {
        let wanted = self.inbox.as_ref().map(|inbox| std::mem::take(&mut *inbox.wishes.pins()));
        for wish in wanted.unwrap_or_default() {
            if self.open_files.has(&wish.path) {
                self.record(Entry::ContextChange(wish.into_change())).await;
            }
        }
    }

    /// Whether the person wants it to come to rest. A sub-agent works on to its end: nothing of it could go on later.
    pub(super) fn is_to_pause(&self) -> bool {
        self.inbox.as_ref().is_some_and(|inbox| inbox.wishes.pause.load(Ordering::Acquire))
    }
}
