//! Pictures in requests: what stands for them in messages, and the bytes that are sent instead.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};
use slipway_protocol::ImageId;

use crate::provider::ready::ReadyMessage;
use crate::provider::request::WireMessage;

/// What stands for a picture that is not to be had.
const GONE: &str = "[Slipway] The picture is not to be had any more.";

/// A part of a message that shows pictures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WirePart {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A picture, by its id; its bytes are put in when the request is written.
    Image {
        /// Its id.
        id: ImageId,
        /// Estimated tokens.
        tokens: u64,
    },
}

/// The bytes of pictures, as data URLs. Holds those of the present request only.
#[derive(Debug, Default)]
pub(crate) struct Pictures(Mutex<HashMap<ImageId, Arc<str>>>);

impl Pictures {
    /// Which of the pictures in these messages are not known yet; forgets all that are not in them.
    pub(crate) fn missing(&self, messages: &[Arc<ReadyMessage>]) -> Vec<ImageId> {
        let wanted: Vec<&ImageId> = messages.iter().flat_map(|message| shown(message.message())).collect();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|id, _| wanted.contains(&id));
        let mut missing: Vec<ImageId> =
            wanted.into_iter().filter(|id| !known.contains_key(*id)).cloned().collect();
        missing.sort();
        missing.dedup();
        missing
    }

    /// Takes note of a picture's bytes.
    pub(crate) fn keep(&self, id: ImageId, data_url: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, data_url.into());
    }

    /// The parts of a message as providers want them.
    pub(crate) fn filled_in(&self, parts: &[WirePart]) -> Vec<Value> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let filled_in = parts.iter().map(|part| match part {
            WirePart::Text { text } => json!({"type": "text", "text": text}),
            WirePart::Image { id, .. } => match known.get(id) {
                Some(url) => json!({"type": "image_url", "image_url": {"url": &**url}}),
                None => json!({"type": "text", "text": GONE}),
            },
        });
        filled_in.collect()
    }
}

/// The pictures that a message shows.
fn shown(message: &WireMessage) -> impl Iterator<Item = &ImageId> {
    let parts = match message {
        WireMessage::Pictures { content } => content.as_slice(),
        _ => &[],
    };
    parts.iter().filter_map(|part| match part {
        WirePart::Image { id, .. } => Some(id),
        WirePart::Text { .. } => None,
    })
}

/// The message as it is for a provider that refuses pictures.
pub(crate) fn in_words(parts: &[WirePart]) -> WireMessage {
    let words = parts.iter().map(|part| match part {
        WirePart::Text { text } => text.as_str(),
        WirePart::Image { .. } => "[Slipway] The picture is left out: the provider refuses pictures.",
    });
    WireMessage::User { content: words.collect::<Vec<_>>().join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(id: &str) -> Arc<ReadyMessage> {
        let content = vec![WirePart::Image { id: id.into(), tokens: 1 }];
        Arc::new(ReadyMessage::new(WireMessage::Pictures { content }))
    }

    #[test]
    fn only_what_is_asked_about_is_kept() {
        let pictures = Pictures::default();
        assert_eq!(pictures.missing(&[picture("a"), picture("b"), picture("a")]), ["a".into(), "b".into()]);
        pictures.keep("a".into(), "data:a".to_owned());
        assert_eq!(pictures.missing(&[picture("a"), picture("b")]), ["b".into()]);
        assert!(pictures.missing(&[]).is_empty());
        assert_eq!(pictures.missing(&[picture("a")]), ["a".into()]);
    }
}
