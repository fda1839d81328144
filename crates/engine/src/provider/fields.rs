//! The fields of a request beside model, tools and messages: the profile's, the model's and the person's own.

use serde_json::{Map, Value, json};
use slipway_protocol::ConversationId;
use slipway_protocol::run::ModelEndpoint;

use crate::provider::profile::{Profile, merge};

/// Fields that the person's own must not replace.
const RESERVED: [&str; 3] = ["model", "tools", "messages"];

/// The fields that follow the messages. The person's own win over the profile's; objects are merged, and
/// null takes a field away.
pub(crate) fn after_messages(
    profile: &Profile,
    endpoint: &ModelEndpoint,
    conversation: &ConversationId,
    max_output_tokens: Option<u32>,
) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("stream".to_owned(), json!(true));
    fields.insert("stream_options".to_owned(), json!({"include_usage": true}));
    if let Some(tokens) = max_output_tokens.filter(|_| !profile.max_tokens_field.is_empty()) {
        let most = profile.model(&endpoint.model).and_then(|facts| facts.max_output).unwrap_or(u32::MAX);
        // Servers reject what does not fit into the window together with the input.
        let half = profile.window(endpoint).map_or(u64::MAX, |window| window / 2);
        fields.insert(profile.max_tokens_field.clone(), json!(u64::from(tokens.min(most)).min(half)));
    }
    if profile.sends_cache_key {
        fields.insert("prompt_cache_key".to_owned(), json!(conversation.as_str()));
    }
    merge(&mut fields, &profile.extras);
    let mut own = endpoint.extra_body.clone();
    own.retain(|name, _| !RESERVED.contains(&name.as_str()));
    merge(&mut fields, &own);
    settle_effort(profile, &endpoint.model, &mut fields);
    settle_temperature(profile, &mut fields);
    fields
}

/// Whether the fields do not switch reasoning off.
pub(crate) fn thinks(fields: &Map<String, Value>) -> bool {
    let kind = fields.get("thinking").and_then(|thinking| thinking.get("type"));
    let template = fields.get("chat_template_kwargs");
    let refuses = |name: &str| template.and_then(|template| template.get(name)) == Some(&Value::Bool(false));
    kind.is_none_or(|kind| kind != "disabled") && !refuses("thinking") && !refuses("enable_thinking")
}

/// Says how hard to think in the provider's own words.
fn settle_effort(profile: &Profile, model: &str, fields: &mut Map<String, Value>) {
    let stated = fields.get("reasoning_effort").and_then(Value::as_str);
    let known = stated.and_then(|effort| profile.efforts.get(&effort.to_lowercase()));
    match known.map(String::as_str) {
        None => {}
        Some("") => {
            fields.shift_remove("reasoning_effort");
            merge(fields, &profile.thinking_off);
        }
        Some(effort) => {
            fields.insert("reasoning_effort".to_owned(), json!(effort));
        }
    }
    let always = profile.model(model).is_some_and(|facts| facts.always_thinks);
    if always && !thinks(fields) {
        for name in profile.thinking_off.keys() {
            fields.shift_remove(name);
            if let Some(usual) = profile.extras.get(name) {
                fields.insert(name.clone(), usual.clone());
            }
        }
    }
    // An effort together with the order not to think is a contradiction that providers reject.
    if !thinks(fields) && !profile.thinking_off.is_empty() {
        fields.shift_remove("reasoning_effort");
    }
}

