//! Tool calls in the timeline: proposed, running, ended.

use serde_json::Value;
use slipway_protocol::message::{OutputExcerpt, Part, PartBody, PartState, ToolPart, ToolPartStatus};
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::transcript::{ToolCall, ToolResult};
use slipway_protocol::{CallId, MessageId, PartId};

use super::output::PendingOutput;
use super::{Abandoned, Change, Timeline};
use crate::events::fold;

/// Bytes of live output that are told as deltas before the part is told anew, so that a command which
/// runs for long leaves no pile of deltas in the log.
const TOLD_ANEW_AFTER: usize = 256 << 10;

/// A call that has not ended.
#[derive(Debug)]
pub(super) struct OpenTool {
    /// As it was at its last structural change: what deltas told since is not in it.
    pub(super) part: Part,
    /// All of its arguments as received so far.
    pub(super) arguments: String,
    /// Arguments that no change tells of yet.
    pending_arguments: String,
    pub(super) output: PendingOutput,
    /// What clients show of its output.
    pub(super) excerpt: OutputExcerpt,
    /// Bytes of output told as deltas since the part was told whole.
    told: usize,
    /// Whether the assistant entry that asks for it is recorded.
    pub(super) asked: bool,
}

impl OpenTool {
    /// A call as read back from the database; `asked` when the transcript asks for it.
    pub(super) fn restored(part: Part, asked: bool) -> Self {
        let tool = fold::tool_of(&part);
        let arguments = tool.map(|tool| tool.arguments.clone()).unwrap_or_default();
        let excerpt = tool.map(|tool| tool.output.clone()).unwrap_or_default();
        let told = (excerpt.head.len() + excerpt.tail.len()) as u64 + excerpt.omitted_bytes;
        let output = PendingOutput::from_byte(told);
        Self { part, arguments, pending_arguments: String::new(), output, excerpt, told: 0, asked }
    }

    pub(super) fn has_pending(&self) -> bool {
        !self.pending_arguments.is_empty() || !self.output.is_empty()
    }

    pub(super) fn flush(&mut self, call_id: &CallId, changes: &mut Vec<Change>) {
        if !self.pending_arguments.is_empty() {
            let text = std::mem::take(&mut self.pending_arguments);
            changes.push(Change::ArgumentsDelta { part_id: self.part.id.clone(), text });
        }
        let first = changes.len();
        self.output.flush(&self.part.id, call_id, changes);
        for change in changes.iter().skip(first) {
            if let Change::OutputDelta { skipped, text, .. } = change {
                fold::append_output(&mut self.excerpt, *skipped, text);
                self.told += text.len();
            }
        }
        if self.told > TOLD_ANEW_AFTER {
            self.told = 0;
            self.part = self.current();
            changes.push(Change::PartRestarted { part: self.part.clone() });
        }
    }

    /// The part as a client shows it.
    fn current(&self) -> Part {
        let mut part = self.part.clone();
        if let PartBody::Tool(tool) = &mut part.body {
            self.arguments.clone_into(&mut tool.arguments);
            tool.output = self.excerpt.clone();
        }
        part
    }

    /// The part as it ended.
    pub(super) fn finished(&self, now: i64, finish: impl FnOnce(&mut ToolPart)) -> Part {
        let mut part = self.current();
        part.state = PartState::Done;
        part.ended_at = Some(now);
        if let PartBody::Tool(tool) = &mut part.body {
            finish(tool);
        }
        part
    }
}

impl Timeline {
    pub(super) fn stream_call(&mut self, call_id: CallId, name: String, arguments: &str, now: i64) {
        self.revive_step(now);
        match self.tools.get_mut(&call_id) {
            Some(tool) => {
                tool.arguments.push_str(arguments);
                tool.pending_arguments.push_str(arguments);
                if tool.rename(name) {
                    self.restart(&call_id);
                }
            }
            None => self.propose(call_id, name, arguments.to_owned(), now),
        }
    }

