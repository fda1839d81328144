//! What Slipway itself has to say, as a message of the timeline.

use slipway_protocol::message::{Message, NoticeLevel, Part, PartBody, PartState, Role};
use slipway_protocol::{ConversationId, MessageId, PartId, RunId};

/// A message of Slipway that is complete at `now`; it links to the conversation `about`.
pub(crate) fn message(
    conversation_id: &ConversationId,
    run_id: Option<&RunId>,
    level: NoticeLevel,
    text: String,
    about: Option<ConversationId>,
    now: i64,
) -> Message {
    let id = MessageId::generate();
    let part = Part {
        id: PartId::generate(),
        message_id: id.clone(),
        state: PartState::Done,
        body: PartBody::Notice { level, text, conversation_id: about },
        started_at: now,
        ended_at: Some(now),
    };
    Message {
        id,
        conversation_id: conversation_id.clone(),
        run_id: run_id.cloned(),
        role: Role::System,
        parts: vec![part],
        attachments: Vec::new(),
        call_id: None,
        client_id: None,
        created_at: now,
    }
}
