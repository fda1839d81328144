//! The body of a chat completion request. What is projected is what goes out, byte for byte.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};
use slipway_protocol::ConversationId;
use slipway_protocol::run::ModelEndpoint;
use slipway_protocol::tool::ToolSpec;

use crate::provider::cache_marks::{Landmarks, Messages};
use crate::provider::fields;
use crate::provider::pictures::{Pictures, WirePart};
use crate::provider::profile::Profile;
use crate::provider::ready::ReadyMessage;

/// A message to the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum WireMessage {
    /// What the model is told once, before everything else.
    System {
        /// The text.
        content: String,
    },
    /// What somebody said, or what Slipway has to say when there is no tool result to say it in.
    User {
        /// The text.
        content: String,
    },
    /// Pictures that came of the calls before it. Most servers refuse them in the results themselves, so
    /// that they stand behind those, as if somebody showed them.
    #[serde(rename = "user")]
    Pictures {
        /// Words and pictures in turn.
        content: Vec<WirePart>,
    },
    /// What the model answered.
    Assistant(WireAssistant),
    /// What a tool call came to.
    Tool {
        /// The call.
        tool_call_id: String,
        /// The text.
        content: String,
    },
}

/// An answer of the model, as it is sent back.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct WireAssistant {
    /// Visible text; always sent, because some providers reject a null.
    pub content: String,
    /// Reasoning, where the provider wants it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_content: Option<String>,
    /// Calls that it made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<WireCall>,
    /// Uninterpreted fields of the provider.
    #[serde(flatten)]
    pub opaque: Map<String, Value>,
}

/// A tool call, as it is sent back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WireCall {
    /// Its id.
    pub id: String,
    /// Always `function`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What was called.
    pub function: WireFunction,
    /// Uninterpreted fields of the provider.
    #[serde(flatten)]
    pub opaque: Map<String, Value>,
}

/// The function of a tool call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WireFunction {
    /// Its name.
    pub name: String,
    /// Its arguments as JSON text.
    pub arguments: String,
}

/// The parts of requests that stay the same for a whole run.
#[derive(Debug, Clone)]
pub(crate) struct RequestFrame {
    before: Map<String, Value>,
    after: Map<String, Value>,
    /// Name of the field that limits the output; empty when there is none.
    output_field: String,
    /// Whether messages carry cache marks.
    cache_marks: bool,
}

/// A request: the constant parts around the messages.
#[derive(Debug, Serialize)]
pub(crate) struct ChatRequest<'a> {
    #[serde(flatten)]
    before: &'a Map<String, Value>,
    messages: Messages<'a>,
    #[serde(flatten)]
    after: Cow<'a, Map<String, Value>>,
}

impl RequestFrame {
    /// The constant parts for a model and its tools. `profile` is the one for the model
    /// ([`Profile::for_model`]).
    pub(crate) fn new(
        profile: &Profile,
        endpoint: &ModelEndpoint,
        conversation: &ConversationId,
        tools: &[ToolSpec],
        max_output_tokens: Option<u32>,
    ) -> Self {
        let mut before = Map::new();
        before.insert("model".to_owned(), json!(endpoint.model));
        if !tools.is_empty() {
            before.insert("tools".to_owned(), tools.iter().map(tool).collect());
        }
        let after = fields::after_messages(profile, endpoint, conversation, max_output_tokens);
        let output_field = profile.max_tokens_field.clone();
        Self { before, after, output_field, cache_marks: profile.cache_marks }
    }

    /// Whether the model is not told to do without reasoning.
    pub(crate) fn thinks(&self) -> bool {
        fields::thinks(&self.after)
    }

    /// The same parts with a field of the request's own set.
    #[must_use]
    pub(crate) fn with_field(&self, name: &str, value: Value) -> Self {
        let mut frame = self.clone();
        frame.after.insert(name.to_owned(), value);
        frame
    }

    /// The request for these messages; with `output` tokens of output at most, where that is given and
    /// requests name a limit at all.
    pub(crate) fn with<'a>(
        &'a self,
        messages: &'a [Arc<ReadyMessage>],
        pictures: &'a Pictures,
        landmarks: Landmarks<'_>,
        output: Option<u64>,
    ) -> ChatRequest<'a> {
        let mut after = Cow::Borrowed(&self.after);
        if let Some(output) = output.filter(|_| self.output_limit().is_some()) {
            after.to_mut().insert(self.output_field.clone(), json!(output));
        }
        let messages = if self.cache_marks {
            Messages::marked(messages, pictures, landmarks)
        } else {
            Messages::plain(messages, pictures)
        };
        ChatRequest { before: &self.before, messages, after }
    }

    /// The messages as a request has them, with pictures by their ids.
    pub(crate) fn written(&self, messages: &[Arc<ReadyMessage>], landmarks: Landmarks<'_>) -> Vec<Value> {
        let pictures = Pictures::default();
        let request = self.with(messages, &pictures, landmarks, None);
        let Ok(Value::Array(mut written)) = serde_json::to_value(&request.messages) else {
            return Vec::new();
        };
        for (written, ready) in written.iter_mut().zip(messages) {
            let (WireMessage::Pictures { content }, Some(parts)) =
                (ready.message(), written.get_mut("content").and_then(Value::as_array_mut))
            else {
                continue;
            };
            for (part, shown) in parts.iter_mut().zip(content) {
                if let WirePart::Image { .. } = shown {
                    *part = json!(shown);
                }
            }
        }
        written
    }

    /// Most output tokens that requests ask for; `None` when they name no limit.
    pub(crate) fn output_limit(&self) -> Option<u64> {
        self.after.get(&self.output_field)?.as_u64()
    }

    /// Length of everything but the messages, in bytes of JSON.
    pub(crate) fn size(&self) -> usize {
        [&self.before, &self.after]
            .iter()
            .map(|part| serde_json::to_string(part).map_or(0, |text| text.len()))
            .sum()
    }
}

fn tool(spec: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": spec.name,
            "description": spec.description,
            "parameters": spec.parameters,
        },
    })
}
