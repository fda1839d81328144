//! What a client shows: a snapshot with events folded over it.

use slipway_protocol::api::ConversationSnapshot;
use slipway_protocol::event::{Event, EventBody};
use slipway_protocol::message::{Message, Part, PartBody, PartState};

/// A conversation's timeline as a client that applies each event once would have it.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// Messages in order.
    pub messages: Vec<Message>,
    seq: i64,
}

impl Timeline {
    /// Starts from a snapshot.
    pub fn new(snapshot: &ConversationSnapshot) -> Self {
        let seq = snapshot.cursor.rsplit_once('-').and_then(|(_, seq)| seq.parse().ok());
        Self { messages: snapshot.messages.clone(), seq: seq.unwrap_or_default() }
    }

    /// Applies an event, unless it is reflected already.
    pub fn apply(&mut self, event: &Event) {
        if event.seq <= self.seq {
            return;
        }
        self.seq = event.seq;
        match &event.body {
            EventBody::MessageCreated { message } => self.messages.push(message.clone()),
            EventBody::MessageRemoved { message_id } => {
                self.messages.retain(|message| message.id != *message_id);
            }
            EventBody::PartStarted { part }
            | EventBody::PartDone { part }
            | EventBody::ToolFinished { part } => self.put(part),
            EventBody::PartDelta { part_id, text } => {
                if let Some(part) = self.parts().find(|part| part.id == *part_id)
                    && let PartBody::Text { text: so_far } | PartBody::Reasoning { text: so_far } =
                        &mut part.body
                {
                    so_far.push_str(text);
                }
            }
            EventBody::ToolArgs { part_id, text } => {
                if let Some(part) = self.parts().find(|part| part.id == *part_id)
                    && let PartBody::Tool(tool) = &mut part.body
                {
                    tool.arguments.push_str(text);
                }
            }
            _ => {}
        }
    }

    /// Each message's role, its parts' kinds and texts: what must be equal however a client got there.
    pub fn digest(&self) -> Vec<String> {
        let parts = self.messages.iter().flat_map(|message| {
            message.parts.iter().map(move |part| (message.role, message.id.clone(), part))
        });
        parts
            .map(|(role, message, part)| match &part.body {
                PartBody::Tool(tool) => format!(
                    "{role:?} {message} tool {} {} {:?} {:?}",
                    tool.name, tool.arguments, tool.status, tool.result
                ),
                body => format!("{role:?} {message} {body:?} {:?}", part.state == PartState::Done),
            })
            .collect()
    }

    fn parts(&mut self) -> impl Iterator<Item = &mut Part> {
        self.messages.iter_mut().flat_map(|message| message.parts.iter_mut())
    }

    fn put(&mut self, part: &Part) {
        if let Some(known) = self.parts().find(|known| known.id == part.id) {
            *known = part.clone();
        } else if let Some(message) = self.messages.iter_mut().find(|message| message.id == part.message_id) {
            message.parts.push(part.clone());
        }
    }
}
