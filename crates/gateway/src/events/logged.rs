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

    /// Puts an event together from its stored fields, without parsing its body.
    pub(crate) fn from_stored(
        seq: i64,
        conversation_id: Option<ConversationId>,
        for_user: bool,
        kind: String,
        at: i64,
        body: &str,
    ) -> Self {
        let conversation = conversation_id
            .as_ref()
            .map(|id| format!(r#""conversation_id":{},"#, serde_json::Value::from(id.as_str())))
            .unwrap_or_default();
        let json = format!(r#"{{"seq":{seq},{conversation}"at":{at},"body":{body}}}"#);
        Self { seq, conversation_id, for_user, kind, json }
    }
}

#[cfg(test)]
mod tests {
    use slipway_protocol::event::EventBody;

    use super::*;

    #[test]
    fn an_event_read_back_is_byte_for_byte_the_event_sent() {
        for conversation_id in [None, Some(ConversationId::from("conv_\"1\""))] {
            let body = EventBody::PartDelta { part_id: "part_1".into(), text: "a\n\"b\"".to_owned() };
            let event = Event { seq: 3, conversation_id: conversation_id.clone(), at: 5, body };
            let sent = LoggedEvent::new(&event, true).expect("serialises");
            let body = serde_json::to_string(&event.body).expect("serialises");
            let kind = "part.delta".to_owned();
            assert_eq!(LoggedEvent::from_stored(3, conversation_id, true, kind, 5, &body), sent);
        }
    }
}
