//! Sizes of messages, remembered from one request to the next: most of a request was in the last one, too.

use std::sync::{Mutex, PoisonError};

use crate::provider::estimate;
use crate::provider::request::WireMessage;

/// Estimated tokens of the messages that were asked about last.
#[derive(Debug, Default)]
pub(crate) struct Sizes(Mutex<Vec<(WireMessage, u64)>>);

impl Sizes {
    /// The estimated tokens of each message.
    pub(crate) fn of(&self, messages: &[WireMessage]) -> Vec<u64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = known.iter().zip(messages).take_while(|((known, _), message)| known == *message).count();
        known.truncate(same);
        let new = messages.get(same..).unwrap_or_default();
        known.extend(new.iter().map(|message| (message.clone(), estimate::message(message))));
        known.iter().map(|(_, tokens)| *tokens).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn messages() -> impl Strategy<Value = Vec<WireMessage>> {
        let message = "[a-c ]{0,6}".prop_map(|content| WireMessage::User { content });
        prop::collection::vec(message, 0..6)
    }

    proptest! {
        #[test]
        fn sizes_are_those_of_the_messages_whatever_was_asked_before(requests in prop::collection::vec(messages(), 1..6)) {
            let sizes = Sizes::default();
            for request in requests {
                let expected: Vec<u64> = request.iter().map(estimate::message).collect();
                prop_assert_eq!(sizes.of(&request), expected);
            }
        }
    }
}
