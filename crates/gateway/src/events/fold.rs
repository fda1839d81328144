//! How events change what a client shows: the reference for every client, and what snapshots are made by.

use slipway_protocol::event::EventBody;
use slipway_protocol::message::{Message, OutputExcerpt, Part, PartBody, ToolPart, ToolPartStatus};
use slipway_protocol::{MessageId, PartId};

/// Bytes of live output that are kept from its beginning, and as many from its end.
pub const EXCERPT_BYTES: usize = 8192;

/// Applies an event of one conversation to its messages. Events that do not touch messages change
/// nothing.
pub fn apply(messages: &mut Vec<Message>, event: &EventBody) {
    match event {
        EventBody::MessageCreated { message } => match find_message(messages, &message.id) {
            Some(known) => *known = message.clone(),
            None => messages.push(message.clone()),
        },
        EventBody::MessageRemoved { message_id } => messages.retain(|message| message.id != *message_id),
        EventBody::PartStarted { part } | EventBody::PartDone { part } | EventBody::ToolFinished { part } => {
            if let Some(message) = find_message(messages, &part.message_id) {
                match message.parts.iter_mut().find(|known| known.id == part.id) {
                    Some(known) => *known = part.clone(),
                    None => message.parts.push(part.clone()),
                }
            }
        }
        EventBody::PartDelta { part_id, .. }
        | EventBody::ToolArgs { part_id, .. }
        | EventBody::ToolOutput { part_id, .. } => {
            if let Some(part) = find_part(messages, part_id) {
                append(part, event);
            }
        }
        EventBody::ToolStarted { part_id, started_at } => {
            if let Some(part) = find_part(messages, part_id) {
                start(part, *started_at);
            }
        }
        EventBody::ConversationUpdated { .. }
        | EventBody::ConversationDeleted { .. }
        | EventBody::RunStatus { .. }
        | EventBody::QueueUpdated { .. }
        | EventBody::UsageUpdated { .. }
        | EventBody::BudgetNear { .. }
        | EventBody::ContextFiles { .. }
        | EventBody::PlanUpdated { .. }
        | EventBody::QuestionsUpdated { .. }
        | EventBody::ApprovalsUpdated { .. }
        | EventBody::WordingsUpdated { .. }
        | EventBody::FilesChanged { .. }
        | EventBody::GitChanged { .. }
        | EventBody::CheckpointCreated { .. }
        | EventBody::CheckpointRestored { .. }
        | EventBody::SandboxUpdated { .. }
        | EventBody::Notice { .. } => {}
    }
}

/// Appends a delta to the part that it is for; other events change nothing.
pub fn append(part: &mut Part, delta: &EventBody) {
    match (delta, &mut part.body) {
        (EventBody::PartDelta { text: more, .. }, PartBody::Text { text } | PartBody::Reasoning { text }) => {
            text.push_str(more);
        }
        (EventBody::ToolArgs { text, .. }, PartBody::Tool(tool)) => tool.arguments.push_str(text),
        (EventBody::ToolOutput { skipped_bytes, text, .. }, PartBody::Tool(tool)) => {
            append_output(&mut tool.output, *skipped_bytes, text);
        }
        _ => {}
    }
}

/// A tool call runs from now on.
pub fn start(part: &mut Part, started_at: i64) {
    part.started_at = started_at;
    if let PartBody::Tool(tool) = &mut part.body {
        tool.status = ToolPartStatus::Running;
    }
}

/// The tool call in a part, if it is one.
pub fn tool_of(part: &Part) -> Option<&ToolPart> {
    match &part.body {
        PartBody::Tool(tool) => Some(tool),
        PartBody::Text { .. } | PartBody::Reasoning { .. } | PartBody::Notice { .. } => None,
    }
}

/// Appends live output to its excerpt, after `skipped` bytes that are not known.
pub fn append_output(excerpt: &mut OutputExcerpt, skipped: u64, text: &str) {
    if skipped > 0 {
        excerpt.omitted_bytes += skipped + excerpt.tail.len() as u64;
        excerpt.tail.clear();
    }
    let open = excerpt.tail.is_empty() && excerpt.omitted_bytes == 0;
    let room = if open { EXCERPT_BYTES.saturating_sub(excerpt.head.len()) } else { 0 };
    let (head, rest) = text.split_at(text.floor_char_boundary(room));
    excerpt.head.push_str(head);
    excerpt.tail.push_str(rest);
    if excerpt.tail.len() > EXCERPT_BYTES {
        let cut = excerpt.tail.ceil_char_boundary(excerpt.tail.len() - EXCERPT_BYTES);
        excerpt.tail.drain(..cut);
        excerpt.omitted_bytes += cut as u64;
    }
}

fn find_message<'a>(messages: &'a mut [Message], id: &MessageId) -> Option<&'a mut Message> {
    messages.iter_mut().rev().find(|message| message.id == *id)
}

fn find_part<'a>(messages: &'a mut [Message], id: &PartId) -> Option<&'a mut Part> {
    messages.iter_mut().rev().flat_map(|message| message.parts.iter_mut()).find(|part| part.id == *id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn excerpt_of(pieces: &[&str]) -> OutputExcerpt {
        let mut excerpt = OutputExcerpt::default();
        for piece in pieces {
            append_output(&mut excerpt, 0, piece);
        }
        excerpt
    }

    #[test]
    fn short_output_is_all_head() {
        let excerpt = excerpt_of(&["ab", "cd"]);
        assert_eq!(excerpt, OutputExcerpt { head: "abcd".to_owned(), tail: String::new(), omitted_bytes: 0 });
    }

    #[test]
    fn a_skip_closes_the_head_and_counts() {
        let mut excerpt = excerpt_of(&["ab"]);
        append_output(&mut excerpt, 100, "yz");
        let (head, tail) = ("ab".to_owned(), "yz".to_owned());
        assert_eq!(excerpt, OutputExcerpt { head, tail, omitted_bytes: 100 });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn pieces_make_the_same_excerpt_as_the_whole(pieces in prop::collection::vec("[aä€😀]{0,1500}", 0..20)) {
            let whole = pieces.concat();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let excerpt = excerpt_of(&pieces);
            prop_assert_eq!(&excerpt, &excerpt_of(&[&whole]));
            prop_assert!(excerpt.head.len() <= EXCERPT_BYTES && excerpt.tail.len() <= EXCERPT_BYTES);
            let total = excerpt.head.len() as u64 + excerpt.omitted_bytes + excerpt.tail.len() as u64;
            prop_assert_eq!(total, whole.len() as u64);
        }
    }
}
