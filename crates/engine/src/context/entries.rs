//! The entries of a transcript by their positions, which a fold keeps instead of references, so that it can
//! be kept while the transcript grows.

use slipway_protocol::transcript::{
    AssistantStep, ContextChange, Entry, ToolCall, ToolResult, UserMessage, View,
};

/// A transcript; a position that holds something else than is asked for gives `None`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entries<'a>(pub(crate) &'a [Entry]);

impl<'a> Entries<'a> {
    /// What somebody said.
    pub(crate) fn user(self, at: usize) -> Option<&'a UserMessage> {
        match self.0.get(at)? {
            Entry::User(message) => Some(message),
            _ => None,
        }
    }

    /// What the model answered.
    pub(crate) fn answer(self, at: usize) -> Option<&'a AssistantStep> {
        match self.0.get(at)? {
            Entry::Assistant(step) => Some(step),
            _ => None,
        }
    }

    /// A call of an answer, by its number in it.
    pub(crate) fn call(self, answer: usize, number: usize) -> Option<&'a ToolCall> {
        self.answer(answer)?.tool_calls.get(number)
    }

    /// What a call came to.
    pub(crate) fn result(self, at: usize) -> Option<&'a ToolResult> {
        match self.0.get(at)? {
            Entry::ToolResult(result) => Some(result),
            _ => None,
        }
    }

    /// Corrected arguments.
    pub(crate) fn correction(self, at: usize) -> Option<&'a str> {
        match self.0.get(at)? {
            Entry::Correction(correction) => Some(&correction.arguments),
            _ => None,
        }
    }

    /// A view of a file.
    pub(crate) fn view(self, at: usize) -> Option<&'a View> {
        match self.0.get(at)? {
            Entry::View(view) => Some(view),
            _ => None,
        }
    }

    /// A summary of what is older.
    pub(crate) fn summary(self, at: usize) -> Option<&'a str> {
        match self.0.get(at)? {
            Entry::ContextChange(ContextChange::Compact { summary, .. }) => Some(summary),
            _ => None,
        }
    }
}
