//! The body of a chat completion request. What is projected is what goes out, byte for byte.

use serde::Serialize;
use serde_json::{Map, Value, json};
use slipway_protocol::ConversationId;
use slipway_protocol::run::ModelEndpoint;
use slipway_protocol::tool::ToolSpec;

use crate::provider::profile::Profile;

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
}

/// A request: the constant parts around the messages.
#[derive(Debug, Serialize)]
pub(crate) struct ChatRequest<'a> {
    #[serde(flatten)]
    before: &'a Map<String, Value>,
    messages: &'a [WireMessage],
    #[serde(flatten)]
    after: &'a Map<String, Value>,
}

impl RequestFrame {
    /// The constant parts for a model and its tools.
    pub(crate) fn new(
        profile: &Profile,
        endpoint: &ModelEndpoint,
        conversation: &ConversationId,
        tools: &[ToolSpec],
        max_output_tokens: Option<u32>,
    ) -> Self {
        let facts = profile.model(&endpoint.model);
        let mut before = Map::new();
        before.insert("model".to_owned(), json!(endpoint.model));
        if !tools.is_empty() {
            before.insert("tools".to_owned(), tools.iter().map(tool).collect());
        }
        let mut after = Map::new();
        after.insert("stream".to_owned(), json!(true));
        after.insert("stream_options".to_owned(), json!({"include_usage": true}));
        if let Some(tokens) = max_output_tokens.filter(|_| !profile.max_tokens_field.is_empty()) {
            let most = facts.and_then(|facts| facts.max_output).unwrap_or(u32::MAX);
            // Servers reject what does not fit into the window together with the input.
            let half = profile.window(endpoint).map_or(u64::MAX, |window| window / 2);
            after.insert(profile.max_tokens_field.clone(), json!(u64::from(tokens.min(most)).min(half)));
        }
        if profile.sends_cache_key {
            after.insert("prompt_cache_key".to_owned(), json!(conversation.as_str()));
        }
        let model_extras = facts.into_iter().flat_map(|facts| &facts.extras);
        let own = |name: &str| matches!(name, "model" | "tools" | "messages");
        for (name, value) in profile
            .extras
            .iter()
            .chain(model_extras)
            .chain(&endpoint.extra_body)
            .filter(|(name, _)| !own(name))
        {
            // The last one wins; the person's own fields come last. Taking away is saying null.
            before.shift_remove(name);
            after.shift_remove(name);
            if !value.is_null() {
                after.insert(name.clone(), value.clone());
            }
        }
        Self { before, after }
    }

    /// The request for these messages.
    pub(crate) fn with<'a>(&'a self, messages: &'a [WireMessage]) -> ChatRequest<'a> {
        ChatRequest { before: &self.before, messages, after: &self.after }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::profile::profile;

    fn sent(profile_name: &str, model: &str, extra: &Value) -> Value {
        let endpoint = ModelEndpoint {
            profile: profile_name.to_owned(),
            base_url: String::new(),
            api_key: String::new(),
            model: model.to_owned(),
            extra_body: extra.as_object().cloned().unwrap_or_default(),
            context_window: None,
        };
        let frame = RequestFrame::new(profile(profile_name), &endpoint, &"conv".into(), &[], Some(32_768));
        let messages = [WireMessage::User { content: "hi".to_owned() }];
        serde_json::to_value(frame.with(&messages)).expect("JSON")
    }

    #[test]
    fn each_profile_sends_what_its_provider_expects() {
        let openai = sent("openai", "gpt-5.5", &json!({}));
        assert_eq!(openai["max_completion_tokens"], 32_768);
        assert_eq!(openai["prompt_cache_key"], "conv");
        assert!(openai.get("max_tokens").is_none() && openai.get("tools").is_none());
        assert!(sent("ollama", "qwen3", &json!({})).get("max_tokens").is_none());
        let nvidia = sent("nvidia", "deepseek-ai/deepseek-v4-pro", &json!({}));
        assert_eq!(nvidia["chat_template_kwargs"]["thinking"], true);
        assert_eq!(sent("anthropic", "claude-opus-4-7", &json!({}))["max_tokens"], 32_768);
    }

    #[test]
    fn the_persons_own_fields_win_and_null_takes_away() {
        let extra = json!({"thinking": {"type": "disabled"}, "stream_options": null, "model": "other", "messages": []});
        let zai = sent("zai", "glm-5.2", &extra);
        assert_eq!(zai["thinking"], json!({"type": "disabled"}));
        assert_eq!(zai["model"], "glm-5.2");
        assert!(zai.get("stream_options").is_none());
        assert_eq!(zai["messages"][0], json!({"role": "user", "content": "hi"}));
    }
}
