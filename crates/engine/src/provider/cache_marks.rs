//! Marks up to which a request is to be cached, for providers that cache nothing by themselves (Anthropic's
//! models behind OpenRouter).
//!
//! All texts of such a request are written as parts, so that a mark comes and goes without anything else in the
//! request's bytes changing.

use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::json;

use crate::provider::pictures::Pictures;
use crate::provider::ready::ReadyMessage;
use crate::provider::request::WireMessage;

/// Most marks that a request may carry.
const MOST: usize = 4;

/// Open files before which a mark is set: those that were shown last.
const NEWEST_VIEWS: usize = 2;

/// What is known of a request's messages that tells where a mark is of use.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Landmarks<'a> {
    /// So many of the first messages are as they were in the last request.
    pub(crate) same: usize,
    /// The messages that show open files as they are, by their positions.
    pub(crate) live: &'a [usize],
}

/// Messages as they are sent.
#[derive(Debug)]
pub(crate) struct Messages<'a> {
    messages: &'a [Arc<ReadyMessage>],
    /// What is sent for the pictures in them.
    pictures: &'a Pictures,
    /// The messages that carry a mark, where marks are of use.
    marks: Option<Vec<usize>>,
}

impl<'a> Messages<'a> {
    /// Without marks.
    pub(crate) fn plain(messages: &'a [Arc<ReadyMessage>], pictures: &'a Pictures) -> Self {
        Self { messages, pictures, marks: None }
    }

    /// With marks where they are of use.
    pub(crate) fn marked(
        messages: &'a [Arc<ReadyMessage>],
        pictures: &'a Pictures,
        landmarks: Landmarks<'_>,
    ) -> Self {
        Self { messages, pictures, marks: Some(marks(messages, landmarks)) }
    }
}

impl Serialize for Messages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.messages.len()))?;
        for (position, message) in self.messages.iter().enumerate() {
            let is_marked = self.marks.as_ref().is_some_and(|marks| marks.contains(&position));
            if let WireMessage::Pictures { content } = message.message() {
                let mut parts = self.pictures.filled_in(content);
                if let Some(last) = parts.last_mut().filter(|_| is_marked) {
                    last["cache_control"] = json!({"type": "ephemeral"});
                }
                sequence.serialize_element(&json!({"role": "user", "content": parts}))?;
                continue;
            }
            match self.marks.as_ref().and_then(|_| InParts::of(message, is_marked)) {
                Some(in_parts) => sequence.serialize_element(&in_parts)?,
                None => sequence.serialize_element(message.as_ref())?,
            }
        }
        sequence.end()
    }
}

/// A message that is not the model's, with its text as a part.
#[derive(Serialize)]
struct InParts<'a> {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
    content: [Part<'a>; 1],
}

#[derive(Serialize)]
struct Part<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

#[derive(Serialize)]
struct CacheControl {
    #[serde(rename = "type")]
    kind: &'static str,
}

impl<'a> InParts<'a> {
    /// The message; `None` where it cannot carry a mark: answers are left as they came, and empty parts are refused.
    fn of(message: &'a ReadyMessage, is_marked: bool) -> Option<Self> {
        let (role, tool_call_id, text) = match message.message() {
            WireMessage::System { content } => ("system", None, content),
            WireMessage::User { content } => ("user", None, content),
            WireMessage::Tool { tool_call_id, content } => ("tool", Some(tool_call_id.as_str()), content),
            // Pictures are written elsewhere.
            WireMessage::Assistant(_) | WireMessage::Pictures { .. } => return None,
        };
        let cache_control = is_marked.then_some(CacheControl { kind: "ephemeral" });
        (!text.is_empty()).then_some(Self {
            role,
            tool_call_id,
            content: [Part { kind: "text", text, cache_control }],
        })
    }
}

