//! Messages ready to be sent: each is sized and written as JSON once, however many requests hold it.

use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::provider::estimate;
use crate::provider::request::WireMessage;

/// A message with its size and, from the first request on that holds it, its bytes.
#[derive(Debug)]
pub struct ReadyMessage {
    message: WireMessage,
    tokens: u64,
    json: OnceLock<Box<RawValue>>,
}

impl ReadyMessage {
    /// The message, sized.
    pub fn new(message: WireMessage) -> Self {
        let tokens = estimate::message(&message);
        Self { message, tokens, json: OnceLock::new() }
    }

    /// The message.
    pub fn message(&self) -> &WireMessage {
        &self.message
    }

    /// The message alone.
    pub(crate) fn into_message(self) -> WireMessage {
        self.message
    }

    /// Its estimated tokens.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }
}

impl PartialEq for ReadyMessage {
    fn eq(&self, other: &Self) -> bool {
        self.message == other.message
    }
}

impl Serialize for ReadyMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(json) = self.json.get() {
            return json.serialize(serializer);
        }
        let json = to_raw_value(&self.message).map_err(serde::ser::Error::custom)?;
        self.json.get_or_init(|| json).serialize(serializer)
    }
}

/// Estimated tokens of messages.
pub(crate) fn tokens(messages: &[Arc<ReadyMessage>]) -> u64 {
    messages.iter().map(|message| message.tokens).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_written_the_same_the_first_time_and_later() {
        let message = WireMessage::User { content: "a \"b\"\n\u{2028}é".to_owned() };
        let plain = serde_json::to_string(&message).expect("JSON");
        let ready = ReadyMessage::new(message.clone());
        for _ in 0..2 {
            assert_eq!(serde_json::to_string(&ready).expect("JSON"), plain);
        }
        assert_eq!((ready.tokens(), ready.message()), (estimate::message(&message), &message));
    }
}