    fn propose(&mut self, call_id: CallId, name: String, arguments: String, now: i64) {
        self.close_text(None, now);
        self.flush();
        let Some(step) = &mut self.step else { return };
        let part = new_part(&step.message_id, call_id.clone(), name, arguments, now);
        self.changes.push(Change::PartStarted { part: part.clone(), ordinal: step.part_count });
        step.part_count += 1;
        self.call_order.push(call_id.clone());
        self.tools.insert(call_id, OpenTool::restored(part, false));
    }

    /// Makes name and arguments what the assistant entry says.
    pub(super) fn settle_call(&mut self, call: &ToolCall, now: i64) {
        let Some(tool) = self.tools.get_mut(&call.id) else {
            self.propose(call.id.clone(), call.name.clone(), call.arguments.clone(), now);
            if let Some(tool) = self.tools.get_mut(&call.id) {
                tool.asked = true;
            }
            return;
        };
        tool.asked = true;
        let renamed = tool.rename(call.name.clone());
        if renamed || tool.arguments != call.arguments {
            call.arguments.clone_into(&mut tool.arguments);
            self.restart(&call.id);
        }
    }

    pub(super) fn start_tool(&mut self, call_id: &CallId, now: i64) {
        self.flush();
        let Some(tool) = self.tools.get_mut(call_id) else { return };
        fold::start(&mut tool.part, now);
        self.changes.push(Change::ToolStarted { base: tool.part.clone(), at: now });
    }

    /// Everything waits for the person: no call runs, and what was streamed is told.
    pub fn hold(&mut self) {
        self.flush();
        for call_id in self.call_order.clone() {
            let Some(tool) = self.tools.get_mut(&call_id) else { continue };
            if let PartBody::Tool(part) = &mut tool.part.body
                && part.status == ToolPartStatus::Running
            {
                part.status = ToolPartStatus::Proposed;
                self.restart(&call_id);
            }
        }
    }

    pub(super) fn finish_tool(&mut self, result: &ToolResult, now: i64) {
        let why = match result.outcome.status {
            ToolStatus::Interrupted => Abandoned::Interrupted,
            _ => Abandoned::Stopped,
        };
        self.end_nested(&result.call_id, why, now);
        let Some(tool) = self.tools.remove(&result.call_id) else { return };
        self.call_order.retain(|call_id| *call_id != result.call_id);
        let part = tool.finished(now, |part| show_result(part, result));
        self.changes.push(Change::ToolFinished { part });
        if !result.outcome.changed_paths.is_empty() {
            self.changes.push(Change::FilesChanged { paths: result.outcome.changed_paths.clone() });
        }
    }

    /// Tells all of a part again.
    fn restart(&mut self, call_id: &CallId) {
        let Some(tool) = self.tools.get_mut(call_id) else { return };
        tool.pending_arguments.clear();
        tool.part = tool.current();
        self.changes.push(Change::PartRestarted { part: tool.part.clone() });
    }
}

impl OpenTool {
    /// Whether the name is another one from now on.
    fn rename(&mut self, name: String) -> bool {
        match &mut self.part.body {
            PartBody::Tool(tool) if !name.is_empty() && tool.name != name => {
                tool.name = name;
                true
            }
            _ => false,
        }
    }
}

/// Puts a call's result into its part.
pub(crate) fn show_result(part: &mut ToolPart, result: &ToolResult) {
    part.status = result.outcome.status.into();
    part.result = Some(result.outcome.text.clone());
    part.data = result.outcome.data.clone();
    part.images.clone_from(&result.outcome.images);
    part.corrected_arguments.clone_from(&result.outcome.corrected_arguments);
    part.duration_ms = Some(result.duration_ms);
}

fn new_part(message_id: &MessageId, call_id: CallId, name: String, arguments: String, now: i64) -> Part {
    Part {
        id: PartId::generate(),
        message_id: message_id.clone(),
        state: PartState::Streaming,
        body: PartBody::Tool(Box::new(ToolPart {
            call_id,
            name,
            arguments,
            status: ToolPartStatus::Proposed,
            output: OutputExcerpt::default(),
            result: None,
            data: Value::Null,
            images: Vec::new(),
            corrected_arguments: None,
            duration_ms: None,
        })),
        started_at: now,
        ended_at: None,
    }
}
