//! What a provider's error answer means.

use serde_json::Value;
use slipway_protocol::Problem;

/// Most characters of a provider's words that are passed on.
const MAX_WORDS: usize = 2000;

/// Explains an answer with an error: its HTTP status (200 for an error inside a stream) and body.
pub(super) fn explain(status: u16, body: &str) -> Problem {
    let words = words(body);
    let problem = match status {
        401 | 403 => Problem::new(status, "provider_key_rejected", "The model provider rejected the key")
            .hint("Check the key, and that it may use this model."),
        404 => Problem::new(404, "provider_model_not_found", "The model provider does not know the model")
            .hint("Check the model's name and the base URL."),
        429 => {
            Problem::new(429, "provider_rate_limited", "The model provider limits how often it may be called")
                .hint("Wait a little, or check the account's credit.")
        }
        400..=499 => {
            Problem::new(status, "provider_bad_request", "The model provider did not accept the request")
                .hint("The provider's words say what it objects to.")
        }
        _ => Problem::new(502, "provider_overloaded", "The model provider has a fault or is overloaded")
            .hint("Try again in a while."),
    };
    problem.detail(if words.is_empty() { format!("HTTP status {status}") } else { words })
}

fn words(body: &str) -> String {
    let json = serde_json::from_str::<Value>(body).ok();
    let message = json.as_ref().and_then(|json| {
        let error = json.get("error").unwrap_or(json);
        error.get("message").or_else(|| json.get("detail")).unwrap_or(error).as_str()
    });
    message.unwrap_or(body).trim().chars().take(MAX_WORDS).collect()
}
