//! Saying something in other words: each wording of a message goes on in a conversation of its own.

use serde::{Deserialize, Serialize};

use super::{Checkpoint, Conversation};
use crate::id::{ConversationId, MessageId, RunId};
use crate::transcript::Attachment;

/// `POST /conversations/{id}/messages/{message_id}/branch`, answered by 201 and a [`BranchReceipt`]. Sending the same
/// `client_id` again changes nothing and answers the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BranchMessage {
    /// Idempotency key chosen by the client, at most 64 characters.
    pub client_id: String,
    /// What to say instead, in Markdown; not blank.
    pub text: String,
    /// Workspace files that go with it; those of the message when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<Attachment>>,
}

/// What became of a message that was said in other words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BranchReceipt {
    /// The conversation in which it goes on: what was said before the message, and the new wording.
    pub conversation: Conversation,
    /// The new wording.
    pub message_id: MessageId,
    /// The run that it started; absent when the same request has started it before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
}

/// The wordings of a message that has several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Wordings {
    /// The message in this conversation.
    pub message_id: MessageId,
    /// All of them, in the order in which they were said; the message itself is one.
    pub all: Vec<Wording>,
}

/// A message, and the conversation in which it goes on. Where a wording is in several, it is the one in which
/// something happened last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Wording {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The message in it.
    pub message_id: MessageId,
}

/// `GET /conversations/{id}/messages/{message_id}/before`: how things stood before a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StateBefore {
    /// The state of the workspace; absent when no run has changed anything since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
}
