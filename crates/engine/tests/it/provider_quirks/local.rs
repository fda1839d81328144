//! Servers of one's own: Ollama, llama.cpp, vLLM, LM Studio, SGLang.

use serde_json::{Value, json};
use slipway_protocol::run::RunOutcome;

use super::{at, call, chunks, delta, playing};

#[tokio::test]
async fn no_key_and_no_output_limit_is_sent() {
    for profile in ["ollama", "llamacpp", "vllm", "lmstudio", "sglang"] {
        let mut place = at(profile, "qwen3", "{text: ok}").await;
        place.request.model.api_key = String::new();
        place.run().await;
        let body = place.body(0);
        assert!(place.world.model.requests()[0].authorization.is_none(), "{profile}");
        for field in ["max_tokens", "max_completion_tokens", "tool_choice", "n", "user"] {
            assert!(body.get(field).is_none(), "{profile} {field}");
        }
    }
}

fn ends(reason: &Value) -> Value {
    json!({"choices": [{"index": 0, "delta": {"role": null, "content": null}, "finish_reason": reason}]})
}

#[tokio::test]
async fn an_empty_finish_reason_and_a_null_role_are_no_end_and_no_error() {
    let role = json!({"choices": [{"delta": {"role": null, "content": "ok"}, "finish_reason": ""}]});
    let reply = chunks(&[role, ends(&json!("")), ends(&json!("stop"))]);
    for profile in ["ollama", "sglang"] {
        let place = playing(profile, "qwen3", vec![reply.clone()]).await;
        let events = place.run().await;
        assert_eq!(*events.outcome(), RunOutcome::Completed, "{profile}");
        assert_eq!(events.answers()[0].text, "ok");
    }
}

#[tokio::test]
async fn reasoning_is_read_under_the_name_that_each_uses() {
    for (profile, field) in
        [("ollama", "reasoning"), ("vllm", "reasoning"), ("llamacpp", "reasoning_content")]
    {
        let reply =
            chunks(&[delta(&json!({field: "hm"})), delta(&json!({"content": "ok"})), ends(&json!("stop"))]);
        let place = playing(profile, "qwen3", vec![reply]).await;
        assert_eq!(place.run().await.answers()[0].reasoning, "hm", "{profile}");
    }
}

#[tokio::test]
async fn a_model_that_is_called_by_its_file_is_the_model() {
    let steps = "{text: ok, model: /models/qwen3-8b-q4.gguf}";
    assert_eq!(*at("llamacpp", "qwen3", steps).await.run().await.outcome(), RunOutcome::Completed);
    assert_eq!(at("vllm", "qwen3", steps).await.run().await.code(), "provider_wrong_model");
}

#[tokio::test]
async fn ollamas_whole_calls_without_index_are_all_made() {
    let whole = |id: &str| {
        let mut call = call(id, &json!({}));
        call["index"] = Value::Null;
        call
    };
    let calls = delta(&json!({"tool_calls": [whole("a"), whole("b")]}));
    let place =
        playing("ollama", "qwen3", vec![chunks(&[calls, ends(&json!("tool_calls"))]), super::text("ok")])
            .await;
    let events = place.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(place.world.tools.names(), ["write_file", "write_file"]);
}
