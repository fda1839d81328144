//! An event as it is kept for readers: serialised once, however many there are.

use slipway_protocol::ConversationId;
use slipway_protocol::event::Event;

use super::kind;
use crate::store::StoreError;

/// A recorded event, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Its number.
    pub seq: i64,
    /// The conversation that it is about.
    pub conversation_id: Option<ConversationId>,
    /// Whether it is sent on the topic `user`.
    pub for_user: bool,
    /// Its name on the wire.
    pub kind: String,
    /// The [`Event`] as JSON.
    pub json: String,
}

impl LoggedEvent {
    /// Serialises an event.
    ///
    /// # Errors
    /// When it has no JSON form, which none of ours lacks.
    pub(crate) fn new(event: &Event, for_user: bool) -> Result<Self, StoreError> {
        let json = serde_json::to_string(event)
            .map_err(|source| StoreError::Unreadable { what: "event", source })?;
        let kind = kind(&event.body).to_owned();
        Ok(Self { seq: event.seq, conversation_id: event.conversation_id.clone(), for_user, kind, json })
    }
}
