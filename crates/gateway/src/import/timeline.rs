//! From entries to what the person sees of them. What only streamed (live output, notices of the moment) is not in a
//! file, so it is not here either.

use std::collections::HashMap;

use slipway_protocol::message::{
    Message, NoticeLevel, OutputExcerpt, Part, PartBody, PartState, Role, ToolPart, ToolPartStatus,
};
use slipway_protocol::transcript::{AssistantStep, Entry, Handover, ToolResult, UserMessage};
use slipway_protocol::{CallId, ConversationId, PartId, RunId};

use crate::runs::timeline::{notice, show_result};

/// What was linked to, in words: the file does not say which way.
const LINKED: &str = "Here the conversation went on from, or in, another one.";

/// The timeline of a transcript that is read entry by entry.
pub(super) struct Reader {
    conversation_id: ConversationId,
    messages: Vec<Message>,
    /// The message and part in which each call is shown.
    calls: HashMap<CallId, (usize, usize)>,
}

impl Reader {
    pub(super) fn new(conversation_id: ConversationId) -> Self {
        Self { conversation_id, messages: Vec::new(), calls: HashMap::new() }
    }

    /// Reads an entry of a run that began at `began_at`.
    pub(super) fn read(&mut self, run_id: &RunId, began_at: i64, entry: &Entry) {
        match entry {
            Entry::User(message) => self.user(run_id, message),
            Entry::Assistant(step) => self.assistant(run_id, step),
            Entry::ToolResult(result) => self.result(result),
            Entry::Handover(handover) => self.handover(run_id, began_at, handover),
            Entry::Correction(_)
            | Entry::View(_)
            | Entry::Notice(_)
            | Entry::ContextChange(_)
            | Entry::Plan(_) => {}
        }
    }

    /// All messages; calls without a result were interrupted.
    pub(super) fn finish(self) -> Vec<Message> {
        self.messages
    }

    fn user(&mut self, run_id: &RunId, said: &UserMessage) {
        let mut message = self.message(run_id, Role::User, said.id.clone(), said.created_at);
        message.attachments.clone_from(&said.attachments);
        message.parts.push(part(&message, PartBody::Text { text: said.text.clone() }));
        self.messages.push(message);
    }

    fn assistant(&mut self, run_id: &RunId, step: &AssistantStep) {
        let mut message = self.message(run_id, Role::Assistant, step.id.clone(), step.created_at);
        if !step.reasoning.is_empty() {
            message.parts.push(part(&message, PartBody::Reasoning { text: step.reasoning.clone() }));
        }
        if !step.text.is_empty() {
            message.parts.push(part(&message, PartBody::Text { text: step.text.clone() }));
        }
        for call in &step.tool_calls {
            self.calls.insert(call.id.clone(), (self.messages.len(), message.parts.len()));
            let tool = ToolPart {
                call_id: call.id.clone(),
                name: call.name.clone(),
                arguments: call.arguments.clone(),
                status: ToolPartStatus::Interrupted,
                output: OutputExcerpt::default(),
                result: None,
                data: serde_json::Value::Null,
                images: Vec::new(),
                corrected_arguments: None,
                duration_ms: None,
            };
            message.parts.push(part(&message, PartBody::Tool(Box::new(tool))));
        }
        self.messages.push(message);
    }

    fn result(&mut self, result: &ToolResult) {
        let place = self.calls.get(&result.call_id);
        let Some(part) =
            place.and_then(|(message, part)| self.messages.get_mut(*message)?.parts.get_mut(*part))
        else {
            return;
        };
        part.ended_at = Some(result.created_at);
        if let PartBody::Tool(tool) = &mut part.body {
            show_result(tool, result);
            // Their bytes are not in the file.
            tool.images.clear();
        }
    }

    fn handover(&mut self, run_id: &RunId, began_at: i64, handover: &Handover) {
        let now = self.messages.last().map_or(began_at, |message| message.created_at);
        let about = Some(handover.conversation_id.clone());
        let (level, text) = (NoticeLevel::Info, LINKED.to_owned());
        self.messages.push(notice::message(&self.conversation_id, Some(run_id), level, text, about, now));
    }

    fn message(&self, run_id: &RunId, role: Role, id: slipway_protocol::MessageId, at: i64) -> Message {
        Message {
            id,
            conversation_id: self.conversation_id.clone(),
            run_id: Some(run_id.clone()),
            role,
            parts: Vec::new(),
            attachments: Vec::new(),
            call_id: None,
            client_id: None,
            created_at: at,
        }
    }
}

fn part(message: &Message, body: PartBody) -> Part {
    Part {
        id: PartId::generate(),
        message_id: message.id.clone(),
        state: PartState::Done,
        body,
        started_at: message.created_at,
        ended_at: Some(message.created_at),
    }
}
