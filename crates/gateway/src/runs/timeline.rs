//! From what the engine tells to what is recorded: a pure fold. Nothing here does I/O or looks at a clock.
//!
//! Text that streams is gathered and handed out as few, larger deltas ([`Timeline::flush`]); everything
//! else becomes a [`Change`] at once, with all gathered text before it.

mod change;
mod ending;
mod nested;
pub(crate) mod notice;
mod output;
#[cfg(test)]
mod tests;
mod tool_part;

use std::collections::{BTreeMap, HashMap, HashSet};

use slipway_protocol::message::{Message, Part, PartBody, PartState, Role};
use slipway_protocol::run::EngineEvent;
use slipway_protocol::transcript::{AssistantStep, Entry};
use slipway_protocol::{CallId, ConversationId, MessageId, PartId, RunId};

pub use self::change::Change;
pub use self::ending::Abandoned;
pub(crate) use self::ending::unanswered;
pub use self::nested::NestedChange;
use self::tool_part::OpenTool;
pub(crate) use self::tool_part::show_result;

/// What of a run is still open.
#[derive(Debug)]
pub struct Timeline {
    conversation_id: ConversationId,
    run_id: RunId,
    model: String,
    step: Option<OpenStep>,
    /// The message of a model call that is made again, in case that its deltas just go on.
    voided: Option<(u32, MessageId)>,
    tools: HashMap<CallId, OpenTool>,
    /// Calls in the order in which they were made; holds those in `tools` and some that have ended.
    call_order: Vec<CallId>,
    changes: Vec<Change>,
    /// What happens in sub-agents, by the calls inside which they work.
    nested: BTreeMap<CallId, Box<Timeline>>,
    /// The call inside which all this happens, when it is a sub-agent's.
    under: Option<CallId>,
    /// Calls that the person has stopped by themselves.
    stopped: HashSet<CallId>,
}

/// The model call that is answered or whose tools run.
#[derive(Debug)]
struct OpenStep {
    number: u32,
    message_id: MessageId,
    part_count: usize,
    streaming: Option<StreamingPart>,
    text: String,
    reasoning: String,
    /// Whether its assistant entry has come.
    recorded: bool,
}

/// A text or reasoning part; `part` holds all that has come, `pending` what no delta has told yet.
#[derive(Debug)]
struct StreamingPart {
    part: Part,
    pending: String,
}

/// The two kinds of streamed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextKind {
    Text,
    Reasoning,
}

impl Timeline {
    /// The timeline of a run that starts; `model` is the provider's name for its model.
    pub fn new(conversation_id: ConversationId, run_id: RunId, model: String) -> Self {
        Self {
            conversation_id,
            run_id,
            model,
            step: None,
            voided: None,
            tools: HashMap::new(),
            call_order: Vec::new(),
            changes: Vec::new(),
            nested: BTreeMap::new(),
            under: None,
            stopped: HashSet::new(),
        }
    }

    /// The provider's name for the model that answers from now on.
    pub fn answered_by(&mut self, model: &str) {
        model.clone_into(&mut self.model);
    }

    /// Folds in what the engine told at `now`.
    pub fn apply(&mut self, event: EngineEvent, now: i64) {
        match event {
            EngineEvent::StepStarted { step, message_id } => self.start_step(step, message_id, now),
            EngineEvent::TextDelta { text } => self.stream(TextKind::Text, &text, now),
            EngineEvent::ReasoningDelta { text } => self.stream(TextKind::Reasoning, &text, now),
            EngineEvent::ToolCallDelta { call_id, name, arguments, .. } => {
                self.stream_call(call_id, name, &arguments, now);
            }
            EngineEvent::Retrying { attempt, wait_ms, problem } => {
                self.void_step();
                let at = now.saturating_add(i64::try_from(wait_ms).unwrap_or(i64::MAX));
                self.changes.push(Change::Retrying { attempt, at, problem });
            }
            EngineEvent::Entry { entry } => self.record(*entry, now),
            EngineEvent::ToolStarted { call_id } => self.start_tool(&call_id, now),
            EngineEvent::ToolOutput { call_id, text } => {
                if let Some(tool) = self.tools.get_mut(&call_id) {
                    tool.output.push(&text);
                }
            }
            EngineEvent::ContextFiles { files } => self.changes.push(Change::ContextFiles { files }),
            EngineEvent::Usage { usage, context_used, context_limit, .. } => {
                self.changes.push(Change::Usage { last: usage, context_used, context_limit });
            }
            EngineEvent::Reserved { call } => self.changes.push(Change::CallReserved { call }),
            EngineEvent::Settled { spent, failed } => {
                self.changes.push(Change::CallSettled { spent, failed });
            }
            EngineEvent::Notice { level, text } => {
                self.flush();
                let mut message =
                    notice::message(&self.conversation_id, Some(&self.run_id), level, text, None, now);
                message.call_id.clone_from(&self.under);
                self.changes.push(Change::MessageCreated { message });
            }
            EngineEvent::Nested { call_id, event } => self.apply_nested(&call_id, *event, now),
            EngineEvent::Finished { .. } => self.flush(),
        }
    }

