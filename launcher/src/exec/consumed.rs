//! What a task has consumed, over all conversations that it went through.

use std::collections::BTreeMap;

use slipway_protocol::event::{Event, EventBody};
use slipway_protocol::usage::Usage;

/// The newest that events have told.
#[derive(Debug, Default)]
pub(super) struct Consumed {
    /// Of each conversation as a whole.
    totals: BTreeMap<String, Usage>,
}

impl Consumed {
    /// Takes in what an event tells of it, if it does.
    pub(super) fn hear(&mut self, event: &Event) {
        if let (EventBody::UsageUpdated { total, .. }, Some(id)) = (&event.body, &event.conversation_id) {
            self.totals.insert(id.to_string(), *total);
        }
    }

    /// Tokens and what they cost; `None` while nothing was consumed.
    pub(super) fn in_words(&self) -> Option<String> {
        let sum = self.totals.values().fold(Usage::default(), |sum, total| sum.plus(*total));
        let tokens = sum.context_tokens();
        (tokens > 0).then(|| format!("{tokens} tokens, {}", sum.cost()))
    }
}

#[cfg(test)]
mod tests {
    use slipway_protocol::ConversationId;

    use super::*;

    fn updated(conversation: &str, total: Usage) -> Event {
        let body =
            EventBody::UsageUpdated { last: Usage::default(), total, context_used: 0, context_limit: None };
        Event { seq: 1, conversation_id: Some(ConversationId::from(conversation)), at: 1, body }
    }

    #[test]
    fn the_sum_of_all_conversations_is_told_as_priced_or_included() {
        let mut consumed = Consumed::default();
        assert_eq!(consumed.in_words(), None);
        let included = |tokens| Usage { input: tokens, included: tokens, ..Usage::default() };
        consumed.hear(&updated("one", included(400)));
        // A total takes the place of the one before.
        consumed.hear(&updated("one", included(1_000)));
        assert_eq!(consumed.in_words().as_deref(), Some("1000 tokens, included"));
        let priced = Usage { input: 500, cost_micros: Some(31_000), ..Usage::default() };
        consumed.hear(&updated("two", priced));
        assert_eq!(consumed.in_words().as_deref(), Some("1500 tokens, $0.031 + included"));
    }
}
