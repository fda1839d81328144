//! The context: what the model is sent, as a pure function of the transcript. Same input, same bytes.

mod fates;
mod groups;
pub mod open_files;
mod system_prompt;
mod view_text;
mod wire;

use slipway_protocol::run::{ContextMode, PromptFacts};
use slipway_protocol::transcript::Entry;

use crate::provider::profile::Profile;
use crate::provider::request::WireMessage;

/// What is fixed for a conversation, beside its transcript.
#[derive(Debug, Clone, Copy)]
pub struct ProjectionFacts<'a> {
    /// The provider's quirks.
    pub profile: &'a Profile,
    /// Whether reasoning is switched off by the person's own request fields, so that none is sent back.
    pub reasoning_off: bool,
    /// How open files are laid out. All modes are laid out as [`ContextMode::PerFile`] for now.
    pub mode: ContextMode,
    /// What the system prompt states.
    pub prompt: &'a PromptFacts,
}

/// The messages of the next request.
///
/// Every open file is visible exactly once, where it was last rendered; its earlier views are one-line
/// stubs. Corrected arguments replace received ones. A call without a result gets one that says so. What
/// Slipway has to say rides on the newest tool result or user message. Any sequence of entries gives
/// messages that providers accept: what makes no sense is left out.
pub fn project(transcript: &[Entry], facts: &ProjectionFacts<'_>) -> Vec<WireMessage> {
    let mut messages = vec![WireMessage::System { content: system_prompt::text(facts.prompt) }];
    let corrections = wire::corrections(transcript);
    for group in groups::collect(transcript) {
        wire::append(group, facts, &corrections, &mut messages);
    }
    messages
}

#[cfg(test)]
#[path = "context/tests.rs"]
mod tests;
