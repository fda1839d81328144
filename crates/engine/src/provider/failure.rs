//! Why a model call failed, and whether making it again can help.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use slipway_protocol::Problem;

/// A failed model call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{problem}")]
pub(crate) struct CallFailure {
    /// What to tell the person; `retry_after_ms` is the wait that the provider asked for.
    pub(crate) problem: Box<Problem>,
    /// Whether to make the call again.
    pub(crate) retry: Retry,
    /// Whether it may cost something although it failed.
    pub(crate) billing: Billing,
}

/// Whether a failed call may be on the provider's bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Billing {
    /// The provider may have worked on it.
    Possible,
    /// The provider did not get it or turned it down; only what it had answered all the same can count.
    Refused,
}

/// Whether making a call again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Retry {
    /// It would fail in the same way.
    Never,
    /// The cause may pass.
    Later,
}

impl CallFailure {
    /// A failure that will happen again.
    pub(crate) fn permanent(problem: Problem) -> Self {
        Self { problem: Box::new(problem), retry: Retry::Never, billing: Billing::Possible }
    }

    /// A failure that may pass.
    pub(crate) fn passing(problem: Problem) -> Self {
        Self { problem: Box::new(problem), retry: Retry::Later, billing: Billing::Possible }
    }

    /// Nothing answers at the provider's address.
    pub(crate) fn unreachable(detail: impl Into<String>) -> Self {
        Self::passing(
            Problem::new(502, "provider_unreachable", "The model provider cannot be reached")
                .detail(detail)
                .hint("Check the base URL and the network; for a local server, check that it runs."),
        )
        .not_billed()
    }

    /// The connection stood, but nothing came for too long.
    pub(crate) fn silent(waited: Duration) -> Self {
        Self::passing(
            Problem::new(504, "provider_timeout", "The model provider does not answer")
                .detail(format!("nothing came for {} seconds", waited.as_secs_f32()))
                .hint("Try again; if it stays so, check the provider's status page."),
        )
    }

    /// The answer ended before it was complete.
    pub(crate) fn cut(detail: impl Into<String>) -> Self {
        Self::passing(
            Problem::new(502, "provider_stream_cut", "The model's answer was cut off")
                .detail(detail)
                .hint("Continue to ask the model again."),
        )
    }

    /// The answer is not what the interface promises.
    pub(crate) fn not_understood(detail: impl Into<String>) -> Self {
        Self::passing(
            Problem::new(502, "provider_bad_answer", "The model provider's answer cannot be understood")
                .detail(detail)
                .hint("Check that the base URL is that of an OpenAI-compatible API, version part included."),
        )
    }

    /// The provider is somewhere else.
    pub(crate) fn redirected(target: &str) -> Self {
        Self::permanent(
            Problem::new(502, "provider_bad_answer", "The model provider's address redirects elsewhere")
                .detail(format!("it points to {target}; the key is not sent there"))
                .hint("If you trust that address, make it the base URL."),
        )
        .not_billed()
    }

    /// The provider withheld the answer.
    pub(crate) fn refused(detail: impl Into<String>) -> Self {
        Self::permanent(
            Problem::new(422, "provider_refused", "The model provider withheld the answer")
                .detail(detail)
                .hint("Say it differently, or use another model."),
        )
    }

    /// The answer went on and on.
    pub(crate) fn endless(detail: impl Into<String>) -> Self {
        Self::permanent(
            Problem::new(502, "model_answer_too_long", "The model's answer does not end")
                .detail(detail)
                .hint("Ask for less at a time, or use another model."),
        )
    }

    /// The conversation does not fit into the model's window.
    pub(crate) fn overflow(detail: impl Into<String>) -> Self {
        Self::permanent(
            Problem::new(413, "provider_context_overflow", "The conversation is too long for the model")
                .detail(detail)
                .hint("Continue in a new conversation, or use a model with a larger window."),
        )
    }

    /// Another model answered than was asked for.
    pub(crate) fn wrong_model(asked: &str, answered: &str) -> Self {
        Self::permanent(
            Problem::new(502, "provider_wrong_model", "Another model answered than was asked for")
                .detail(format!("asked for `{asked}`, but `{answered}` answered"))
                .hint("Choose the model that answers, or a provider that serves the one you want."),
        )
    }

    /// A model that takes no tools over chat completions is of no use: it is not even asked.
    pub(crate) fn takes_no_tools(model: &str) -> Self {
        Self::permanent(
            Problem::new(422, "provider_model_without_tools", "This model takes no tools here")
                .detail(format!("`{model}` takes tools only over another interface than chat completions"))
                .hint(
                    "Choose another model, or the same one through OpenRouter. If your server serves it with \
                     tools all the same, say so in a profile file (refuses_tools = false).",
                ),
        )
    }

    /// The same failure, of which is known that the provider did not work on the call.
    #[must_use]
    pub(crate) fn not_billed(mut self) -> Self {
        self.billing = Billing::Refused;
        self
    }

    /// The same failure with the id under which the provider knows the request, so that it can be asked
    /// about it.
    #[must_use]
    pub(crate) fn with_request_id(mut self, id: &str) -> Self {
        self.problem.detail.push_str(&format!(" (the provider's request id: {id})"));
        self
    }

    /// The same failure with the key replaced by stars wherever a provider quoted it.
    #[must_use]
    pub(crate) fn without_secret(mut self, secret: &str) -> Self {
        self.problem.detail = mask(&self.problem.detail, secret);
        self
    }
}

/// `text` with every occurrence of `secret` replaced by stars.
fn mask(text: &str, secret: &str) -> String {
    // A very short "key" is a placeholder such as `x`, and replacing it would garble the text.
    if secret.len() < 6 { text.to_owned() } else { text.replace(secret, "***") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_key_is_masked() {
        let failure = CallFailure::unreachable("bad key sk-secret-1 (sk-secret-1)");
        assert_eq!(failure.without_secret("sk-secret-1").problem.detail, "bad key *** (***)");
        let failure = CallFailure::unreachable("exact text");
        assert_eq!(failure.without_secret("x").problem.detail, "exact text");
    }
}
