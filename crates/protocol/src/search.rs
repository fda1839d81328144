//! Finding what was said: `GET /search`.

use serde::{Deserialize, Serialize};

use crate::api::Conversation;
use crate::id::{ConversationId, MessageId, PartId};
use crate::message::Role;

/// What was found, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SearchPage {
    /// Conversations with a matching title, at most 20; on the first page only.
    pub conversations: Vec<Conversation>,
    /// Messages in which it was found.
    pub hits: Vec<SearchHit>,
    /// Value for `?before=` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A message in which all words were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SearchHit {
    /// Where it is.
    pub conversation_id: ConversationId,
    /// That conversation's name.
    pub title: String,
    /// The message.
    pub message_id: MessageId,
    /// Its part that holds the words.
    pub part_id: PartId,
    /// Who speaks in it.
    pub role: Role,
    /// The tool whose arguments hold the words; absent when a text does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The first place, on one line.
    pub excerpt: Excerpt,
    /// When the message began.
    pub created_at: i64,
}

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Excerpt {
    /// What comes before it, from a word's beginning; begins with `…` when something is left out.
    pub before: String,
    /// What was found, as it is written there.
    pub found: String,
    /// What comes behind it; ends with `…` when something is left out.
    pub after: String,
}