fn settle_temperature(profile: &Profile, fields: &mut Map<String, Value>) {
    let stated = fields.get("temperature").and_then(Value::as_f64);
    if let (Some(stated), Some(most)) = (stated, profile.max_temperature)
        && stated > most
    {
        fields.insert("temperature".to_owned(), json!(most));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::profile::profile;

    fn sent(profile_name: &str, model: &str, extra: &Value) -> Map<String, Value> {
        let endpoint = ModelEndpoint {
            profile: profile_name.to_owned(),
            base_url: String::new(),
            api_key: String::new(),
            model: model.to_owned(),
            extra_body: extra.as_object().cloned().unwrap_or_default(),
            context_window: None,
            sees: None,
            payment: None,
        };
        after_messages(&profile(profile_name).for_model(model), &endpoint, &"conv".into(), Some(32_768))
    }

    #[test]
    fn each_profile_sends_what_its_provider_expects() {
        let openai = sent("openai", "gpt-5.5", &json!({}));
        assert_eq!(openai["max_completion_tokens"], 32_768);
        assert_eq!(openai["prompt_cache_key"], "conv");
        assert!(!openai.contains_key("max_tokens") && !openai.contains_key("reasoning_effort"));
        assert_eq!(sent("openai", "gpt-5.6", &json!({}))["reasoning_effort"], "none");
        assert!(!sent("ollama", "qwen3", &json!({})).contains_key("max_tokens"));
        let nvidia = sent("nvidia", "deepseek-ai/deepseek-v4-pro", &json!({}));
        assert_eq!(nvidia["chat_template_kwargs"]["thinking"], true);
        assert_eq!(sent("anthropic", "claude-opus-4-7", &json!({}))["max_tokens"], 32_768);
    }

    #[test]
    fn the_persons_own_fields_win_and_null_takes_away() {
        let extra = json!({"thinking": {"type": "disabled"}, "stream_options": null, "model": "other", "messages": []});
        let zai = sent("zai", "glm-5.2", &extra);
        assert_eq!(zai["thinking"]["type"], "disabled");
        assert!(!zai.contains_key("stream_options"));
        assert!(!zai.contains_key("model") && !zai.contains_key("messages"));
        let elsewhere = sent("openrouter", "z-ai/glm-5.1", &json!({"provider": {"only": ["novita"]}}));
        assert_eq!(
            elsewhere["provider"],
            json!({"require_parameters": true, "only": ["novita"], "allow_fallbacks": false})
        );
        let anywhere = sent("openrouter", "z-ai/glm-5.1", &json!({"provider": null}));
        assert!(!anywhere.contains_key("provider"));
    }

    fn check_effort(profile: &str, model: &str, extra: &Value, effort: Option<&str>, thinking: Option<&str>) {
        let fields = sent(profile, model, extra);
        assert_eq!(fields.get("reasoning_effort").and_then(Value::as_str), effort, "{extra}");
        let kind = fields.get("thinking").and_then(|thinking| thinking.get("type")).and_then(Value::as_str);
        assert_eq!(kind, thinking, "{extra}");
    }

    #[test]
    fn efforts_are_said_in_the_providers_words() {
        for (stated, wanted) in
            [("minimal", "low"), ("medium", "high"), ("xhigh", "high"), ("ULTRA", "max"), ("max", "max")]
        {
            let extra = json!({"reasoning_effort": stated});
            check_effort("deepseek", "deepseek-v4-pro", &extra, Some(wanted), None);
        }
        for stated in ["off", "none"] {
            let extra = json!({"reasoning_effort": stated});
            check_effort("deepseek", "deepseek-v4-pro", &extra, None, Some("disabled"));
            check_effort("zai", "glm-5.2", &extra, None, Some("disabled"));
            check_effort("zai", "glm-5.3", &extra, None, Some("enabled"));
        }
        let both = json!({"reasoning_effort": "high", "thinking": {"type": "disabled"}});
        check_effort("deepseek", "deepseek-v4-pro", &both, None, Some("disabled"));
        check_effort("openai", "gpt-5.5", &json!({"reasoning_effort": "none"}), Some("none"), None);
    }

    #[test]
    fn a_temperature_that_is_too_high_is_lowered() {
        assert_eq!(sent("anthropic", "claude-opus-4-7", &json!({"temperature": 1.5}))["temperature"], 1.0);
        assert_eq!(sent("anthropic", "claude-opus-4-7", &json!({"temperature": 0.5}))["temperature"], 0.5);
        assert_eq!(sent("openai", "gpt-5.4", &json!({"temperature": 1.5}))["temperature"], 1.5);
    }
}