    /// Whether text has been gathered that no change tells of yet.
    pub fn has_pending(&self) -> bool {
        let streaming = self.step.as_ref().and_then(|step| step.streaming.as_ref());
        streaming.is_some_and(|streaming| !streaming.pending.is_empty())
            || self.tools.values().any(OpenTool::has_pending)
            || self.nested.values().any(|nested| nested.has_pending())
    }

    /// Turns gathered text into changes.
    pub fn flush(&mut self) {
        if let Some(streaming) = self.step.as_mut().and_then(|step| step.streaming.as_mut())
            && !streaming.pending.is_empty()
        {
            let text = std::mem::take(&mut streaming.pending);
            self.changes.push(Change::TextDelta { part_id: streaming.part.id.clone(), text });
        }
        for call_id in &self.call_order {
            if let Some(tool) = self.tools.get_mut(call_id) {
                tool.flush(call_id, &mut self.changes);
            }
        }
        self.flush_nested();
    }

    /// What is to be recorded, in order. Call it until nothing is left.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    fn start_step(&mut self, number: u32, message_id: MessageId, now: i64) {
        if self.step.as_ref().is_some_and(|step| step.message_id == message_id) {
            return;
        }
        self.flush();
        self.close_text(None, now);
        self.voided = None;
        let message = Message {
            id: message_id.clone(),
            conversation_id: self.conversation_id.clone(),
            run_id: Some(self.run_id.clone()),
            role: Role::Assistant,
            parts: Vec::new(),
            attachments: Vec::new(),
            call_id: self.under.clone(),
            client_id: None,
            created_at: now,
        };
        self.changes.push(Change::Step { number });
        self.changes.push(Change::MessageCreated { message });
        self.step = Some(OpenStep {
            number,
            message_id,
            part_count: 0,
            streaming: None,
            text: String::new(),
            reasoning: String::new(),
            recorded: false,
        });
    }

    /// The step that deltas belong to; brings a voided one back when the engine just goes on with it.
    fn revive_step(&mut self, now: i64) {
        if self.step.is_none()
            && let Some((number, message_id)) = self.voided.take()
        {
            self.start_step(number, message_id, now);
        }
    }

    fn void_step(&mut self) {
        let Some(step) = self.step.take_if(|step| !step.recorded) else { return };
        self.tools.retain(|_, tool| tool.part.message_id != step.message_id);
        self.call_order.retain(|call_id| self.tools.contains_key(call_id));
        self.changes.push(Change::MessageRemoved { message_id: step.message_id.clone() });
        self.voided = Some((step.number, step.message_id));
    }

    fn stream(&mut self, kind: TextKind, text: &str, now: i64) {
        if text.is_empty() {
            return;
        }
        self.revive_step(now);
        let same_kind = self
            .step
            .as_ref()
            .and_then(|step| step.streaming.as_ref())
            .is_some_and(|streaming| kind.is_of(&streaming.part.body));
        if !same_kind {
            self.close_text(None, now);
            self.open_text(kind, now);
        }
        let Some(step) = &mut self.step else { return };
        match kind {
            TextKind::Text => step.text.push_str(text),
            TextKind::Reasoning => step.reasoning.push_str(text),
        }
        if let Some(streaming) = &mut step.streaming {
            streaming.pending.push_str(text);
            if let PartBody::Text { text: all } | PartBody::Reasoning { text: all } = &mut streaming.part.body
            {
                all.push_str(text);
            }
        }
    }

    fn open_text(&mut self, kind: TextKind, now: i64) {
        self.flush();
        let Some(step) = &mut self.step else { return };
        let part = Part {
            id: PartId::generate(),
            message_id: step.message_id.clone(),
            state: PartState::Streaming,
            body: kind.empty(),
            started_at: now,
            ended_at: None,
        };
        self.changes.push(Change::PartStarted { part: part.clone(), ordinal: step.part_count });
        step.part_count += 1;
        step.streaming = Some(StreamingPart { part, pending: String::new() });
    }

    /// Makes the streaming text part final, if there is one; with `text` in place of what streamed.
    fn close_text(&mut self, text: Option<&str>, now: i64) {
        let Some(StreamingPart { mut part, .. }) = self.step.as_mut().and_then(|step| step.streaming.take())
        else {
            return;
        };
        self.flush();
        part.state = PartState::Done;
        part.ended_at = Some(now);
        if let (Some(text), PartBody::Text { text: all } | PartBody::Reasoning { text: all }) =
            (text, &mut part.body)
        {
            text.clone_into(all);
        }
        self.changes.push(Change::PartDone { part });
    }

    fn record(&mut self, entry: Entry, now: i64) {
        self.flush();
        match &entry {
            Entry::Assistant(assistant) => self.finish_answer(assistant, now),
            Entry::ToolResult(result) => self.finish_tool(result, now),
            Entry::User(_)
            | Entry::Correction(_)
            | Entry::View(_)
            | Entry::Notice(_)
            | Entry::Handover(_)
            | Entry::ContextChange(_)
            | Entry::Plan(_) => {}
        }
        self.changes.push(Change::Entry { entry });
    }

    /// Completes the message with what did not stream, and lets its calls be executed.
    fn finish_answer(&mut self, assistant: &AssistantStep, now: i64) {
        let known = self.step.as_ref().is_some_and(|step| step.message_id == assistant.id);
        if !known {
            self.start_step(assistant.step, assistant.id.clone(), now);
        }
        self.complete_text(TextKind::Reasoning, &assistant.reasoning, now);
        self.complete_text(TextKind::Text, &assistant.text, now);
        self.close_text(None, now);
        for call in &assistant.tool_calls {
            self.settle_call(call, now);
        }
        if let Some(step) = &mut self.step {
            step.recorded = true;
        }
    }

    /// Streams what of the final text has not streamed; replaces the open part when that is not just more.
    fn complete_text(&mut self, kind: TextKind, full: &str, now: i64) {
        let Some(step) = &self.step else { return };
        let streamed = match kind {
            TextKind::Text => &step.text,
            TextKind::Reasoning => &step.reasoning,
        };
        match full.strip_prefix(streamed.as_str()) {
            Some(rest) => {
                let rest = rest.to_owned();
                self.stream(kind, &rest, now);
            }
            None => {
                let open = step.streaming.as_ref().and_then(|streaming| match &streaming.part.body {
                    PartBody::Text { text } | PartBody::Reasoning { text } => Some(text),
                    PartBody::Tool(_) | PartBody::Notice { .. } => None,
                });
                // Only where one part holds all of it can it be replaced by the final text.
                if open.is_some_and(|text| text == streamed) {
                    self.close_text(Some(full), now);
                }
            }
        }
    }
}

impl TextKind {
    fn empty(self) -> PartBody {
        match self {
            Self::Text => PartBody::Text { text: String::new() },
            Self::Reasoning => PartBody::Reasoning { text: String::new() },
        }
    }

    fn is_of(self, body: &PartBody) -> bool {
        match self {
            Self::Text => matches!(body, PartBody::Text { .. }),
            Self::Reasoning => matches!(body, PartBody::Reasoning { .. }),
        }
    }
}
