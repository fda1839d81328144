//! Models behind OpenAI-compatible chat completion endpoints.

pub(crate) mod answer;
mod body;
mod chunk;
mod error_body;
pub(crate) mod failure;
mod finish;
mod frame;
mod http;
pub(crate) mod model;
mod model_name;
pub mod profile;
mod reasoning_details;
pub mod request;
pub(crate) mod retry;
mod sse;
