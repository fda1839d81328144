//! Requests that a provider refused for something that a changed request does without.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::provider::failure::CallFailure;
use crate::provider::pictures::in_words;
use crate::provider::profile::Profile;
use crate::provider::ready::ReadyMessage;
use crate::provider::request::{RequestFrame, WireMessage};

/// What Google accepts in place of a thought signature.
pub(crate) const SKIP_SIGNATURE: &str = "skip_thought_signature_validator";

/// How requests are changed from what they would be. Each change is made at most once in a run, when the
/// provider has refused a request without it, and then holds to the run's end.
#[derive(Debug, Default)]
pub(crate) struct Adaptations {
    /// Signatures are left out: they belong to another key or route.
    no_signatures: AtomicBool,
    /// The model is told not to reason: it takes tools only so.
    no_effort: AtomicBool,
    /// Pictures are left out: the model does not see, whatever its profile says.
    no_pictures: AtomicBool,
}

impl Adaptations {
    /// Takes up what the refusal of these messages asks for; `false` when it asks for nothing, or for nothing new.
    pub(crate) fn adopt(&self, failure: &CallFailure, messages: &[Arc<ReadyMessage>]) -> bool {
        let words = failure.problem.detail.to_lowercase();
        let code = failure.problem.code.as_str();
        if refuses_pictures(code, &words) && messages.iter().any(|ready| shows_pictures(ready)) {
            return !self.no_pictures.swap(true, Ordering::Relaxed);
        }
        if code != "provider_bad_request" {
            return false;
        }
        let change = if words.contains("thought signature") || words.contains("thought_signature") {
            &self.no_signatures
        } else if words.contains("function tools with reasoning_effort are not supported") {
            &self.no_effort
        } else {
            return false;
        };
        !change.swap(true, Ordering::Relaxed)
    }

    /// The constant parts of requests as they are to be sent.
    pub(crate) fn frame<'a>(&self, frame: &'a RequestFrame) -> Cow<'a, RequestFrame> {
        if self.no_effort.load(Ordering::Relaxed) {
            return Cow::Owned(frame.with_field("reasoning_effort", json!("none")));
        }
        Cow::Borrowed(frame)
    }

    /// The messages as they are to be sent.
    pub(crate) fn messages<'a>(
        &self,
        profile: &Profile,
        messages: &'a [Arc<ReadyMessage>],
    ) -> Cow<'a, [Arc<ReadyMessage>]> {
        let no_pictures = self.no_pictures.load(Ordering::Relaxed);
        let no_signatures = self.no_signatures.load(Ordering::Relaxed);
        if !no_signatures && !no_pictures {
            return Cow::Borrowed(messages);
        }
        let mut messages = messages.to_vec();
        for ready in &mut messages {
            if no_pictures && let WireMessage::Pictures { content } = ready.message() {
                *ready = Arc::new(ReadyMessage::new(in_words(content)));
            } else if no_signatures && let WireMessage::Assistant(answer) = ready.message() {
                let mut answer = answer.clone();
                answer.opaque.shift_remove("reasoning_details");
                for (position, call) in answer.tool_calls.iter_mut().enumerate() {
                    call.opaque.shift_remove("extra_content");
                    if profile.google_thought_signatures && position == 0 {
                        call.opaque.insert("extra_content".to_owned(), skipped_signature());
                    }
                }
                *ready = Arc::new(ReadyMessage::new(WireMessage::Assistant(answer)));
            }
        }
        Cow::Owned(messages)
    }
}

/// Whether a refusal is one of pictures. Some providers say so as if the model were missing (OpenRouter) or they
/// themselves were at fault (llama.cpp, Ollama), some only that a message's content must be a text.
fn refuses_pictures(code: &str, words: &str) -> bool {
    match code {
        "provider_bad_request" => ["image", "multimodal", "vision", "must be a string", "expected a string"]
            .iter()
            .any(|part| words.contains(part)),
        "provider_model_not_found" | "provider_overloaded" => words.contains("image"),
        _ => false,
    }
}

fn shows_pictures(ready: &ReadyMessage) -> bool {
    matches!(ready.message(), WireMessage::Pictures { .. })
}

/// What stands for the signature of a call that has none.
pub(crate) fn skipped_signature() -> Value {
    json!({"google": {"thought_signature": SKIP_SIGNATURE}})
}
