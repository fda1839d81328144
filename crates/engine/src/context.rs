//! The context: what the model is sent, as a pure function of the transcript. Same input, same bytes.
//!
//! [`project`] only follows what the transcript records. Where there is something to decide, the run decides
//! it before a model call with [`collapse::collapse`] and records it as an entry.

pub mod cached;
pub mod calibration;
pub mod collapse;
pub(crate) mod compaction;
mod entries;
pub mod eviction;
mod groups;
mod kept;
pub(crate) mod look;
pub(crate) mod masking;
mod measure;
pub mod open_files;
mod placed_views;
pub(crate) mod plan;
mod riders;
mod system_prompt;
pub(crate) mod window;
mod wire;

use std::sync::Arc;

use slipway_protocol::run::{ContextMode, PromptFacts};
use slipway_protocol::transcript::Entry;

pub use crate::context::kept::KeptContext;
use crate::provider::profile::{CacheRule, Profile};
use crate::provider::ready::ReadyMessage;
use crate::provider::request::WireMessage;

/// What is fixed for a conversation, beside its transcript.
#[derive(Debug, Clone, Copy)]
pub struct ProjectionFacts<'a> {
    /// The provider's quirks.
    pub profile: &'a Profile,
    /// Whether reasoning is switched off by the person's own request fields, so that none is sent back.
    pub reasoning_off: bool,
    /// How open files are laid out.
    pub mode: ContextMode,
    /// What the system prompt states.
    pub prompt: &'a PromptFacts,
}

/// How views are laid out: the mode, once it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// One line stands for the views of a message that have ended.
    PerFile,
    /// Views that have ended stay as they are until a recorded decision names them.
    Lazy,
    /// All open files stand together on the message that was the newest when one of them last changed.
    Consolidated,
}

impl ProjectionFacts<'_> {
    fn layout(&self) -> Layout {
        match self.mode {
            ContextMode::PerFile => Layout::PerFile,
            ContextMode::Auto => Layout::Lazy,
            ContextMode::Consolidated => Layout::Consolidated,
            ContextMode::ByProfile
                if self.profile.cache.as_ref().is_some_and(CacheRule::rewards_prefixes) =>
            {
                Layout::Lazy
            }
            ContextMode::ByProfile => Layout::PerFile,
        }
    }
}

/// The messages of the next request.
///
/// The newest version of every open file is always visible in full. One line on a message stands for
/// those of its views that have ended; in the mode `auto` from when a recorded decision says so. Corrected arguments replace
/// received ones. A call without a result gets one that says so. What Slipway has to say rides on the
/// newest tool result or user message. Any sequence of entries gives messages that providers accept: what
/// makes no sense is left out.
///
/// A run, whose transcript grows from request to request, has a [`KeptContext`] instead, which gives the same.
pub fn project(transcript: &[Entry], facts: &ProjectionFacts<'_>) -> Vec<WireMessage> {
    KeptContext::default().into_messages(transcript, facts)
}

/// A request's messages, and what they have in common with earlier requests.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// The messages.
    pub messages: Vec<Arc<ReadyMessage>>,
    /// So many of the first ones are as they were in the last request.
    pub same: usize,
    /// Where earlier requests ended that this one begins with: so many messages were in them.
    pub request_ends: Vec<usize>,
    /// The messages that show open files as they are, by their positions.
    pub live: Vec<usize>,
}

impl Projection {
    /// A request of these messages, which belongs to no transcript.
    pub(crate) fn alone(messages: Vec<WireMessage>) -> Self {
        let messages = messages.into_iter().map(|message| Arc::new(ReadyMessage::new(message))).collect();
        Self { messages, same: 0, request_ends: Vec::new(), live: Vec::new() }
    }
}

#[cfg(test)]
#[path = "context/tests.rs"]
mod tests;

#[cfg(test)]
mod changes_tests;

#[cfg(test)]
mod kept_tests;

#[cfg(test)]
mod layout_tests;

#[cfg(test)]
mod test_entries;
