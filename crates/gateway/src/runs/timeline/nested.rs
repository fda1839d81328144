//! What happens in sub-agents: a timeline of its own for each, whose messages belong to the call inside which
//! it works. Of what changes there, only what the person sees and what it costs is recorded.

use slipway_protocol::CallId;
use slipway_protocol::budget::{Reservation, Spending};
use slipway_protocol::run::EngineEvent;
use slipway_protocol::transcript::{Entry, Finish};
use slipway_protocol::usage::Usage;

use super::{Abandoned, Change, Timeline};

/// Something that changes in a sub-agent and is no part of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub enum NestedChange {
    /// These calls may be executed.
    Calls(Vec<CallId>),
    /// A model call consumed something.
    Usage(Usage),
    /// A model call is about to be made.
    Reserved(Reservation),
    /// A model call has ended.
    Settled {
        /// What it counts as.
        spent: Spending,
        /// What it has probably consumed, when it failed.
        failed: Option<Usage>,
    },
    /// A model call was given up after so many bytes of its answer.
    GivenUp(usize),
}

impl Timeline {
    /// Folds in what happened in the sub-agent of a call.
    pub(super) fn apply_nested(&mut self, call_id: &CallId, event: EngineEvent, now: i64) {
        // Without flushing: text of sub-agents is gathered like all other.
        let nested = self.nested_in(call_id);
        nested.apply(qualified(event, call_id), now);
        let changes = nested.take_changes();
        self.changes.extend(changes.into_iter().filter_map(|change| within(call_id, change)));
    }

    /// The timeline of the sub-agent that works inside a call.
    pub(super) fn nested_in(&mut self, call_id: &CallId) -> &mut Self {
        let (conversation_id, run_id, model) = (&self.conversation_id, &self.run_id, &self.model);
        self.nested.entry(call_id.clone()).or_insert_with(|| {
            let mut nested = Self::new(conversation_id.clone(), run_id.clone(), model.clone());
            nested.under = Some(call_id.clone());
            Box::new(nested)
        })
    }

    /// The calls inside which sub-agents work.
    pub fn subagents(&self) -> Vec<CallId> {
        self.nested.keys().cloned().collect()
    }

    /// Turns gathered text of sub-agents into changes.
    pub(super) fn flush_nested(&mut self) {
        for (call_id, nested) in &mut self.nested {
            nested.flush();
            self.changes
                .extend(nested.take_changes().into_iter().filter_map(|change| within(call_id, change)));
        }
    }

    /// Closes all that is open in the sub-agent of a call.
    pub(super) fn end_nested(&mut self, call_id: &CallId, why: Abandoned, now: i64) {
        let Some(mut nested) = self.nested.remove(call_id) else { return };
        nested.abandon(why, now);
        self.changes.extend(nested.take_changes().into_iter().filter_map(|change| within(call_id, change)));
    }
}

/// A sub-agent's change as one of its run; `None` for what only matters to itself.
fn within(call_id: &CallId, change: Change) -> Option<Change> {
    let change = match change {
        Change::Entry { entry: Entry::Assistant(step) } => {
            if step.finish == Finish::Stopped && step.usage.is_none() {
                NestedChange::GivenUp(step.text.len() + step.reasoning.len())
            } else {
                NestedChange::Calls(step.tool_calls.into_iter().map(|call| call.id).collect())
            }
        }
        Change::Usage { last, .. } => NestedChange::Usage(last),
        Change::CallReserved { call } => NestedChange::Reserved(call),
        Change::CallSettled { spent, failed } => NestedChange::Settled { spent, failed },
        Change::Entry { .. }
        | Change::Step { .. }
        | Change::Retrying { .. }
        | Change::ContextFiles { .. } => return None,
        shown => return Some(shown),
    };
    Some(Change::Nested { call_id: call_id.clone(), change })
}

/// The event with ids of calls that are unique in the conversation.
fn qualified(mut event: EngineEvent, parent: &CallId) -> EngineEvent {
    match &mut event {
        EngineEvent::ToolCallDelta { call_id, .. }
        | EngineEvent::ToolStarted { call_id }
        | EngineEvent::ToolOutput { call_id, .. } => *call_id = call_id.under(parent),
        EngineEvent::Entry { entry } => match &mut **entry {
            Entry::Assistant(step) => {
                step.tool_calls.iter_mut().for_each(|call| call.id = call.id.under(parent));
            }
            Entry::ToolResult(result) => result.call_id = result.call_id.under(parent),
            _ => {}
        },
        _ => {}
    }
    event
}
