//! The many ways to say that the context is too long, each one understood and none of them retried.

use super::{playing, refusal};

/// Who says it, with which status, in which words.
const TEXTS: [(&str, u16, &str); 22] = [
    ("Anthropic", 400, "prompt is too long: 213462 tokens > 200000 maximum"),
    ("Anthropic by size", 413, "request_too_large: Request exceeds the maximum size"),
    ("Bedrock", 400, "Input is too long for requested model."),
    (
        "OpenAI",
        400,
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
    ),
    ("OpenAI by code", 400, r#"{"error":{"message":"too long","code":"context_length_exceeded"}}"#),
    (
        "Gemini",
        400,
        "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
    ),
    ("xAI", 400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens."),
    ("Groq", 400, "Please reduce the length of the messages or completion."),
    (
        "OpenRouter",
        400,
        "This endpoint's maximum context length is 128000 tokens. However, you requested about 150000 tokens",
    ),
    ("Copilot", 400, "prompt token count of 200000 exceeds the limit of 128000"),
    ("llama.cpp", 400, "the request exceeds the available context size, try increasing it"),
    ("LM Studio", 400, "tokens to keep from the initial prompt is greater than the context length"),
    ("MiniMax", 400, "invalid params, context window exceeds limit"),
    ("Kimi", 400, "Invalid request: Your request exceeded model token limit: 262144"),
    (
        "Mistral",
        400,
        "Prompt contains 300000 tokens and is too large for model with 262144 maximum context length",
    ),
    ("Z.ai", 400, r#"{"error":{"code":"1261","message":"Prompt exceeds max length"}}"#),
    ("Ollama", 400, "prompt too long; exceeded max context length by 1024 tokens"),
    (
        "vLLM",
        400,
        r#"{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400}"#,
    ),
    (
        "DeepSeek",
        400,
        "This model's maximum context length is 1000000 tokens. However, you requested 1100000 tokens",
    ),
    ("a token limit", 400, "token limit exceeded"),
    ("Cerebras", 400, ""),
    ("Cerebras by size", 413, ""),
];

/// What speaks of tokens or lengths and is no overflow.
const OTHERS: [(&str, u16, &str, &str); 6] = [
    (
        "OpenAI, tokens per minute",
        429,
        "Request too large for gpt-5.5 on tokens per min (TPM): Limit 30000, Requested 41000.",
        "provider_rate_limited",
    ),
    (
        "Groq, tokens per minute",
        413,
        "Request too large for model on tokens per minute (TPM): Limit 6000",
        "provider_bad_request",
    ),
    (
        "Bedrock, throttled",
        429,
        "ThrottlingException: Too many tokens, please wait before trying again.",
        "provider_rate_limited",
    ),
    (
        "DeepSeek, output limit",
        400,
        "Invalid max_tokens value, the valid range of max_tokens is [1, 393216]",
        "provider_bad_request",
    ),
    ("Z.ai, output limit", 400, "max_tokens exceeds the limit of 131072", "provider_bad_request"),
    (
        "Z.ai, balance",
        429,
        r#"{"error":{"code":"1113","message":"Insufficient balance or no resource package. Please recharge."}}"#,
        "provider_quota_exhausted",
    ),
];

#[tokio::test]
async fn every_known_wording_is_an_overflow_and_is_not_retried() {
    for (who, status, words) in TEXTS {
        let place = playing("custom", "m", vec![refusal(status, &[], words, None)]).await;
        let events = place.run().await;
        assert_eq!(events.code(), "provider_context_overflow", "{who}: {}", events.detail());
        assert!(events.retries().is_empty(), "{who}");
    }
}

#[tokio::test]
async fn what_only_sounds_like_it_is_none() {
    for (who, status, words, code) in OTHERS {
        let place =
            playing("custom", "m", vec![refusal(status, &[("retry-after", "0.001")], words, None)]).await;
        assert_eq!(place.run().await.code(), code, "{who}");
    }
}
