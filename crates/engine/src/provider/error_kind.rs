//! What a provider's refusal means, by status and words.

use crate::provider::failure::Retry;

/// What a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    KeyRejected,
    ModelNotFound,
    QuotaExhausted,
    RateLimited,
    ContextOverflow,
    Refused,
    Overloaded,
    BadRequest,
}

/// Parts of messages by which providers say that the context is too long.
const OVERFLOW: [&str; 22] = [
    "context_length_exceeded",
    "context length",
    "context window",
    "model_context_window_exceeded",
    "maximum context",
    "exceeds the available context size",
    "greater than the context length",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "input token count",
    "too many tokens",
    "maximum prompt length",
    "token limit exceeded",
    "exceeded model token limit",
    "reduce the length of the messages",
    "request too large for model",
    "request_too_large",
    "prompt token count",
    "exceeds max length",
    "exceeds the maximum number of tokens",
    "too large for model with",
];

/// Parts of messages that speak of tokens per minute, not of a prompt's length.
const RATE: [&str; 7] =
    ["rate limit", "rate_limit", "too many requests", "per minute", "per min", "per day", "throttl"];

/// Parts of messages by which providers say that nothing is left to spend.
const QUOTA: [&str; 8] = [
    "insufficient_quota",
    "insufficient balance",
    "insufficient credits",
    "insufficient funds",
    "exceeded_current_quota",
    "requires more credits",
    "credit balance is too low",
    "billing hard limit",
];

impl Kind {
    /// The meaning of a status (0 when there is none) with a lower-case text; `silent` when the provider
    /// said nothing.
    pub(crate) fn of(status: u16, text: &str, silent: bool) -> Self {
        let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        if (says(&OVERFLOW) || status == 413) && !says(&RATE) {
            return Self::ContextOverflow;
        }
        // Google says so of its limits per minute, too, and those pass.
        let quota = says(&["exceeded your current quota"]) && !text.contains("resource_exhausted");
        if status == 402 || quota || says(&QUOTA) {
            return Self::QuotaExhausted;
        }
        if status == 401
            || says(&["invalid_api_key", "incorrect api key", "api key not valid", "invalid api key"])
        {
            return Self::KeyRejected;
        }
        if says(&[
            "content_filter",
            "content_policy",
            "safety system",
            "flagged by",
            "moderation",
            "unsafe or sensitive content",
        ]) {
            return Self::Refused;
        }
        if status == 404
            || says(&[
                "model_not_found",
                "model not found",
                "model not exist",
                "no such model",
                "unknown model",
            ])
            || (text.contains("model") && says(&["does not exist", "is not a valid model"]))
        {
            return Self::ModelNotFound;
        }
        match status {
            403 => Self::KeyRejected,
            429 => Self::RateLimited,
            // Some providers answer an overlong prompt with a bare 400.
            400 if silent => Self::ContextOverflow,
            408 | 409 | 425 | 500.. => Self::Overloaded,
            0 if says(&["rate limit", "rate_limit", "too many requests", "resource_exhausted"]) => {
                Self::RateLimited
            }
            0 if says(&["invalid_request", "invalid request"]) => Self::BadRequest,
            0 => Self::Overloaded,
            _ => Self::BadRequest,
        }
    }

    /// The problem's code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::KeyRejected => "provider_key_rejected",
            Self::ModelNotFound => "provider_model_not_found",
            Self::QuotaExhausted => "provider_quota_exhausted",
            Self::RateLimited => "provider_rate_limited",
            Self::ContextOverflow => "provider_context_overflow",
            Self::Refused => "provider_refused",
            Self::Overloaded => "provider_overloaded",
            Self::BadRequest => "provider_bad_request",
        }
    }

    /// What happened.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::KeyRejected => "The model provider rejected the key",
            Self::ModelNotFound => "The model provider does not know the model",
            Self::QuotaExhausted => "The account with the model provider has no credit left",
            Self::RateLimited => "The model provider limits how often it may be called",
            Self::ContextOverflow => "The conversation is too long for the model",
            Self::Refused => "The model provider withheld the answer",
            Self::Overloaded => "The model provider has a fault or is overloaded",
            Self::BadRequest => "The model provider did not accept the request",
        }
    }

    /// What to do next, given what the provider said in lower case.
    pub(crate) fn hint(self, text: &str) -> &'static str {
        if text.contains("/v1/responses") {
            return "This model takes tools only over another interface than chat completions. Use another \
                    model, or the same one through OpenRouter.";
        }
        match self {
            Self::KeyRejected => "Check the key in the settings, and that it may use this model.",
            Self::ModelNotFound => "Check the model's name and the base URL in the settings.",
            Self::QuotaExhausted => "Add credit at the provider, or use another model.",
            Self::RateLimited => "Wait, then continue; or use another model.",
            Self::ContextOverflow => "Continue in a new conversation, or use a model with a larger window.",
            Self::Refused => "Say it differently, or use another model.",
            Self::Overloaded => "Continue in a while, or use another model.",
            Self::BadRequest => {
                "The provider's words say what it objects to; check the model's extra fields."
            }
        }
    }

    /// Whether making the call again can help.
    pub(crate) fn retry(self) -> Retry {
        match self {
            Self::RateLimited | Self::Overloaded => Retry::Later,
            Self::KeyRejected
            | Self::ModelNotFound
            | Self::QuotaExhausted
            | Self::ContextOverflow
            | Self::Refused
            | Self::BadRequest => Retry::Never,
        }
    }

    /// The status for errors that came without one, inside a stream.
    pub(crate) fn usual_status(self) -> u16 {
        match self {
            Self::KeyRejected => 401,
            Self::ModelNotFound => 404,
            Self::QuotaExhausted => 402,
            Self::RateLimited => 429,
            Self::ContextOverflow => 413,
            Self::Refused => 422,
            Self::Overloaded => 502,
            Self::BadRequest => 400,
        }
    }
}
