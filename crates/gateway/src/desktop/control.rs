//! Who drives the desktop: the model, or the person who has taken over, from one of their pages. While the person
//! drives, the model's input is refused with the reason; afterwards it is shown what they left.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use serde_json::json;
use slipway_protocol::tool::{ToolInvocation, ToolOutcome, ToolStatus, ToolStreamItem};
use slipway_protocol::{CallId, ConversationId, InvocationId};
use slipway_tools::client::ToolHostClient;
use tokio_util::sync::CancellationToken;

use super::viewer::ViewerId;

/// The tool that uses mouse and keyboard, and the one that looks.
const ACTS: &str = "computer";
const LOOKS: &str = "screenshot";

/// How long the look may take that the model gets when it is given the desktop back.
const LOOK_LIMIT: std::time::Duration = std::time::Duration::from_secs(5);

/// What the model is told instead of being obeyed.
const REFUSED: &str = "Nothing was done: the person has taken control of the desktop, and until they give it \
    back your input is refused. You can still look at it with screenshot. Go on with work that does not need \
    the desktop; you will be shown the desktop when it is yours again.";

/// What the model is told about a call during which the person took over.
const INTERRUPTED: &str = "The person took control of the desktop during this call, which was stopped. Your input \
    is refused until they give it back; you will be shown the desktop then.";

/// What the model is told with its first result afterwards.
const GIVEN_BACK: &str = "[Slipway] The person had control of the desktop and has given it back to you.";

/// Who drives. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct DesktopControl(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// `None` while the model has control.
    person: Option<Person>,
    /// Pages that show the desktop, by the names that they gave.
    viewers: Vec<Option<ViewerId>>,
    /// Conversations that use the desktop.
    users: HashSet<ConversationId>,
    /// Conversations that are to be shown what the person left.
    due: HashSet<ConversationId>,
    /// The model's acts that go on.
    acts: HashMap<InvocationId, CancellationToken>,
}

/// The person who has control.
#[derive(Debug)]
struct Person {
    /// The page from which they drive; without one the desktop is only kept from the model.
    viewer: Option<ViewerId>,
    /// Fires when they have control no more.
    ended: CancellationToken,
}

/// What became of a wish to take control.
#[derive(Debug)]
pub(super) enum Taking {
    /// The person has it now; the token fires when they have it no more.
    Taken(CancellationToken),
    /// They had it already.
    Had,
    /// They have it from another page, which still shows the desktop.
    Elsewhere,
}

impl DesktopControl {
    /// Gives the person control from a page, and stops what the model is doing.
    pub(super) fn take(&self, viewer: Option<ViewerId>) -> Taking {
        let mut state = self.lock();
        if let Some(Person { viewer: present, ended }) = state.person.take() {
            let is_there = present.is_some() && state.viewers.contains(&present);
            let taking = match &viewer {
                None => Some(Taking::Had),
                wanted if present.is_none() || *wanted == present => Some(Taking::Had),
                _ if is_there => Some(Taking::Elsewhere),
                // The page was closed or loaded anew.
                _ => None,
            };
            let kept = if is_there { present } else { viewer.clone().or(present) };
            if let Some(taking) = taking {
                state.person = Some(Person { viewer: kept, ended });
                return taking;
            }
            ended.cancel();
        }
        let ended = CancellationToken::new();
        state.person = Some(Person { viewer, ended: ended.clone() });
        state.acts.values().for_each(CancellationToken::cancel);
        Taking::Taken(ended)
    }

    /// Gives the model control; `false` when it has it already.
    pub(super) fn give_back(&self) -> bool {
        let mut state = self.lock();
        let Some(person) = state.person.take() else { return false };
        person.ended.cancel();
        state.due = state.users.clone();
        true
    }

    /// Whether the person drives.
    pub fn person_drives(&self) -> bool {
        self.lock().person.is_some()
    }

    /// Whether the page from which the person drives shows the desktop; where none is known, whether any does.
    pub(super) fn is_watched(&self) -> bool {
        let state = self.lock();
        match state.person.as_ref().map(|person| &person.viewer) {
            Some(viewer @ Some(_)) => state.viewers.contains(viewer),
            _ => !state.viewers.is_empty(),
        }
    }

    /// Counts a page that shows the desktop, until the answer is dropped.
    pub(super) fn view(&self, id: Option<ViewerId>) -> Viewer {
        self.lock().viewers.push(id.clone());
        Viewer { control: self.clone(), id }
    }

