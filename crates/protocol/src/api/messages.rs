//! Sending messages, the queue of those that wait, and the whole output of a call.

use serde::{Deserialize, Serialize};

use crate::event::RunStatus;
use crate::id::{MessageId, RunId};
use crate::message::ToolPartStatus;
use crate::transcript::Attachment;

/// `POST /conversations/{id}/messages`, answered by 202 and a [`SendReceipt`]. Sending the same
/// `client_id` again changes nothing and answers the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// Idempotency key chosen by the client, at most 64 characters.
    pub client_id: String,
    /// What to say, in Markdown; not blank.
    pub text: String,
    /// Workspace files that go with it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// What to do when a run is going on.
    #[serde(default)]
    pub mode: SendMode,
}

/// What to do with a message when a run is going on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendMode {
    /// Wait until the run has ended.
    #[default]
    Queue,
    /// Let the model hear it at its next step, without stopping; a run that ends before is followed by another.
    Steer,
    /// Stop the run, then send.
    Interrupt,
}

/// What became of a sent message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SendReceipt {
    /// The message.
    pub message_id: MessageId,
    /// The run that it started; `None` when it waits in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
}

/// `PATCH /conversations/{id}/queue/{message_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EditQueued {
    /// What the message is to say, in Markdown; not blank.
    pub text: String,
}

/// `PUT /conversations/{id}/queue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderQueue {
    /// All messages that wait, in the order in which they are to be sent.
    pub message_ids: Vec<MessageId>,
}

/// A message that waits for the run to end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct QueuedMessage {
    /// Its id.
    pub message_id: MessageId,
    /// The sender's id for it.
    pub client_id: String,
    /// What it says.
    pub text: String,
    /// When it was sent.
    pub created_at: i64,
}

/// Answer of `POST /conversations/{id}/pause`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RunStanding {
    /// `pausing` until the run has come to rest, then `paused`.
    pub status: RunStatus,
}

/// Answer of `POST /conversations/{id}/calls/{call_id}/stop`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CallStanding {
    /// Where the call stood: `proposed` or `running` when it is being stopped, else how it has ended.
    pub status: ToolPartStatus,
}

/// `GET /conversations/{id}/calls/{call_id}/output?from=&to=`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OutputRange {
    /// The text from byte `from` on, cut at character borders.
    pub text: String,
    /// Where `text` begins, in bytes.
    pub from: u64,
    /// Where it ends, in bytes.
    pub to: u64,
    /// Length of the whole in bytes.
    pub total: u64,
}
