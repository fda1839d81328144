//! What becomes of everything that is open when a run ends early: what had come is kept, and no call is
//! left without a result.

use std::collections::HashSet;

use slipway_protocol::message::{Message, Part, PartBody, PartState};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, ToolCall, ToolResult};
use slipway_protocol::{CallId, ConversationId, MessageId, RunId};

use super::tool_part::{OpenTool, show_result};
use super::{Change, OpenStep, StreamingPart, Timeline};
use crate::events::fold;

/// Why a run ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abandoned {
    /// The person stopped it.
    Stopped,
    /// Slipway or a part of it failed.
    Interrupted,
    /// The same, but the person had stopped this very call before.
    StoppedAlone,
}

impl Abandoned {
    fn status(self) -> ToolStatus {
        match self {
            Self::Stopped | Self::StoppedAlone => ToolStatus::Stopped,
            Self::Interrupted => ToolStatus::Interrupted,
        }
    }

    /// What the model is told of a call without a result.
    fn told(self) -> &'static str {
        match self {
            Self::Stopped => {
                "The person stopped the run before this call had ended. What it did until then stays done."
            }
            Self::Interrupted => {
                "Slipway was interrupted while this call was made, so it is not known whether it took \
                 effect. It was not repeated. Look at the present state before you go on."
            }
            Self::StoppedAlone => {
                "The person stopped this call, and Slipway was interrupted before it could tell what had come of \
                 it. What it did until then stays done. Do not begin it again unless they ask for it."
            }
        }
    }
}

impl Timeline {
    /// The timeline of a run that another process began: its unfinished messages and the transcript.
    pub fn restore(
        conversation_id: ConversationId,
        run_id: RunId,
        model: String,
        unfinished: Vec<Message>,
        transcript: &[Entry],
    ) -> Self {
        let mut timeline = Self::new(conversation_id, run_id, model);
        let recorded: HashSet<_> =
            transcript.iter().filter_map(|entry| assistant(entry).map(|step| &step.id)).collect();
        let unanswered: HashSet<_> = unanswered(transcript).into_iter().map(|call| call.id).collect();
        for message in unfinished {
            if let Some(call_id) = message.call_id.clone() {
                timeline.nested_in(&call_id).restore_message(message, &HashSet::new(), &HashSet::new());
            } else {
                timeline.restore_message(message, &recorded, &unanswered);
            }
        }
        timeline
    }

    fn restore_message(
        &mut self,
        message: Message,
        recorded: &HashSet<&MessageId>,
        unanswered: &HashSet<CallId>,
    ) {
        let mut step = OpenStep {
            number: 0,
            recorded: recorded.contains(&message.id),
            message_id: message.id,
            part_count: message.parts.len(),
            streaming: None,
            text: String::new(),
            reasoning: String::new(),
        };
        for part in message.parts {
            self.restore_part(&mut step, part, unanswered);
        }
        self.step = Some(step);
    }

    fn restore_part(&mut self, step: &mut OpenStep, part: Part, unanswered: &HashSet<CallId>) {
        let is_open = part.state == PartState::Streaming;
        match &part.body {
            PartBody::Text { text } => step.text.push_str(text),
            PartBody::Reasoning { text } => step.reasoning.push_str(text),
            PartBody::Tool(tool) if is_open => {
                let call_id = tool.call_id.clone();
                let asked = unanswered.contains(&call_id);
                self.call_order.push(call_id.clone());
                self.tools.insert(call_id, OpenTool::restored(part, asked));
                return;
            }
            PartBody::Tool(_) | PartBody::Notice { .. } => return,
        }
        if is_open {
            step.streaming = Some(StreamingPart { part, pending: String::new() });
        }
    }

    /// Notes that the person has stopped these calls by themselves.
    pub fn note_stopped(&mut self, calls: HashSet<CallId>) {
        self.stopped.extend(calls);
    }

    /// Closes all that is open.
    pub fn abandon(&mut self, why: Abandoned, now: i64) {
        self.flush();
        for call_id in self.subagents() {
            self.end_nested(&call_id, why, now);
        }
        self.close_text(None, now);
        if let Some(step) = self.step.take_if(|step| !step.recorded) {
            self.keep_half_an_answer(step, now);
        }
        for call_id in std::mem::take(&mut self.call_order) {
            if let Some(tool) = self.tools.remove(&call_id) {
                let alone = why == Abandoned::Interrupted && self.stopped.contains(&call_id);
                self.abandon_tool(&tool, if alone { Abandoned::StoppedAlone } else { why }, now);
            }
        }
    }

    fn keep_half_an_answer(&mut self, step: OpenStep, now: i64) {
        if step.part_count == 0 {
            self.changes.push(Change::MessageRemoved { message_id: step.message_id });
        } else if !step.text.is_empty() {
            let entry = Entry::Assistant(AssistantStep {
                id: step.message_id,
                step: step.number,
                text: step.text,
                reasoning: step.reasoning,
                opaque: serde_json::Map::new(),
                // Calls that had not fully arrived are not part of what the model said.
                tool_calls: Vec::new(),
                finish: Finish::Stopped,
                usage: None,
                model: self.model.clone(),
                created_at: now,
            });
            self.changes.push(Change::Entry { entry });
        }
    }

    fn abandon_tool(&mut self, tool: &OpenTool, why: Abandoned, now: i64) {
        let Some(part) = fold::tool_of(&tool.part) else { return };
        if tool.asked {
            let duration = now.saturating_sub(tool.part.started_at);
            let result = ToolResult {
                call_id: part.call_id.clone(),
                name: part.name.clone(),
                outcome: ToolOutcome::new(why.status(), why.told()),
                duration_ms: u64::try_from(duration).unwrap_or_default(),
                created_at: now,
            };
            let part = tool.finished(now, |part| show_result(part, &result));
            self.changes.push(Change::ToolFinished { part });
            self.changes.push(Change::Entry { entry: Entry::ToolResult(result) });
        } else {
            let part = tool.finished(now, |part| part.status = why.status().into());
            self.changes.push(Change::ToolFinished { part });
        }
    }
}

/// Calls of a transcript that have no result.
pub(crate) fn unanswered(transcript: &[Entry]) -> Vec<ToolCall> {
    let mut open: Vec<ToolCall> = Vec::new();
    for entry in transcript {
        match entry {
            Entry::Assistant(step) => open.extend(step.tool_calls.iter().cloned()),
            Entry::ToolResult(result) => open.retain(|call| call.id != result.call_id),
            _ => {}
        }
    }
    open
}

fn assistant(entry: &Entry) -> Option<&AssistantStep> {
    match entry {
        Entry::Assistant(step) => Some(step),
        _ => None,
    }
}
