//! What a reader wants to hear of.

use std::collections::BTreeSet;

use slipway_protocol::{ConversationId, Problem, UserId};

use super::LoggedEvent;
use crate::api::ApiError;
use crate::auth::Viewer;
use crate::store::{Store, ownership};

/// Most conversations that one stream can follow.
const MAX_CONVERSATIONS: usize = 64;

/// A set of topics, all of them open to the person who wants them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSet {
    /// Who wants them.
    pub(crate) viewer: UserId,
    /// The person's list of conversations, and the instance.
    pub(crate) user: bool,
    /// Conversations of this person whose events are wanted.
    pub(crate) conversations: BTreeSet<ConversationId>,
}

impl TopicSet {
    /// Reads topic names: `user`, `conv:<id>`; empty ones are ignored. Of conversations that are not there, or are
    /// somebody else's, nothing will be heard.
    ///
    /// # Errors
    /// When a name is unknown, there are too many, or the database fails.
    pub async fn of<'a>(
        viewer: &Viewer,
        store: &Store,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ApiError> {
        let wanted = Self::parse(viewer.user().clone(), names)?;
        let mut connection = store.read().await?;
        let conversations =
            ownership::own_among(&mut connection, viewer.user(), wanted.conversations).await?;
        Ok(Self { conversations, ..wanted })
    }

    fn parse<'a>(viewer: UserId, names: impl IntoIterator<Item = &'a str>) -> Result<Self, Problem> {
        let mut topics = Self { viewer, user: false, conversations: BTreeSet::new() };
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
        (self.user && event.for_user && event.user_id.as_ref().is_none_or(|id| *id == self.viewer))
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
        let topics = TopicSet::parse("u".into(), "user, conv:a,conv:b,".split(',')).expect("valid");
        assert!(topics.user);
        assert_eq!(topics.conversations.len(), 2);
        assert_eq!(TopicSet::parse("u".into(), ["project:x"]).expect_err("unknown").code, "unknown_topic");
    }
}
