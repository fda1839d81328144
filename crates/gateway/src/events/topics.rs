//! What a reader wants to hear of.

use std::collections::BTreeSet;

use slipway_protocol::{ConversationId, Problem};

use super::LoggedEvent;

/// Most conversations that one stream can follow.
const MAX_CONVERSATIONS: usize = 64;

/// A set of topics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopicSet {
    /// The conversation list and the instance.
    pub user: bool,
    /// Conversations whose events are wanted.
    pub conversations: BTreeSet<ConversationId>,
}

impl TopicSet {
    /// Reads topic names: `user`, `conv:<id>`; empty ones are ignored.
    ///
    /// # Errors
    /// When a name is unknown or there are too many.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, Problem> {
        let mut topics = Self::default();
        for name in names.into_iter().map(str::trim).filter(|name| !name.is_empty()) {
            match name.strip_prefix("conv:") {
                Some(id) => {
                    topics.conversations.insert(ConversationId::from(id));
                }
                None if name == "user" => topics.user = true,
                None => return Err(unknown(name)),
            }
        }
        if topics.conversations.len() > MAX_CONVERSATIONS {
            return Err(Problem::new(
                422,
                "too_many_topics",
                "One stream cannot follow so many conversations",
            )
            .detail(format!("At most {MAX_CONVERSATIONS} are possible."))
            .hint("Unsubscribe from conversations that are not shown."));
        }
        Ok(topics)
    }

    /// Whether an event belongs to one of the topics.
    pub fn wants(&self, event: &LoggedEvent) -> bool {
        (self.user && event.for_user)
            || event.conversation_id.as_ref().is_some_and(|id| self.conversations.contains(id))
    }
}

fn unknown(name: &str) -> Problem {
    Problem::new(422, "unknown_topic", "There is no such topic")
        .detail(format!("\"{name}\" is neither \"user\" nor \"conv:\" with a conversation's id."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        let topics = TopicSet::parse("user, conv:a,conv:b,".split(',')).expect("valid");
        assert!(topics.user);
        assert_eq!(topics.conversations.len(), 2);
        assert_eq!(TopicSet::parse(["project:x"]).expect_err("unknown").code, "unknown_topic");
    }
}