/// Which messages carry a mark. Always the system prompt (and with it the tools) and the newest message. Where
/// something changed that was sent before, the last message before it: nobody else leads the provider to what it
/// still has. Then the messages just before the open files that were shown last: there the next change will
/// be. What marks are left stand where earlier requests ended.
fn marks(messages: &[Arc<ReadyMessage>], landmarks: Landmarks<'_>) -> Vec<usize> {
    let can_carry = |at: &usize| {
        messages.get(*at).is_some_and(|message| match message.message() {
            WireMessage::Pictures { content } => !content.is_empty(),
            _ => InParts::of(message, true).is_some(),
        })
    };
    let is_answer = |message: &Arc<ReadyMessage>| matches!(message.message(), WireMessage::Assistant(_));
    // The end of the first messages, so many of them.
    let end_of = |count: usize| (1..count).rev().find(can_carry);
    let requests = (1..messages.len()).rev().filter(|end| messages.get(*end).is_some_and(is_answer));
    let last_request = requests.clone().next().unwrap_or_default();
    let changed = (landmarks.same < last_request).then(|| end_of(landmarks.same)).flatten();
    let views = landmarks.live.iter().rev().take(NEWEST_VIEWS).filter_map(|view| end_of(*view));
    let wanted = Some(0).filter(can_carry).into_iter().chain(end_of(messages.len()));
    let mut marks: Vec<usize> = Vec::with_capacity(MOST);
    for mark in wanted.chain(changed).chain(views).chain(requests.filter_map(end_of)) {
        if marks.len() == MOST {
            break;
        }
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::request::WireAssistant;

    fn tool(text: &str) -> WireMessage {
        WireMessage::Tool { tool_call_id: "a".to_owned(), content: text.to_owned() }
    }

    /// System prompt, the person's words, and so many steps of an answer and a result.
    fn messages(steps: usize) -> Vec<Arc<ReadyMessage>> {
        let mut messages = vec![
            WireMessage::System { content: "s".to_owned() },
            WireMessage::User { content: "u".to_owned() },
        ];
        for step in 0..steps {
            messages.extend([WireMessage::Assistant(WireAssistant::default()), tool(&step.to_string())]);
        }
        messages.into_iter().map(|message| Arc::new(ReadyMessage::new(message))).collect()
    }

    fn check(steps: usize, same: usize, live: &[usize], expected: &[usize]) {
        assert_eq!(marks(&messages(steps), Landmarks { same, live }), expected, "{steps} {same} {live:?}");
    }

    #[test]
    fn marks_stand_before_the_views_that_were_shown_last() {
        // Results stand at 3, 5, 7, 9 and 11.
        check(5, 10, &[5, 7], &[0, 11, 5, 3]);
        check(5, 10, &[3, 5, 9], &[0, 11, 7, 3]);
        check(5, 10, &[3, 11], &[0, 11, 9, 1]);
    }

    #[test]
    fn marks_that_no_view_needs_stand_where_earlier_requests_ended() {
        check(5, 10, &[], &[0, 11, 9, 7]);
        check(5, 10, &[3], &[0, 11, 1, 9]);
        check(0, 0, &[], &[0, 1]);
        assert_eq!(marks(&[], Landmarks::default()), [0_usize; 0]);
    }

    #[test]
    fn a_mark_stands_before_what_changed() {
        check(5, 5, &[9, 11], &[0, 11, 3, 9]);
        check(5, 1, &[], &[0, 11, 9, 7]);
    }

    #[test]
    fn texts_are_parts_whether_they_are_marked_or_not() {
        let messages = messages(3);
        let pictures = Pictures::default();
        let sent =
            serde_json::to_value(Messages::marked(&messages, &pictures, Landmarks::default())).expect("JSON");
        let mark = json!({"type": "ephemeral"});
        assert_eq!(sent[7]["content"][0], json!({"type": "text", "text": "2", "cache_control": mark}));
        assert_eq!((&sent[7]["role"], &sent[7]["tool_call_id"]), (&json!("tool"), &json!("a")));
        assert_eq!(sent[1]["content"], json!([{"type": "text", "text": "u"}]));
        assert_eq!(sent[2]["content"], "");
        let plain = serde_json::to_value(Messages::plain(&messages, &pictures)).expect("JSON");
        assert_eq!(plain[7]["content"], "2");
    }
}
