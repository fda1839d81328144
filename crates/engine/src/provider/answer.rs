//! Puts the chunks of an answer together, in whichever of the known ways a provider cuts it up.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use slipway_protocol::CallId;
use slipway_protocol::run::EngineEvent;
use slipway_protocol::transcript::{Finish, ToolCall};
use slipway_protocol::usage::Usage;

use crate::provider::chunk::{CallDelta, Chunk, Delta};
use crate::provider::error_body::ProviderError;
use crate::provider::failure::CallFailure;
use crate::provider::finish::{Stop, stop};
use crate::provider::reasoning_details;
use crate::tools::arguments;

/// Fields of a message that some provider wants back verbatim. Others, such as `annotations`, are left
/// out: providers reject their own output fields in requests.
const OPAQUE_FIELDS: [&str; 3] = ["reasoning_details", "extra_content", "thinking_blocks"];

/// Longest call id that is taken over; OpenAI rejects longer ones in a request.
const MAX_ID: usize = 40;

/// Most calls in an answer. No model means that many; one that never ends would fill the memory.
const MAX_CALLS: usize = 1_000;

/// Longest answer, in bytes of text and arguments. No model says that much; one that never ends would fill
/// the memory.
const MAX_ANSWER: usize = 16 << 20;

/// A complete answer.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    /// Why the model would not answer, in its own words.
    pub(crate) refusal: String,
    pub(crate) opaque: Map<String, Value>,
    pub(crate) tool_calls: Vec<ToolCall>,
    pub(crate) finish: Option<Finish>,
    pub(crate) usage: Option<Usage>,
    /// The model that answered; empty if it did not say.
    pub(crate) model: String,
}

impl Answer {
    /// Whether there is nothing in it to show or to do, or it was meant to do something that the provider
    /// could not make sense of (Gemini's `MALFORMED_FUNCTION_CALL`).
    pub(crate) fn is_empty(&self) -> bool {
        let malformed = matches!(&self.finish, Some(Finish::Other(reason))
            if reason.to_ascii_lowercase().starts_with("malformed"));
        let says_nothing = self.text.trim().is_empty() && self.refusal.trim().is_empty();
        self.tool_calls.is_empty() && (says_nothing || malformed)
    }
}

/// An answer in the making.
#[derive(Debug)]
pub(crate) struct AnswerBuilder {
    answer: Answer,
    calls: Vec<OpenCall>,
    /// Bytes taken so far.
    size: usize,
    /// Whether a piece of a call came after the model had said that it is done.
    has_late_call: bool,
    /// Call ids that are in use in the conversation.
    taken: Arc<HashSet<CallId>>,
}

/// A tool call in the making.
#[derive(Debug, Default)]
struct OpenCall {
    index: Option<u64>,
    provider_id: String,
    /// The final id; set when the call is first told of.
    id: Option<CallId>,
    name: String,
    arguments: String,
    opaque: Map<String, Value>,
}

impl AnswerBuilder {
    /// An empty answer in a conversation in which these call ids are in use.
    pub(crate) fn new(taken: Arc<HashSet<CallId>>) -> Self {
        Self { answer: Answer::default(), calls: Vec::new(), size: 0, has_late_call: false, taken }
    }

    /// The model that answers, as far as it has said.
    pub(crate) fn model(&self) -> &str {
        &self.answer.model
    }

    /// Bytes of the answer that have come.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Whether the model has said that it is done.
    pub(crate) fn is_finished(&self) -> bool {
        self.answer.finish.is_some()
    }

    /// Whether a call is complete only if the stream ends as it should, because pieces of it came after the
    /// model had said that it is done.
    pub(crate) fn has_late_call(&self) -> bool {
        self.has_late_call
    }

    /// A number that differs whenever the model has said something more.
    pub(crate) fn progress(&self) -> usize {
        self.size + self.calls.len() + usize::from(self.is_finished())
    }

    /// Takes a chunk and adds what is to be shown of it to `events`.
    pub(crate) fn take(&mut self, chunk: Chunk, events: &mut Vec<EngineEvent>) -> Result<(), CallFailure> {
        if is_error(&chunk.error) {
            return Err(ProviderError::from_json(&json!({"error": chunk.error})).classify(None));
        }
        // The newest name counts, so that a model that is exchanged on the way does not go unnoticed.
        if !chunk.model.is_empty() {
            self.answer.model = chunk.model;
        }
        let mut usage = chunk.usage;
        if let Some(choice) = chunk.choices.into_iter().next() {
            if is_error(&choice.error) {
                return Err(ProviderError::from_json(&json!({"error": choice.error})).classify(None));
            }
            usage = usage.or_else(|| choice.usage.clone());
            let reason = choice.finish_reason.clone();
            let delta = choice.into_delta();
            self.size += delta.size();
            if self.size > MAX_ANSWER {
                return Err(CallFailure::endless(format!("it is longer than {} MiB", MAX_ANSWER >> 20)));
            }
            self.has_late_call |= self.is_finished() && !delta.tool_calls.is_empty();
            self.take_delta(delta, events);
            if self.calls.len() > MAX_CALLS {
                return Err(CallFailure::endless(format!("it has more than {MAX_CALLS} calls")));
            }
            match stop(&reason) {
                Stop::NotYet => {}
                Stop::Finished(finish) => self.answer.finish = Some(finish),
                Stop::Failed(failure) => return Err(*failure),
            }
        }
        if let Some(usage) = usage.and_then(|usage| usage.to_usage()) {
            self.answer.usage = Some(usage);
        }
        Ok(())
    }