    /// Notes that a call begins.
    pub(crate) fn begin(&self, tool: &str, invocation: &ToolInvocation) -> Turn {
        let kind = match tool {
            ACTS => Kind::Acts,
            LOOKS => Kind::Looks,
            _ => Kind::Other,
        };
        let stop = CancellationToken::new();
        let mut state = self.lock();
        let is_refused = kind == Kind::Acts && state.person.is_some();
        if kind != Kind::Other {
            state.users.insert(invocation.conversation_id.clone());
        }
        if kind == Kind::Acts && !is_refused {
            state.acts.insert(invocation.invocation_id.clone(), stop.clone());
        }
        Turn {
            control: self.clone(),
            kind,
            is_refused,
            stop,
            invocation_id: invocation.invocation_id.clone(),
            call_id: invocation.call_id.clone(),
            conversation_id: invocation.conversation_id.clone(),
            step: invocation.step,
        }
    }

    /// Forgets a conversation.
    pub fn forget(&self, conversation: &ConversationId) {
        let mut state = self.lock();
        state.users.remove(conversation);
        state.due.remove(conversation);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A page that shows the desktop.
#[derive(Debug)]
pub(super) struct Viewer {
    control: DesktopControl,
    id: Option<ViewerId>,
}

impl Viewer {
    /// The right to drive, while the person has control from this very page; it ends when the token fires.
    pub(super) fn right(&self) -> Option<CancellationToken> {
        let state = self.control.lock();
        let person =
            state.person.as_ref().filter(|person| person.viewer.is_some() && person.viewer == self.id)?;
        Some(person.ended.clone())
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let mut state = self.control.lock();
        if let Some(place) = state.viewers.iter().position(|viewer| *viewer == self.id) {
            state.viewers.swap_remove(place);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Acts,
    Looks,
    Other,
}

/// A tool call, as far as the desktop is concerned.
#[derive(Debug)]
pub(crate) struct Turn {
    control: DesktopControl,
    kind: Kind,
    is_refused: bool,
    stop: CancellationToken,
    invocation_id: InvocationId,
    call_id: CallId,
    conversation_id: ConversationId,
    step: u32,
}

impl Turn {
    /// What the model is told instead, when the call must not be carried out.
    pub(crate) fn refusal(&self) -> Option<ToolOutcome> {
        self.is_refused.then(|| ToolOutcome::new(ToolStatus::Denied, REFUSED))
    }

    /// Waits until the person takes over.
    pub(crate) async fn taken_over(&self) {
        self.stop.cancelled().await;
    }

    /// Adds to a result what the model must know: that the person took over, or what they left.
    pub(crate) async fn end(&self, client: Option<&ToolHostClient>, outcome: &mut ToolOutcome) {
        if self.stop.is_cancelled() {
            outcome.status = ToolStatus::Denied;
            outcome.text = format!("{INTERRUPTED}\n{}", outcome.text);
        }
        let Some(client) = client else { return };
        let is_due = {
            let mut state = self.control.lock();
            state.person.is_none() && state.due.remove(&self.conversation_id)
        };
        if !is_due {
            return;
        }
        if self.kind == Kind::Looks && outcome.status == ToolStatus::Ok {
            outcome.text = format!("{GIVEN_BACK}\n{}", outcome.text);
            return;
        }
        outcome.text = format!("{}\n\n{GIVEN_BACK}", outcome.text);
        if let Some(look) = self.look(client).await {
            outcome.text = format!("{} This is what it shows now.\n{}", outcome.text, look.text);
            outcome.images.extend(look.images);
        }
    }

    async fn look(&self, client: &ToolHostClient) -> Option<ToolOutcome> {
        let invocation = ToolInvocation {
            invocation_id: InvocationId::generate(),
            call_id: self.call_id.clone(),
            conversation_id: self.conversation_id.clone(),
            step: self.step,
            arguments: json!({}),
        };
        let looking = async {
            let mut items = std::pin::pin!(client.invoke(LOOKS, &invocation));
            while let Some(Ok(item)) = items.next().await {
                if let ToolStreamItem::Result(outcome) = item {
                    return Some(*outcome);
                }
            }
            None
        };
        let look = tokio::time::timeout(LOOK_LIMIT, looking).await.ok().flatten();
        look.filter(|outcome| outcome.status == ToolStatus::Ok)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.control.lock().acts.remove(&self.invocation_id);
    }
}
