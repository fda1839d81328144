//! Marks up to which a request is to be cached, for providers that cache nothing by themselves (Anthropic's
//! models behind OpenRouter).

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::{Value, json};

use crate::provider::request::WireMessage;

/// Messages as they are sent, marked or not.
#[derive(Debug)]
pub(crate) struct Messages<'a> {
    pub(crate) messages: &'a [WireMessage],
    pub(crate) marked: bool,
}

impl Serialize for Messages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let marks = if self.marked { marks(self.messages) } else { Vec::new() };
        let mut sequence = serializer.serialize_seq(Some(self.messages.len()))?;
        for (position, message) in self.messages.iter().enumerate() {
            if marks.contains(&position) {
                sequence.serialize_element(&marked(message).map_err(serde::ser::Error::custom)?)?;
            } else {
                sequence.serialize_element(message)?;
            }
        }
        sequence.end()
    }
}

/// Which messages carry a mark: the system prompt (and with it the tools), the newest message, and those
/// that were the newest in the two requests before, where the cache has entries. Four are allowed.
fn marks(messages: &[WireMessage]) -> Vec<usize> {
    let text = |message: &WireMessage| match message {
        WireMessage::System { content }
        | WireMessage::User { content }
        | WireMessage::Tool { content, .. } => !content.is_empty(),
        WireMessage::Assistant(_) => false,
    };
    let is_answer = |message: &WireMessage| matches!(message, WireMessage::Assistant(_));
    let mut marks: Vec<usize> = messages.first().filter(|first| text(first)).map(|_| 0).into_iter().collect();
    // Each request ended before an answer, and the newest ends at the end.
    let ends = (1..=messages.len()).rev().filter(|end| messages.get(*end).is_none_or(is_answer));
    let ends = ends.map(|end| end - 1).filter(|last| *last > 0 && messages.get(*last).is_some_and(text));
    marks.extend(ends.take(3));
    marks
}

/// The message with its text as a part that carries a mark.
fn marked(message: &WireMessage) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(message)?;
    if let Some(content) = value.get_mut("content") {
        *content = json!([{"type": "text", "text": content.take(), "cache_control": {"type": "ephemeral"}}]);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::request::WireAssistant;

    #[test]
    fn the_ends_of_the_newest_requests_are_marked() {
        let tool = |text: &str| WireMessage::Tool { tool_call_id: "a".to_owned(), content: text.to_owned() };
        let answer = || WireMessage::Assistant(WireAssistant::default());
        let messages = [
            WireMessage::System { content: "s".to_owned() },
            WireMessage::User { content: "u".to_owned() },
            answer(),
            tool("1"),
            tool("2"),
            answer(),
            tool("3"),
            answer(),
            tool("4"),
        ];
        assert_eq!(marks(&messages), [0, 8, 6, 4]);
        assert_eq!(marks(&messages[..2]), [0, 1]);
        assert_eq!(marks(&[]), [0_usize; 0]);
        let sent = serde_json::to_value(Messages { messages: &messages, marked: true }).expect("JSON");
        assert_eq!(sent[8]["content"][0]["text"], "4");
        assert_eq!(sent[8]["content"][0]["cache_control"]["type"], "ephemeral");
        assert_eq!((&sent[8]["role"], &sent[8]["tool_call_id"]), (&json!("tool"), &json!("a")));
        assert_eq!(sent[3]["content"], "1");
        let plain = serde_json::to_value(Messages { messages: &messages, marked: false }).expect("JSON");
        assert_eq!(plain[8]["content"], "4");
    }
}