    /// The complete answer.
    pub(crate) fn build(mut self) -> Answer {
        for position in 0..self.calls.len() {
            self.settle_id(position);
        }
        let calls = std::mem::take(&mut self.calls);
        self.answer.tool_calls = calls.into_iter().filter_map(OpenCall::into_call).collect();
        self.answer
    }

    fn take_delta(&mut self, delta: Delta, events: &mut Vec<EngineEvent>) {
        let Delta { content, reasoning_content, reasoning, refusal, tool_calls, rest } = delta;
        // Some providers send the same reasoning under both names.
        let reasoning = if reasoning_content.is_empty() { reasoning } else { reasoning_content };
        if !reasoning.is_empty() {
            self.answer.reasoning.push_str(&reasoning);
            events.push(EngineEvent::ReasoningDelta { text: reasoning });
        }
        if !content.is_empty() {
            self.answer.text.push_str(&content);
            events.push(EngineEvent::TextDelta { text: content });
        }
        self.answer.refusal.push_str(&refusal);
        for (name, value) in rest {
            if OPAQUE_FIELDS.contains(&name.as_str()) && !value.is_null() {
                merge_opaque(&mut self.answer.opaque, name, value);
            }
        }
        for call in tool_calls {
            self.take_call(call, events);
        }
    }

    fn take_call(&mut self, delta: CallDelta, events: &mut Vec<EngineEvent>) {
        let position = self.position(&delta).unwrap_or_else(|| {
            self.calls.push(OpenCall { index: delta.index, ..OpenCall::default() });
            self.calls.len() - 1
        });
        let Some(call) = self.calls.get_mut(position) else { return };
        if call.provider_id.is_empty() {
            call.provider_id = delta.id;
        }
        let name = delta.function.name;
        // A name comes at once, or in pieces before the arguments, or again and again.
        if !name.is_empty() && name != call.name && call.arguments.is_empty() {
            call.name.push_str(&name);
        }
        call.arguments.push_str(&delta.function.arguments);
        for (field, value) in delta.rest {
            if field != "type" && !value.is_null() {
                call.opaque.insert(field, value);
            }
        }
        if call.name.is_empty() {
            return;
        }
        // What came before the name was known is told of together with it.
        let arguments = if call.id.is_none() { call.arguments.clone() } else { delta.function.arguments };
        let name = call.name.clone();
        let call_id = self.settle_id(position);
        let index = u32::try_from(position).unwrap_or(u32::MAX);
        events.push(EngineEvent::ToolCallDelta { index, call_id, name, arguments });
    }

    /// The call that a piece belongs to; `None` when it begins a new one.
    fn position(&self, delta: &CallDelta) -> Option<usize> {
        let named = !delta.function.name.is_empty();
        let other_id = |call: &OpenCall| {
            !delta.id.is_empty() && !call.provider_id.is_empty() && call.provider_id != delta.id
        };
        if let Some(index) = delta.index {
            let position = self.calls.iter().rposition(|call| call.index == Some(index))?;
            // Some providers number every call 0; others send a new id with each piece of one call.
            let begins_another = named && self.calls.get(position).is_some_and(other_id);
            return (!begins_another).then_some(position);
        }
        if !delta.id.is_empty()
            && let Some(position) = self.calls.iter().rposition(|call| call.provider_id == delta.id)
        {
            return Some(position);
        }
        let last = self.calls.len().checked_sub(1)?;
        // Some providers say the name again with every piece.
        let goes_on = self
            .calls
            .get(last)
            .is_some_and(|call| call.name == delta.function.name && delta.id.is_empty() && !call.is_whole());
        (!named || goes_on).then_some(last)
    }

    /// The final id of a call: the provider's own when it is usable, else a new one.
    fn settle_id(&mut self, position: usize) -> CallId {
        if let Some(id) = self.calls.get(position).and_then(|call| call.id.as_ref()) {
            return id.clone();
        }
        let own = self.calls.get(position).map(|call| CallId(call.provider_id.clone()));
        let is_taken = |id: &CallId| {
            self.taken.contains(id) || self.calls.iter().any(|call| call.id.as_ref() == Some(id))
        };
        let usable = |own: &CallId| !own.0.trim().is_empty() && own.0.len() <= MAX_ID && !is_taken(own);
        let id = own.filter(usable).unwrap_or_else(CallId::generate);
        if let Some(call) = self.calls.get_mut(position) {
            call.id = Some(id.clone());
        }
        id
    }
}

impl OpenCall {
    /// Whether its arguments are a complete object.
    fn is_whole(&self) -> bool {
        arguments::parse(&self.arguments).is_ok_and(|arguments| arguments.repaired.is_none())
    }

    /// The complete call; `None` for a stray piece that holds nothing.
    fn into_call(self) -> Option<ToolCall> {
        let holds_nothing = self.name.is_empty() && self.arguments.trim().is_empty();
        let id = self.id.filter(|_| !holds_nothing)?;
        Some(ToolCall { id, name: self.name, arguments: self.arguments, opaque: self.opaque })
    }
}

fn is_error(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some("")
}

fn merge_opaque(opaque: &mut Map<String, Value>, name: String, value: Value) {
    match (opaque.get_mut(&name), value) {
        (Some(Value::Array(known)), Value::Array(more)) => {
            more.into_iter().for_each(|detail| reasoning_details::append(known, detail));
        }
        (_, value) => {
            opaque.insert(name, value);
        }
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
