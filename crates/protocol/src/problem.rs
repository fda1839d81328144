//! Errors as data: what happened, why, and what to do next.

use serde::{Deserialize, Serialize};

/// A failure that a person or a program can act on. Over HTTP it is sent as `application/problem+json`
/// (RFC 9457), of which `code` and `hint` are extensions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, thiserror::Error)]
#[error("{title}: {detail}")]
pub struct Problem {
    /// Stable machine-readable name, for example `provider_key_rejected`.
    pub code: String,
    /// What happened, in one short sentence without a full stop.
    pub title: String,
    /// Why: the particulars of this occurrence. May quote a provider's message; never holds a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What to do next; empty when nothing can be done.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// HTTP status that this problem was or would be answered with.
    pub status: u16,
    /// How long to wait before a retry can help, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Problem {
    /// A problem with a status, a stable code and a title; detail and hint can be added.
    pub fn new(status: u16, code: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            title: title.into(),
            detail: String::new(),
            hint: String::new(),
            status,
            retry_after_ms: None,
        }
    }

    /// Adds why it happened.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}
