//! Reads lists of models, each provider's in its own form.

use serde_json::Value;
use slipway_protocol::api::{ModelPrices, OfferedModel};

/// Where a model's window may be told: OpenRouter and Together, Groq, vLLM, Mistral, llama.cpp, Anthropic.
const WINDOWS: [&str; 6] = [
    "/context_length",
    "/context_window",
    "/max_model_len",
    "/max_context_length",
    "/meta/n_ctx",
    "/max_input_tokens",
];

/// Where the most that it may write may be told.
const OUTPUTS: [&str; 4] =
    ["/top_provider/max_completion_tokens", "/max_completion_tokens", "/max_output_tokens", "/max_tokens"];

/// OpenAI's form with whatever more a provider tells; `None` when it is no list.
pub(super) fn models(answer: &Value) -> Option<Vec<OfferedModel>> {
    let items = answer.get("data").or_else(|| answer.get("models")).unwrap_or(answer).as_array()?;
    Some(items.iter().filter_map(model).collect())
}

fn model(item: &Value) -> Option<OfferedModel> {
    let name = item.get("id").or_else(|| item.get("name")).and_then(Value::as_str)?;
    let first = |pointers: &[&str]| {
        pointers.iter().find_map(|pointer| item.pointer(pointer).and_then(Value::as_u64).filter(|n| *n > 0))
    };
    Some(OfferedModel {
        // Google's names begin with their place.
        name: name.strip_prefix("models/").unwrap_or(name).to_owned(),
        context_window: first(&WINDOWS),
        max_output: first(&OUTPUTS),
        prices: item.get("pricing").and_then(prices),
    })
}

/// OpenRouter's prices, which are per token and written as text.
fn prices(pricing: &Value) -> Option<ModelPrices> {
    let per_million = |field: &str| {
        let value = pricing.get(field)?;
        let per_token = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
        // Routers say -1 where the price depends.
        (per_token >= 0.0).then(|| (per_token * 1e12).round() / 1e6)
    };
    let (input, output) = (per_million("prompt")?, per_million("completion")?);
    Some(ModelPrices { input, cached: per_million("input_cache_read").unwrap_or(input), output })
}

/// LM Studio's own form, which also lists models that do not chat. A window is known only of loaded models.
pub(super) fn lmstudio(answer: &Value) -> Option<Vec<OfferedModel>> {
    let items = answer.get("data")?.as_array()?;
    let chats = |item: &&Value| item.get("type").is_none_or(|kind| kind == "llm" || kind == "vlm");
    let models = items.iter().filter(chats).filter_map(|item| {
        Some(OfferedModel {
            name: item.get("id")?.as_str()?.to_owned(),
            context_window: item.get("loaded_context_length").and_then(Value::as_u64),
            max_output: None,
            prices: None,
        })
    });
    Some(models.collect())
}

/// The names in Ollama's `/api/tags`.
pub(super) fn ollama_names(tags: &Value) -> Option<Vec<String>> {
    let items = tags.get("models")?.as_array()?;
    let name = |item: &Value| item.get("model").or_else(|| item.get("name"))?.as_str().map(str::to_owned);
    Some(items.iter().filter_map(name).collect())
}

/// The window of a loaded model, by Ollama's `/api/ps`.
pub(super) fn ollama_loaded(loaded: &Value, name: &str) -> Option<u64> {
    let items = loaded.get("models")?.as_array()?;
    let same =
        |item: &&Value| ["model", "name"].iter().any(|field| item.get(*field).is_some_and(|is| is == name));
    items.iter().find(same)?.get("context_length")?.as_u64().filter(|window| *window > 0)
}

/// The window that a model is set to, by Ollama's `/api/show`: the line `num_ctx 32768` of its parameters.
pub(super) fn ollama_set(shown: &Value) -> Option<u64> {
    let parameters = shown.get("parameters")?.as_str()?;
    parameters.lines().find_map(|line| line.trim().strip_prefix("num_ctx")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn windows_and_prices_are_found_where_each_provider_tells_them() {
        let list = json!({"data": [
            {"id": "a/b", "context_length": 1000, "top_provider": {"max_completion_tokens": 100},
             "pricing": {"prompt": "0.00000132", "completion": "0.00000396", "input_cache_read": "0.000000044"}},
            {"id": "auto", "pricing": {"prompt": "-1", "completion": "-1"}},
            {"id": "vllm", "max_model_len": 4096},
            {"id": "llama", "meta": {"n_ctx": 8192, "n_ctx_train": 131_072}},
            {"name": "models/gemini-x", "context_window": 0},
            {"object": "no name"},
        ]});
        let found = models(&list).unwrap();
        assert_eq!(found.len(), 5);
        assert_eq!((found[0].context_window, found[0].max_output), (Some(1000), Some(100)));
        assert_eq!(found[0].prices, Some(ModelPrices { input: 1.32, cached: 0.044, output: 3.96 }));
        assert_eq!(found[1].prices, None);
        assert_eq!((found[2].context_window, found[3].context_window), (Some(4096), Some(8192)));
        assert_eq!((found[4].name.as_str(), found[4].context_window), ("gemini-x", None));
        assert_eq!(models(&json!({"error": "no"})), None);
    }

    #[test]
    fn local_servers_tell_the_window_in_effect() {
        let loaded = json!({"models": [{"name": "q:8b", "model": "q:8b", "context_length": 4096}]});
        assert_eq!(ollama_loaded(&loaded, "q:8b"), Some(4096));
        assert_eq!(ollama_loaded(&loaded, "other"), None);
        let shown = json!({"parameters": "temperature 0.6\nnum_ctx                        32768\n"});
        assert_eq!(ollama_set(&shown), Some(32_768));
        assert_eq!(ollama_set(&json!({"parameters": "stop x"})), None);
        let studio = json!({"data": [
            {"id": "a", "type": "llm", "loaded_context_length": 8192, "max_context_length": 131_072},
            {"id": "b", "type": "llm", "max_context_length": 131_072},
            {"id": "e", "type": "embeddings"},
        ]});
        let found = lmstudio(&studio).unwrap();
        assert_eq!(found.iter().map(|model| model.context_window).collect::<Vec<_>>(), [Some(8192), None]);
    }

    proptest! {
        #[test]
        fn any_json_is_read(text in r#"[\[\]{}":,a-z0-9.-]{0,60}"#) {
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                let _ = (models(&value), lmstudio(&value), ollama_names(&value), ollama_set(&value));
            }
        }
    }
}
