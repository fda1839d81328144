//! An estimate of tokens, for providers that report none.

use slipway_protocol::usage::{Usage, UsageSource};

use crate::provider::answer::Answer;
use crate::provider::request::WireMessage;

/// Characters per token, as a rule of thumb.
const CHARACTERS_PER_TOKEN: usize = 4;

/// Tokens of a call by the lengths of its texts.
pub(crate) fn usage(messages: &[WireMessage], answer: &Answer) -> Usage {
    let calls: usize = answer.tool_calls.iter().map(|call| call.name.len() + call.arguments.len()).sum();
    Usage {
        input: input(messages),
        output: tokens(answer.text.len() + calls),
        reasoning: tokens(answer.reasoning.len()),
        source: UsageSource::Estimated,
        ..Usage::default()
    }
}

/// Tokens of a message.
pub(crate) fn message(message: &WireMessage) -> u64 {
    tokens(characters(message))
}

/// Tokens of a text.
pub(crate) fn text(text: &str) -> u64 {
    tokens(text.len())
}

/// Tokens of messages by the lengths of their texts.
pub(crate) fn input(messages: &[WireMessage]) -> u64 {
    tokens(messages.iter().map(characters).sum())
}

fn characters(message: &WireMessage) -> usize {
    match message {
        WireMessage::System { content }
        | WireMessage::User { content }
        | WireMessage::Tool { content, .. } => content.len(),
        WireMessage::Assistant(assistant) => {
            let calls = assistant.tool_calls.iter().map(|call| call.function.arguments.len()).sum::<usize>();
            assistant.content.len() + calls
        }
    }
}

/// Tokens of so many characters.
pub(crate) fn tokens(characters: usize) -> u64 {
    u64::try_from(characters.div_ceil(CHARACTERS_PER_TOKEN)).unwrap_or(u64::MAX)
}
