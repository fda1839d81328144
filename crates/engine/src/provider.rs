//! Models behind OpenAI-compatible chat completion endpoints.

pub mod access;
pub(crate) mod adapt;
pub(crate) mod answer;
mod body;
pub(crate) mod cache_marks;
mod chunk;
mod error_body;
mod error_kind;
pub(crate) mod estimate;
pub(crate) mod failure;
mod fields;
mod finish;
mod frame;
mod http;
pub(crate) mod model;
pub(crate) mod model_name;
pub mod pictures;
pub mod profile;
pub mod read;
pub mod ready;
mod reasoning_details;
pub mod request;
pub(crate) mod retry;
mod retry_hint;
mod sse;
mod surrogates;

/// What a provider's error answer means: its HTTP status, or `None` for an error inside a stream, and
/// its body, of which the problem quotes the provider's words.
pub fn explain_refusal(status: Option<u16>, body: &str) -> slipway_protocol::Problem {
    let status = status.and_then(|status| ::http::StatusCode::from_u16(status).ok());
    *error_body::ProviderError::from_text(body).classify(status).problem
}
