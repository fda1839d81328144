//! Sorts a transcript's entries into messages: what was said, and each answer with the results of its
//! calls, in call order, whatever order they came in.

use std::collections::HashMap;

use slipway_protocol::CallId;
use slipway_protocol::transcript::{AssistantStep, Entry, ToolCall, ToolResult, UserMessage};

use crate::context::fates::{self, Fate};
use crate::context::open_files::OpenFiles;
use crate::context::view_text;

/// What makes one message, or an answer and the results of its calls.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) body: GroupBody<'a>,
    /// What rides on the group's last message.
    pub(crate) riders: Vec<String>,
}

#[derive(Debug)]
pub(crate) enum GroupBody<'a> {
    /// Somebody said something.
    User(&'a UserMessage),
    /// Slipway has something to say, and there is nothing that it could ride on.
    Slipway,
    /// The model answered.
    Assistant(&'a AssistantStep, Vec<(&'a ToolCall, Option<&'a ToolResult>)>),
}

impl Group<'_> {
    /// Whether its last message is one of the model's, so that nothing can ride on it.
    fn ends_with_the_model(&self) -> bool {
        matches!(&self.body, GroupBody::Assistant(_, calls) if calls.is_empty())
    }
}

/// The groups of a transcript; the last one never ends with the model.
pub(crate) fn collect(transcript: &[Entry]) -> Vec<Group<'_>> {
    let fates = fates::of_views(transcript);
    let mut groups = Groups::default();
    for (position, entry) in transcript.iter().enumerate() {
        groups.open.apply(entry);
        match entry {
            Entry::User(message) => groups.push(GroupBody::User(message)),
            Entry::Assistant(step) => groups.answer(step),
            Entry::ToolResult(result) => groups.result(result),
            Entry::View(view) => {
                let fate = fates.get(&position).copied().unwrap_or(Fate::Live);
                groups.ride(view_text::render(view, fate));
            }
            Entry::Notice(notice) => groups.ride(notice_text(&notice.text)),
            Entry::Correction(_) | Entry::Handover(_) | Entry::ContextChange(_) => {}
        }
    }
    groups.before_request();
    groups.groups
}

#[derive(Default)]
struct Groups<'a> {
    groups: Vec<Group<'a>>,
    /// The group that waits for the result of a call, by the call's id.
    waiting: HashMap<&'a CallId, usize>,
    open: OpenFiles,
    /// State of `open` at the last request.
    requested_at: u64,
}

impl<'a> Groups<'a> {
    fn push(&mut self, body: GroupBody<'a>) {
        self.groups.push(Group { body, riders: Vec::new() });
    }

    fn answer(&mut self, step: &'a AssistantStep) {
        let says_nothing = step.text.trim().is_empty() && step.tool_calls.is_empty();
        if says_nothing {
            return;
        }
        self.before_request();
        let position = self.groups.len();
        for call in &step.tool_calls {
            self.waiting.insert(&call.id, position);
        }
        self.push(GroupBody::Assistant(step, step.tool_calls.iter().map(|call| (call, None)).collect()));
    }

    fn result(&mut self, result: &'a ToolResult) {
        let group = self.waiting.get(&result.call_id).and_then(|position| self.groups.get_mut(*position));
        if let Some(Group { body: GroupBody::Assistant(_, calls), .. }) = group {
            let waiting = calls.iter_mut().find(|(call, known)| call.id == result.call_id && known.is_none());
            if let Some((_, known)) = waiting {
                *known = Some(result);
            }
        }
    }

    fn ride(&mut self, text: String) {
        if self.groups.last().is_none_or(Group::ends_with_the_model) {
            self.push(GroupBody::Slipway);
        }
        if let Some(group) = self.groups.last_mut() {
            group.riders.push(text);
        }
    }

    /// What every request ends with: somebody else's words than the model's, and a warning when too much
    /// has come to be open.
    fn before_request(&mut self) {
        if self.open.changes() != self.requested_at {
            self.requested_at = self.open.changes();
            if let Some(warning) = self.open.warning() {
                self.ride(notice_text(&warning));
            }
        }
        if self.groups.last().is_none_or(Group::ends_with_the_model) {
            self.ride("Continue.".to_owned());
        }
    }
}

fn notice_text(text: &str) -> String {
    format!("[Slipway] {text}")
}
