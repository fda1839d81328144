//! An event as it is kept for readers: serialised once, however many there are.

use slipway_protocol::{ConversationId, UserId};

/// A recorded event, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Its number.
    pub seq: i64,
    /// The conversation that it is about.
    pub conversation_id: Option<ConversationId>,
    /// Whether it is sent on the topic `user`.
    pub for_user: bool,
    /// Who hears of it there; `None` for everybody.
    pub user_id: Option<UserId>,
    /// Its name on the wire.
    pub kind: String,
    /// The [`slipway_protocol::event::Event`] as JSON.
    pub json: String,
}

impl LoggedEvent {
    /// Puts an event together from its fields, its body being JSON already.
    pub(crate) fn from_stored(
        seq: i64,
        conversation_id: Option<ConversationId>,
        for_user: bool,
        user_id: Option<UserId>,
        kind: String,
        at: i64,
        body: &str,
    ) -> Self {
        let conversation = conversation_id
            .as_ref()
            .map(|id| format!(r#""conversation_id":{},"#, serde_json::Value::from(id.as_str())))
            .unwrap_or_default();
        let json = format!(r#"{{"seq":{seq},{conversation}"at":{at},"body":{body}}}"#);
        Self { seq, conversation_id, for_user, user_id, kind, json }
    }
}

#[cfg(test)]
mod tests {
    use slipway_protocol::event::{Event, EventBody};

    use super::*;

    #[test]
    fn an_event_put_together_is_byte_for_byte_the_event() {
        for conversation_id in [None, Some(ConversationId::from("conv_\"1\""))] {
            let body = EventBody::PartDelta { part_id: "part_1".into(), text: "a\n\"b\"".to_owned() };
            let event = Event { seq: 3, conversation_id: conversation_id.clone(), at: 5, body };
            let whole = serde_json::to_string(&event).expect("serialises");
            let body = serde_json::to_string(&event.body).expect("serialises");
            let kind = "part.delta".to_owned();
            assert_eq!(LoggedEvent::from_stored(3, conversation_id, true, None, kind, 5, &body).json, whole);
        }
    }
}
